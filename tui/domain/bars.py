"""Numbers as block letters: one row of them, or several."""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def bars(values: Sequence[float], full: float | None = None) -> str:
    """One letter for each number, from 0 to `full`; to the largest of them without."""
    top = max((*values, 0.0)) if full is None else full
    tallest = len(_BARS) - 1
    return "".join(
        _BARS[max(0, min(tallest, round(value / top * tallest)))] if top > 0 else _BARS[0]
        for value in values
    )


def towers(values: Sequence[float], rows: int) -> tuple[str, ...]:
    """The same over several rows, the upper one first, up to the largest.

    A column is empty for 0 alone: what is there at all shows.
    """
    top, most = max((*values, 0.0)), rows * len(_BARS)
    heights = [max(1, round(value / top * most)) if value > 0 else 0 for value in values]
    letters = f" {_BARS}"
    return tuple(
        "".join(letters[max(0, min(len(_BARS), height - below))] for height in heights)
        for below in range(most - len(_BARS), -1, -len(_BARS))
    )
