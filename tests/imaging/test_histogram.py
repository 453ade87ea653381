"""Histograms: all pixels are counted, where their levels are, and quickly."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tui.imaging.histogram import COLUMNS, histogram
from tui.imaging.pixels import Levels

from .helpers import noise


@given(st.builds(noise, st.integers(1, 300), st.integers(1, 300), st.integers(0, 9)))
def test_shares_are_of_the_whole(picture: Levels) -> None:
    found = histogram(Image.fromarray(picture))
    for shares in (found.light, found.red, found.green, found.blue):
        assert len(shares) == COLUMNS
        assert min(shares) >= 0
        assert sum(shares) == pytest.approx(1)


def test_where_levels_lie() -> None:
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:10] = (255, 0, 0)
    found = histogram(Image.fromarray(picture))
    assert (found.red[0], found.red[-1]) == pytest.approx((0.75, 0.25))
    assert found.blue[0] == pytest.approx(1)
    assert sum(found.light[1:-1]) == pytest.approx(0.25), "red is neither dark nor light"


def test_one_white_pixel_in_a_large_picture_is_not_averaged_away() -> None:
    picture = np.zeros((2048, 2048, 3), np.uint8)
    picture[::2, ::2] = 255
    found = histogram(Image.fromarray(picture))
    assert found.light[0] + found.light[-1] == pytest.approx(1)


@pytest.mark.parametrize("side", [256, 1024])
def test_it_costs_less_than_five_milliseconds(side: int) -> None:
    picture = Image.fromarray(noise(side, side))
    taken = []
    for _ in range(9):
        begun = time.perf_counter()
        histogram(picture)
        taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.005
