"""A picture in half blocks with a tint where it is masked, and signs on top."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from tui.imaging.pixels import Levels

_TINTS = np.array(((255, 60, 60), (60, 0, 10)), np.float32)
"""Light and dark in turn: without colour the tint is still a pattern."""
_HALF = 0.55
"""How much of the tint shows where all of it is masked."""


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


class MaskCells:
    """Draws two rows of pixels into each row of cells."""

    def __init__(self, pixels: Levels, spots: list[Spot], left: int, top: int) -> None:
        self._pixels, self._left, self._top = pixels, left, top
        self._signs: dict[int, dict[int, str]] = {}
        for spot in spots:
            self._signs.setdefault(spot.row, {})[spot.column] = spot.sign

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        """Segments, a line a row."""
        for _ in range(self._top):
            yield Segment.line()
        height = len(self._pixels) // 2
        packed = self._pixels.astype(np.int64) @ np.array((1 << 16, 1 << 8, 1))
        cells = ((packed[0 : 2 * height : 2] << 24) | packed[1 : 2 * height : 2]).tolist()
        for row in range(height):
            if self._left:
                yield Segment(" " * self._left)
            signs = self._signs.get(row)
            if signs is None:
                yield from map(_half, cells[row])
            else:
                for column, both in enumerate(cells[row]):
                    sign = signs.get(column)
                    yield _half(both) if sign is None else Segment(sign, _on_top(both))
            yield Segment.line()


@lru_cache(maxsize=20_000)
def _half(both: int) -> Segment:
    """Two pixels in a cell; between two presses nearly all of them stay as they are."""
    return Segment("▀", Style.from_color(_colour(both >> 24), _colour(both & 0xFFFFFF)))


def _colour(pixel: int) -> Color:
    return Color.from_triplet(ColorTriplet(pixel >> 16, pixel >> 8 & 255, pixel & 255))


def _on_top(both: int) -> Style:
    """Black on a light place, white on a dark one."""
    red, green, blue = _colour(both >> 24).get_truecolor()
    light = red * 0.3 + green * 0.6 + blue * 0.1 > 127
    sign, ground = (0, 0xFFFFFF) if light else (0xFFFFFF, 0)
    return Style.from_color(_colour(sign), _colour(ground)) + Style(bold=True)
