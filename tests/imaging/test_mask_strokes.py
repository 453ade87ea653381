"""Strokes and outlines against their definitions, pixel by pixel."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.imaging.mask_shapes import Point
from tui.imaging.mask_strokes import polygon, stroke

WIDE, TALL = 17, 11
points = st.tuples(st.integers(-4, WIDE + 4), st.integers(-4, TALL + 4))


def away(pixel: Point, start: Point, end: Point) -> float:
    """Distance of a pixel from a line between two others."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    beside = (pixel[0] - start[0], pixel[1] - start[1])
    part = (beside[0] * along[0] + beside[1] * along[1]) / length if length else 0
    part = min(max(part, 0), 1)
    return math.dist(beside, (part * along[0], part * along[1]))


@given(points, points, st.integers(1, 9))
def test_a_stroke_reaches_half_its_width(start: Point, end: Point, width: int) -> None:
    mask = stroke((WIDE, TALL), start, end, width)
    assert mask.shape == (TALL, WIDE)
    for row in range(TALL):
        for column in range(WIDE):
            distance = away((column, row), start, end)
            if abs(distance - width / 2) > 1e-4:  # on the edge itself rounding decides
                assert (mask[row, column] == 255) == (distance < width / 2)


@given(points, points, st.integers(1, 9))
def test_a_stroke_is_the_same_from_either_end(start: Point, end: Point, width: int) -> None:
    there, back = (stroke((WIDE, TALL), *ends, width) for ends in ((start, end), (end, start)))
    # The middle of a pixel may lie on the very edge.
    assert (there != back).sum() <= 4


def test_an_outline_holds_its_corners_and_nothing_else_where_it_has_no_inside() -> None:
    assert not polygon((WIDE, TALL), []).any()
    assert np.argwhere(polygon((WIDE, TALL), [(3, 4)])).tolist() == [[4, 3]]
    line = polygon((WIDE, TALL), [(2, 5), (9, 5)])
    assert np.argwhere(line).tolist() == [[5, column] for column in range(2, 10)]
    square = polygon((WIDE, TALL), [(2, 2), (6, 2), (6, 6), (2, 6)])
    assert (square > 0).sum() == 25
    beyond = polygon((WIDE, TALL), [(-9, -9), (90, -9), (90, 90), (-9, 90)])
    assert beyond.all()
