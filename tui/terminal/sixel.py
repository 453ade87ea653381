"""Sixels by textual-image, without asking the terminal anything.

textual-image probes the terminal when it is imported and when it first needs the cell size. Late
answers to such probes arrive as key presses, which a program driven by keys cannot afford; so
both answers are given before the probe can be made.
"""

import sys
import threading
from functools import lru_cache

from PIL import Image
from rich.console import Console

_LOCK = threading.Lock()
"""Pictures are made by several threads."""
_COLUMNS, _ROWS = 500, 300
"""More than a picture takes."""


def sixels(picture: Image.Image, columns: int, rows: int, cell: tuple[int, int]) -> str:
    """What draws the picture, mode RGB, at the cursor into that many cells of `cell` pixels."""
    with _LOCK:
        _answer_probes_beforehand(cell)
    from textual_image.renderable.sixel import Image as SixelImage

    scaled = picture.resize((columns * cell[0], rows * cell[1]), Image.Resampling.LANCZOS)
    console = Console(width=_COLUMNS, height=_ROWS, color_system="truecolor", legacy_windows=False)
    renderable = SixelImage(scaled, width=columns, height=rows)
    for segment in renderable.__rich_console__(console, console.options):
        if getattr(segment, "text", "").startswith("\x1bP"):
            return str(segment.text)
    raise AssertionError("textual-image made no sixels")


def at(sequence: str, column: int, row: int) -> str:
    """The sixels drawn from that cell on, counted from 0; the cursor stays where it is."""
    return f"\x1b7\x1b[{row + 1};{column + 1}H{sequence}\x1b8"


@lru_cache(maxsize=1)
def _answer_probes_beforehand(cell: tuple[int, int]) -> None:
    # Without a standard output it makes no probe while it is imported.
    real, sys.__stdout__ = sys.__stdout__, None  # type: ignore[misc]
    try:
        from textual_image import _terminal

        size = _terminal.CellSize(*cell)
        # The results of its probes are kept for good: 0.13 and later have one, 0.12 had three.
        if hasattr(_terminal, "probe_terminal"):
            known = _terminal.TerminalCapabilities(size, sixel=False, tgp=False)
            _terminal.probe_terminal._result = known
        else:
            _terminal.get_cell_size._result = size
        import textual_image.renderable.sixel
    finally:
        sys.__stdout__ = real  # type: ignore[misc]
    assert textual_image.renderable.sixel.Image
