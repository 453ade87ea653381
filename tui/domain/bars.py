"""Numbers as a row of block letters."""

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
