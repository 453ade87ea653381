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
from tui.terminal.strips import framed, gap

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


def tinted(pixels: Levels, mask: Levels) -> Levels:
    """The pixels, height × width × 3, with a checked tint as strong as the mask at each."""
    height, width = mask.shape
    rows, columns = np.indices((height, width))
    tint = _TINTS[(rows // 2 + columns) % 2]
    alpha = (mask.astype(np.float32) * (_HALF / 255))[..., np.newaxis]
    # However little of a pixel is masked, it shows.
    alpha = np.where(alpha > 0, np.maximum(alpha, 0.2), 0)
    return np.asarray(pixels * (1 - alpha) + tint * alpha, np.float32).astype(np.uint8)


def mask_lines(
    pixels: Levels, spots: list[Spot], size: tuple[int, int], *, has_colour: bool
) -> list[Strip]:
    """The lines of a view with the pixels in its middle, two rows of them in a row of cells.

    Args:
        pixels: height × width × 3, as many columns as cells, and twice as many rows.
        spots: signs on them.
        size: columns and rows of the view.
        has_colour: whether there are colours; if not, cells are filled as much as they are light.
    """
    signs: dict[int, dict[int, str]] = {}
    for spot in spots:
        signs.setdefault(spot.row, {})[spot.column] = spot.sign
    height, wide = len(pixels) // 2, pixels.shape[1]
    left = (size[0] - wide) // 2
    packed = pixels.astype(np.int64) @ np.array((1 << 16, 1 << 8, 1))
    cells = ((packed[0 : 2 * height : 2] << 24) | packed[1 : 2 * height : 2]).tolist()
    draw, on_top = (_half, _on_top) if has_colour else (_shade, _no_style)
    lines = []
    for row in range(height):
        here = signs.get(row, {})
        segments = [
            Segment(here[column], on_top(both)) if column in here else draw(both)
            for column, both in enumerate(cells[row])
        ]
        lines.append(Strip([gap(left), *segments], left + wide))
    return framed(lines, size[0], (size[1] - height) // 2, size[1])


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
