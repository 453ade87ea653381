"""Pictures in two colours a cell: the pattern and the colours that come nearest to its pixels."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.color import Color, ColorSystem

from tui.imaging.pixels import Levels
from tui.terminal.glyphs import SHADES, GlyphSet

_ALIKE = 6
"""Two colours of a cell that differ less than this in every channel are one."""
_LIGHTNESS = np.array((0.299, 0.587, 0.114), np.float32)
_ORDER = np.array(((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5)), np.float32)
"""Bayer's matrix: which of neighbouring cells is rounded up first."""


@dataclass(frozen=True)
class Cells:
    """A picture in cells: rows × columns of them."""

    signs: npt.NDArray[np.int64]
    """Which of the glyphs each cell has; 0 is the one that fills nothing."""
    front: Levels
    """rows × columns × 3."""
    back: Levels
    """rows × columns × 3."""
    glyphs: GlyphSet

    def as_pixels(self) -> Levels:
        """What is seen: a pixel for each part of a cell."""
        rows, columns = self.signs.shape
        patterns = np.array(self.glyphs.patterns)[self.signs]
        bits = (patterns[..., None] >> np.arange(self.glyphs.parts)) & 1
        colours = np.where(bits[..., None] > 0, self.front[:, :, None], self.back[:, :, None])
        parts = colours.reshape(rows, columns, self.glyphs.rows, self.glyphs.columns, 3)
        height, width = rows * self.glyphs.rows, columns * self.glyphs.columns
        return np.asarray(parts.transpose(0, 2, 1, 3, 4).reshape(height, width, 3), np.uint8)


def fit(picture: Image.Image, columns: int, rows: int, glyphs: GlyphSet) -> Cells:
    """The picture, mode RGB, in that many cells, as near as two colours a cell allow."""
    size = (columns * glyphs.columns, rows * glyphs.rows)
    small = picture.resize(size, Image.Resampling.BOX)
    pixels = np.asarray(small, np.float32)
    parts = pixels.reshape(rows, glyphs.rows, columns, glyphs.columns, 3)
    # parts × (cells, channels): one matrix product sums every pattern of every cell.
    flat = parts.transpose(1, 3, 0, 2, 4).reshape(glyphs.parts, -1)
    signs, masks = _divisions(glyphs)
    inside = (masks @ flat).reshape(len(signs), -1, 3)
    whole = flat.sum(axis=0).reshape(-1, 3)
    outside = whole - inside
    count = masks.sum(axis=1)[:, None]
    rest = glyphs.parts - count
    # The squared error is least where the sum of squared sums, each by its count, is largest.
    gain = (inside**2).sum(axis=2) / count + (outside**2).sum(axis=2) / rest
    best = gain.argmax(axis=0)
    cells = np.arange(len(best))
    front = inside[best, cells] / count[best]
    back = outside[best, cells] / rest[best]
    alike = np.abs(front - back).max(axis=1) < _ALIKE
    back = np.where(alike[:, None], whole / glyphs.parts, back)
    found = np.where(alike, 0, signs[best])
    shape = (rows, columns, 3)
    return Cells(
        found.reshape(rows, columns),
        (front + 0.5).astype(np.uint8).reshape(shape),
        (back + 0.5).astype(np.uint8).reshape(shape),
        glyphs,
    )


def in_256_colours(cells: Cells) -> Cells:
    """The same with colours of the 6 × 6 × 6 cube and the greys of 256-colour terminals."""
    return Cells(cells.signs, _nearest(cells.front), _nearest(cells.back), cells.glyphs)


def shades(picture: Image.Image, columns: int, rows: int, *, dark: bool) -> list[str]:
    """The picture without colour, a string a row; `dark` says that cells are dark where empty."""
    small = picture.resize((columns, rows), Image.Resampling.BOX)
    light = np.asarray(small, np.float32) @ _LIGHTNESS / 255
    if not dark:
        light = 1 - light
    order = np.tile(_ORDER / 16, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    levels = np.clip((light * (len(SHADES) - 1) + order).astype(int), 0, len(SHADES) - 1)
    return ["".join(SHADES[level] for level in row) for row in levels.tolist()]


@lru_cache
def _divisions(glyphs: GlyphSet) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Every way to divide a cell into two colours, once: the glyph, and its parts as 0 and 1."""
    full = (1 << glyphs.parts) - 1
    seen = {0, full}
    signs = []
    for sign, pattern in enumerate(glyphs.patterns):
        if pattern not in seen:
            seen |= {pattern, full ^ pattern}
            signs.append(sign)
    patterns = np.array(glyphs.patterns)[signs]
    bits = (patterns[:, None] >> np.arange(glyphs.parts)) & 1
    return np.array(signs), bits.astype(np.float32)


def _nearest(colours: Levels) -> Levels:
    shown, sent = _palette()
    flat = colours.reshape(-1, 3).astype(np.float32)
    # The square of a colour itself is the same for all it is compared with.
    best = ((shown**2).sum(axis=1) - 2 * (flat @ shown.T)).argmin(axis=1)
    return np.asarray(sent[best].reshape(colours.shape), np.uint8)


@lru_cache
def _palette() -> tuple[npt.NDArray[np.float32], Levels]:
    """Colours that Rich can be made to send, and what it has to be given for each."""
    steps = (0, 95, 135, 175, 215, 255)
    shown = [(r, g, b) for r in steps for g in steps for b in steps]
    sent = list(shown)
    for number in range(24):
        # Rich takes the 24 greys for steps of a 25th of the way to white.
        shown.append((8 + 10 * number,) * 3)
        sent.append((round(255 * (number + 1) / 25),) * 3)
    known = [
        (there, given) for there, given in zip(shown, sent, strict=True) if _arrives(given) == there
    ]
    return (
        np.array([there for there, _ in known], np.float32),
        np.array([given for _, given in known], np.uint8),
    )


def _arrives(colour: tuple[int, int, int]) -> tuple[int, ...]:
    return tuple(Color.from_rgb(*colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor())
