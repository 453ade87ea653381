"""The lines of a masked picture: what stays is not made anew, and what changes is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.imaging.pixels import Levels
from tui.widgets.mask_cells import MaskLines, Spot

ROWS, COLUMNS = 4, 5
SIZE = (8, 6)


@st.composite
def looks(draw: st.DrawFn) -> tuple[Levels, list[Spot], bool]:
    """A picture of few colours, so that rows are often alike, with a few signs."""
    values = draw(
        st.lists(st.sampled_from((0, 80, 255)), min_size=2 * ROWS, max_size=2 * ROWS),
    )
    pixels = np.repeat(np.array(values, np.uint8), COLUMNS * 3).reshape(2 * ROWS, COLUMNS, 3)
    places = st.tuples(st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1))
    spots = [Spot(*place, "┼") for place in draw(st.lists(places, max_size=2))]
    return pixels, spots, draw(st.booleans())


@given(st.lists(looks(), min_size=1, max_size=6))
def test_lines_that_are_kept_are_those_that_would_be_made(
    shown: list[tuple[Levels, list[Spot], bool]],
) -> None:
    kept = MaskLines()
    for pixels, spots, has_colour in shown:
        lines = kept.lines(pixels, spots, SIZE, has_colour=has_colour)
        assert lines == MaskLines().lines(pixels, spots, SIZE, has_colour=has_colour)


def test_only_the_changed_row_is_another_strip() -> None:
    pixels = np.full((2 * ROWS, COLUMNS, 3), 90, np.uint8)
    kept = MaskLines()
    before = kept.lines(pixels, [Spot(1, 2, "┼")], SIZE, has_colour=True)
    after = kept.lines(pixels, [Spot(3, 2, "┼")], SIZE, has_colour=True)
    changed = [
        row for row, lines in enumerate(zip(before, after, strict=True)) if lines[0] is not lines[1]
    ]
    top = (SIZE[1] - ROWS) // 2
    assert changed == [top + 1, top + 3]
