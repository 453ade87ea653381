"""Pictures as half blocks, by textual-image's renderer, without asking the terminal anything.

textual-image probes the terminal when it is imported and when it first needs the cell size. Late
answers to such probes arrive as key presses, which a program driven by keys cannot afford; so
both answers are given before the probe can be made.
"""

import sys

from PIL import Image
from rich.console import RenderableType

CELL_PIXELS = (10, 20)
"""Assumed size of a cell; only the ratio matters for half blocks."""


def half_cells(picture: Image.Image, columns: int, rows: int) -> RenderableType:
    """A picture drawn into that many cells, two pixels a cell."""
    from textual_image.renderable.halfcell import Image as HalfcellImage

    found: RenderableType = HalfcellImage(picture, width=columns, height=rows)
    return found


def fitted(size: tuple[int, int], columns: int, rows: int) -> tuple[int, int]:
    """The most cells a picture of that size fills without changing its proportions.

    Args:
        size: width and height in pixels.
        columns: cells there are.
        rows: cells there are.
    """
    width, height = size
    if min(width, height, columns, rows) <= 0:
        return 0, 0
    ratio = CELL_PIXELS[1] / CELL_PIXELS[0]
    wide = min(columns, max(1, round(rows * ratio * width / height)))
    tall = min(rows, max(1, round(wide * height / width / ratio)))
    return wide, tall


def _answer_probes_beforehand() -> None:
    from textual_image import _terminal

    cell = _terminal.CellSize(*CELL_PIXELS)
    # The results of its probes are kept for good: 0.13 and later have one probe, 0.12 had three.
    if hasattr(_terminal, "probe_terminal"):
        known = _terminal.TerminalCapabilities(cell, sixel=False, tgp=False)
        _terminal.probe_terminal._result = known
    else:
        _terminal.get_cell_size._result = cell
    # Without a standard output 0.12 makes no probe while it is imported.
    real, sys.__stdout__ = sys.__stdout__, None  # type: ignore[misc]
    try:
        import textual_image.renderable
    finally:
        sys.__stdout__ = real  # type: ignore[misc]
    assert textual_image.renderable.HalfcellImage


_answer_probes_beforehand()
