"""A span of time as one says it, with no more precision than is known."""


def about(seconds: float) -> str:
    """`a few seconds`, `under a minute`, `about 2 min`, `about 3 h`."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 50:
        return "under a minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        # From ten minutes on nobody knows to the minute.
        return f"about {max(1, minutes) if minutes < 10 else 5 * round(minutes / 5)} min"
    return f"about {round(minutes / 60)} h"
