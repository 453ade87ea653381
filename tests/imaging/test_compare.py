"""How two pictures differ, in numbers and in words."""

import math

import numpy as np
import pytest

from tui.imaging.compare import compare

from .helpers import noise, refused


def test_identical_pictures() -> None:
    found = compare(noise(8, 8), noise(8, 8))
    assert (found.identical, found.verdict, found.psnr) == (True, "identical", math.inf)
    assert found.in_words() == "identical: every pixel is the same"


def test_one_level_of_one_sample_is_seen() -> None:
    before = np.full((10, 10, 3), 100, np.uint8)
    after = before.copy()
    after[3, 4, 1] = 101
    found = compare(before, after)
    assert (found.max_level, found.changed_share, found.verdict) == (1, 0.01, "close")
    assert found.mean_level == pytest.approx(1 / 300)
    assert found.psnr == pytest.approx(20 * math.log10(255) + 10 * math.log10(300))
    assert found.in_words() == (
        "close: 1.0 % of the pixels differ, by 0.00 levels on average and 1 level at most (72.9 dB)"
    )


def test_levels_are_compared_without_wrapping_around() -> None:
    black, white = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)
    for found in (compare(black, white), compare(white, black)):
        assert (found.max_level, found.mean_level, found.psnr) == (255, 255, 0)
        assert found.verdict == "different"


def test_where_close_ends() -> None:
    before = np.full((100, 100, 3), 100, np.uint8)
    assert compare(before, before + np.uint8(2)).verdict == "close"
    assert compare(before, before + np.uint8(3)).verdict == "different"
    after = before.copy()
    after[0, :10] += 40
    assert compare(before, after).verdict == "close"
    after[0, 10] += 40
    assert compare(before, after).verdict == "different"


def test_other_sizes_are_different_in_words() -> None:
    found = compare(noise(8, 6), noise(6, 8))
    assert (found.identical, found.verdict) == (False, "different")
    assert found.in_words() == "different: one is 8 × 6, the other 6 × 8"


def test_arrays_that_are_no_pictures_are_refused() -> None:
    with refused("uint8"):
        compare(noise(2, 2), np.zeros((2, 2, 3)))  # type: ignore[arg-type]
