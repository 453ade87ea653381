"""A picture in half blocks with a tint where it is masked, and signs on top."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.imaging.pixels import Levels
from tui.terminal.glyphs import SHADES
from tui.terminal.strips import blank, framed, gap

_TINTS = np.array(((255, 60, 60), (60, 0, 10)), np.float32)
"""Light and dark in turn: without colour the tint is still a pattern."""
_HALF = 0.55
"""How much of the tint shows where all of it is masked."""


_BOLD = Style(bold=True)


@dataclass(frozen=True)
class Spot:
    """One sign on the picture."""

    row: int
    column: int
    sign: str


def line(a: tuple[int, int], b: tuple[int, int]) -> list[Spot]:
    """Dots from cell to cell."""
    steps = max(abs(b[0] - a[0]), abs(b[1] - a[1]), 1)
    parts = [step / steps for step in range(steps + 1)]
    return [
        Spot(round(a[0] + (b[0] - a[0]) * part), round(a[1] + (b[1] - a[1]) * part), "·")
        for part in parts
    ]


def outline(a: tuple[int, int], b: tuple[int, int]) -> list[Spot]:
    """A box with these corners."""
    (top, bottom), (left, right) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    spots = [Spot(row, column, "─") for row in (top, bottom) for column in range(left, right + 1)]
    spots += [Spot(row, column, "│") for column in (left, right) for row in range(top, bottom + 1)]
    corners = ((top, left, "┌"), (top, right, "┐"), (bottom, left, "└"), (bottom, right, "┘"))
    return spots + [Spot(*corner) for corner in corners]


def tinted(pixels: Levels, mask: Levels) -> Levels:
    """The pixels, height × width × 3, with a checked tint as strong as the mask at each."""
    height, width = mask.shape
    rows, columns = np.indices((height, width))
    tint = _TINTS[(rows // 2 + columns) % 2]
    alpha = (mask.astype(np.float32) * (_HALF / 255))[..., np.newaxis]
    # However little of a pixel is masked, it shows.
    alpha = np.where(alpha > 0, np.maximum(alpha, 0.2), 0)
    return np.asarray(pixels * (1 - alpha) + tint * alpha, np.float32).astype(np.uint8)


class MaskLines:
    """The lines of a view with a masked picture in its middle; those that stay are not made anew.

    A press changes few lines. The others remain the very same strips, so that nothing of them has
    to be written to the terminal again, nor be turned into what is written.
    """

    def __init__(self) -> None:
        self._frame: object = None
        """What decides where the picture stands, and how cells are drawn."""
        self._rows: list[tuple[list[int], dict[int, str]]] = []
        """Colours and signs of each row of cells."""
        self._lines: list[Strip] = []

    def lines(
        self, pixels: Levels, spots: list[Spot], size: tuple[int, int], *, has_colour: bool
    ) -> list[Strip]:
        """The lines, two rows of pixels in a row of cells.

        Args:
            pixels: height × width × 3, as many columns as cells, and twice as many rows.
            spots: signs on them.
            size: columns and rows of the view.
            has_colour: whether there are colours; if not, cells are as full as they are light.
        """
        signs: dict[int, dict[int, str]] = {}
        for spot in spots:
            signs.setdefault(spot.row, {})[spot.column] = spot.sign
        height, wide = len(pixels) // 2, pixels.shape[1]
        left, top = (size[0] - wide) // 2, (size[1] - height) // 2
        packed = pixels.astype(np.int64) @ np.array((1 << 16, 1 << 8, 1))
        cells = ((packed[0 : 2 * height : 2] << 24) | packed[1 : 2 * height : 2]).tolist()
        rows = [(row, signs.get(number, {})) for number, row in enumerate(cells)]
        frame = size, height, wide, has_colour
        if frame != self._frame:
            self._frame, self._rows = frame, []
            self._lines = framed([blank(size[0])] * height, size[0], top, size[1])
        lines = list(self._lines)
        for number, row in enumerate(rows):
            if not self._rows or row != self._rows[number]:
                segments = _row(*row, has_colour=has_colour)
                lines[top + number] = Strip([gap(left), *segments], left + wide)
        self._rows, self._lines = rows, lines
        return lines


def _row(cells: list[int], signs: dict[int, str], *, has_colour: bool) -> list[Segment]:
    draw, on_top = (_half, _on_top) if has_colour else (_shade, _no_style)
    return [
        Segment(signs[column], on_top(both)) if column in signs else draw(both)
        for column, both in enumerate(cells)
    ]


@lru_cache(maxsize=20_000)
def _half(both: int) -> Segment:
    """Two pixels in a cell; between two presses nearly all of them stay as they are."""
    return Segment("▀", Style.from_color(_colour(both >> 24), _colour(both & 0xFFFFFF)))


def _colour(pixel: int) -> Color:
    return Color.from_triplet(ColorTriplet(pixel >> 16, pixel >> 8 & 255, pixel & 255))


def _on_top(both: int) -> Style:
    """Black on a light place, white on a dark one."""
    sign, ground = (0, 0xFFFFFF) if _lightness(both >> 24) > 127 else (0xFFFFFF, 0)
    return Style.from_color(_colour(sign), _colour(ground)) + Style(bold=True)


@lru_cache(maxsize=20_000)
def _shade(both: int) -> Segment:
    light = (_lightness(both >> 24) + _lightness(both & 0xFFFFFF)) / 2
    return Segment(SHADES[round(light / 255 * (len(SHADES) - 1))], Style.null())


def _no_style(_both: int) -> Style:
    return _BOLD


def _lightness(pixel: int) -> float:
    red, green, blue = _colour(pixel).get_truecolor()
    return red * 0.3 + green * 0.6 + blue * 0.1
