"""Characters that fill parts of a cell, by the parts they fill.

A pattern is a number with one bit for each part of the cell, from the left to the right and from
the top to the bottom; bit 0 is the part at the top left.
"""

from dataclasses import dataclass

SHADES = " ░▒▓█"
"""From nothing to a full cell."""


@dataclass(frozen=True)
class GlyphSet:
    """A way to divide a cell, and characters that fill some of its parts."""

    columns: int
    rows: int
    patterns: tuple[int, ...]
    """Which parts each character fills; the first fills none."""
    glyphs: str
    """As many characters as patterns."""

    @property
    def parts(self) -> int:
        """Parts of a cell."""
        return self.columns * self.rows


def _every(columns: int, rows: int, glyphs: str) -> GlyphSet:
    """A set with a character for every pattern, in their order."""
    return GlyphSet(columns, rows, tuple(range(1 << columns * rows)), glyphs)


def _elements() -> GlyphSet:
    """Block Elements, which nearly all fonts have: quadrants, and eighths from below and left."""
    columns, rows = 4, 8
    found: dict[int, str] = {}

    def add(glyph: str, left: int, top: int, right: int, bottom: int) -> int:
        cells = [
            row * columns + column for row in range(top, bottom) for column in range(left, right)
        ]
        pattern = sum(1 << cell for cell in cells)
        found.setdefault(pattern, glyph)
        return pattern

    add(" ", 0, 0, 0, 0)
    corners = [(0, 0, 2, 4), (2, 0, 4, 4), (0, 4, 2, 8), (2, 4, 4, 8)]
    quarters = [add("▘▝▖▗"[n], *corner) for n, corner in enumerate(corners)]
    for number, glyph in enumerate(_QUADRANTS):
        pattern = sum(part for bit, part in enumerate(quarters) if number >> bit & 1)
        found.setdefault(pattern, glyph)
    for eighths, glyph in enumerate("▁▂▃▄▅▆▇", 1):
        add(glyph, 0, rows - eighths, columns, rows)
    for quarter, glyph in enumerate("▎▌▊", 1):
        add(glyph, 0, 0, quarter, rows)
    return GlyphSet(columns, rows, tuple(found), "".join(found.values()))


_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"


def _sextants() -> str:
    """Symbols for Legacy Computing: in the order of patterns, without those that existed."""
    known = {0: " ", 21: "▌", 42: "▐", 63: "█"}
    free = iter(range(0x1FB00, 0x1FB3C))
    return "".join(known.get(pattern) or chr(next(free)) for pattern in range(64))


def _octants() -> str:
    """Unicode 16: in the order of patterns, without those that existed."""
    known = {
        0x00: " ", 0x01: "\U0001cea8", 0x02: "\U0001ceab", 0x03: "\U0001fb82", 0x05: "▘",
        0x0A: "▝", 0x0F: "▀", 0x14: "\U0001fbe6", 0x28: "\U0001fbe7", 0x3F: "\U0001fb85",
        0x40: "\U0001cea3", 0x50: "▖", 0x55: "▌", 0x5A: "▞", 0x5F: "▛", 0x80: "\U0001cea0",
        0xA0: "▗", 0xA5: "▚", 0xAA: "▐", 0xAF: "▜", 0xC0: "▂", 0xF0: "▄", 0xF5: "▙",
        0xFA: "▟", 0xFC: "▆", 0xFF: "█",
    }  # fmt: skip
    free = iter(range(0x1CD00, 0x1CDE6))
    return "".join(known.get(pattern) or chr(next(free)) for pattern in range(256))


GLYPH_SETS = {
    "quadrants": _elements(),
    "halves": _every(1, 2, " ▀▄█"),
    "sextants": _every(2, 3, _sextants()),
    "octants": _every(2, 4, _octants()),
}
"""By the names that the setting `blocks` takes; fonts have the first two nearly always."""
