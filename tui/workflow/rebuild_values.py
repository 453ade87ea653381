"""Values from files that anybody may have written, as the database may have them."""

import re
import time

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def usable_id(text: str | None) -> str | None:
    """The text if it may stand as the id of something, else None."""
    return text if text is not None and _ID.fullmatch(text) else None


def plausible(when: float | None, otherwise: float) -> float:
    """A time in seconds since 1970 that can be shown; the other one where it is none."""
    return when if when is not None and 0 < when <= time.time() + 86_400 else otherwise
