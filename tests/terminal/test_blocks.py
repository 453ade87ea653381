"""Blocks: as near to the picture as two colours a cell allow, with few colours, with none."""

import unicodedata

import numpy as np
import pytest
from PIL import Image
from rich.color import Color, ColorSystem

from tests.terminal.conftest import painting
from tui.imaging.pixels import Levels
from tui.store.settings import BLOCKS
from tui.terminal.blocks import Cells, fit, in_256_colours, shades
from tui.terminal.fitting import fitted
from tui.terminal.glyphs import GLYPH_SETS, SHADES


def two_colours_a_cell(name: str, columns: int, rows: int) -> Levels:
    """Pixels of which every cell looks like a glyph of this set in two colours."""
    glyphs, rng = GLYPH_SETS[name], np.random.default_rng(5)
    signs = rng.integers(0, len(glyphs.glyphs), (rows, columns))
    front, back = rng.integers(0, 256, (2, rows, columns, 3)).astype(np.uint8)
    return Cells(signs, front, back, glyphs).as_pixels()


@pytest.mark.parametrize("name", BLOCKS)
def test_what_can_be_shown_exactly_is(name: str) -> None:
    pixels = two_colours_a_cell(name, 20, 10)
    cells = fit(Image.fromarray(pixels), 20, 10, GLYPH_SETS[name])
    # Nearly equal colours of a cell are shown as one.
    assert np.abs(cells.as_pixels().astype(int) - pixels).max() <= 4


@pytest.mark.parametrize("name", BLOCKS)
def test_no_other_pattern_or_colours_would_be_nearer(name: str) -> None:
    glyphs = GLYPH_SETS[name]
    size = (6 * glyphs.columns, 4 * glyphs.rows)
    small = painting(3).resize(size, Image.Resampling.BOX)
    cells = fit(small, 6, 4, glyphs)
    pixels = np.asarray(small, float)
    best = ((cells.as_pixels() - pixels) ** 2).sum()
    for pattern in glyphs.patterns:
        bits = np.array([pattern >> n & 1 for n in range(glyphs.parts)])
        mask = np.tile(bits.reshape(glyphs.rows, glyphs.columns), (4, 6)).astype(bool)
        drawn = np.zeros_like(pixels)
        parts = (4, glyphs.rows, 6, glyphs.columns)
        for chosen in (mask, ~mask):
            if chosen.any():
                weights = chosen.reshape(parts)[..., None]
                mean = (pixels.reshape(*parts, 3) * weights).sum((1, 3), keepdims=True)
                mean = mean / weights.sum((1, 3), keepdims=True)
                drawn += np.where(weights, mean, 0).reshape(pixels.shape)
        assert best <= ((drawn - pixels) ** 2).sum() * 1.02 + 24 * 24


def test_finer_parts_come_nearer() -> None:
    picture = painting(2).resize((400, 400))
    pixels = np.asarray(picture, float)

    def error(name: str) -> float:
        cells = fit(picture, 40, 20, GLYPH_SETS[name])
        shown = Image.fromarray(cells.as_pixels()).resize((400, 400), Image.Resampling.NEAREST)
        return float(((np.asarray(shown, float) - pixels) ** 2).mean())

    assert error("halves") > error("quadrants")
    assert error("halves") > error("sextants") > error("octants")


def test_every_pattern_has_its_own_character_of_unicode() -> None:
    for name, glyphs in GLYPH_SETS.items():
        assert len(glyphs.glyphs) == len(set(glyphs.glyphs)) == len(set(glyphs.patterns)), name
        assert glyphs.glyphs[0] == " ", name
    for pattern, glyph in enumerate(GLYPH_SETS["sextants"].glyphs):
        name = unicodedata.name(glyph)
        if name.startswith("BLOCK SEXTANT"):
            parts = {int(digit) - 1 for digit in name.removeprefix("BLOCK SEXTANT-")}
            assert pattern == sum(1 << part for part in parts)
    elements = GLYPH_SETS["quadrants"]
    filled = dict(zip(elements.glyphs, elements.patterns, strict=True))
    assert {*" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█▁▂▃▅▆▇▎▊"} == {*filled}
    assert filled["▖"] | filled["▝"] == filled["▞"]
    assert filled["▙"] == filled["▌"] | filled["▗"]
    assert filled["▁"] == 0b1111 << 28
    assert filled["▇"] == filled["█"] ^ 0b1111
    assert filled["▎"] & filled["▐"] == 0
    assert filled["▊"].bit_count() == 24
    # Unicode 16 is younger than Python's table: its first, its last, and some around a gap.
    octants = GLYPH_SETS["octants"].glyphs
    assert [f"{ord(octants[n]):X}" for n in (0x04, 0x06, 0x07, 0x0B, 0xFE)] == [
        "1CD00", "1CD01", "1CD02", "1CD05", "1CDE5",
    ]  # fmt: skip


def test_256_colours_are_those_that_are_sent() -> None:
    cells = in_256_colours(fit(painting(1), 40, 20, GLYPH_SETS["quadrants"]))
    sent = np.unique(np.concatenate([cells.front, cells.back]).reshape(-1, 3), axis=0)
    for colour in sent.tolist():
        shown = Color.from_rgb(*colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
        assert max(abs(a - b) for a, b in zip(shown, colour, strict=True)) <= 10
    near = fit(painting(1), 40, 20, GLYPH_SETS["quadrants"]).as_pixels().astype(int)
    assert np.abs(cells.as_pixels() - near).mean() < 25


def test_shades_grow_with_the_light_and_turn_on_a_light_ground() -> None:
    slope = Image.linear_gradient("L").convert("RGB").rotate(90)
    (dark,) = shades(slope, 32, 1, dark=True)
    (light,) = shades(slope, 32, 1, dark=False)
    assert {*dark} == {*light} == {*SHADES}
    steps = [SHADES.index(sign) for sign in dark]
    assert sum(steps[16:]) > sum(steps[:16]) * 3
    assert SHADES.index(light[0]) > SHADES.index(light[-1])


def test_proportions_are_kept_for_any_cell() -> None:
    assert fitted((1024, 1024), 80, 24) == (48, 24)
    assert fitted((1024, 1024), 80, 24, (10, 10)) == (24, 24)
    assert fitted((2000, 500), 80, 24) == (80, 10)
    assert fitted((1, 5000), 80, 24) == (1, 24)
    assert fitted((0, 10), 80, 24) == (0, 0)
