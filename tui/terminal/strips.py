"""Lines of a widget from a picture's cells."""

from functools import lru_cache
from itertools import groupby

import numpy as np
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.terminal.blocks import Cells

_PACKED = np.array((1 << 16, 1 << 8, 1))


def block_strips(cells: Cells, width: int, top: int, height: int) -> list[Strip]:
    """The cells in the middle of that many columns, `top` rows down of that many rows."""
    rows, columns = cells.signs.shape
    left = (width - columns) // 2
    glyphs = cells.glyphs.glyphs
    front = cells.front.astype(np.int64) @ _PACKED
    back = cells.back.astype(np.int64) @ _PACKED
    # A cell of one colour has no front, so that neighbours of the same colour are one piece.
    both = np.where(cells.signs == 0, -1 - back, front << 24 | back).tolist()
    signs = cells.signs.tolist()
    lines = []
    for row in range(rows):
        place, segments = 0, []
        for colours, same in groupby(both[row]):
            end = place + len(list(same))
            text = "".join(glyphs[sign] for sign in signs[row][place:end])
            segments.append(Segment(text, _style(colours)))
            place = end
        lines.append(_centred(segments, columns, left, width))
    return framed(lines, width, top, height)


def text_strips(
    texts: list[str], columns: int, width: int, top: int, height: int, style: Style
) -> list[Strip]:
    """The same from lines of text, each `columns` cells wide, in one style."""
    left = (width - columns) // 2
    lines = [_centred([Segment(text, style)], columns, left, width) for text in texts]
    return framed(lines, width, top, height)


def gap(width: int) -> Segment:
    """Empty cells; of no style, but with one: without colours Textual asks every piece for its."""
    return Segment(" " * width, Style.null())


def blank(width: int) -> Strip:
    """An empty line."""
    return Strip([gap(width)], width)


def framed(lines: list[Strip], width: int, top: int, height: int) -> list[Strip]:
    """The lines with empty ones above and below them."""
    empty = blank(width)
    below = max(0, height - top - len(lines))
    return [empty] * top + lines + [empty] * below


def _centred(segments: list[Segment], columns: int, left: int, width: int) -> Strip:
    if left:
        segments.insert(0, gap(left))
    if width > left + columns:
        segments.append(gap(width - left - columns))
    return Strip(segments, width)


@lru_cache(maxsize=20_000)
def _style(both: int) -> Style:
    """Two colours, or the one behind a cell without a front."""
    if both < 0:
        return Style.from_color(None, _colour(-1 - both))
    return Style.from_color(_colour(both >> 24), _colour(both & 0xFFFFFF))


def _colour(pixel: int) -> Color:
    return Color.from_triplet(ColorTriplet(pixel >> 16, pixel >> 8 & 255, pixel & 255))
