"""Colours matched at a mask's edge: the cast is gone there, and what lies deeper is left alone."""

import numpy as np
from PIL import Image

from tui.imaging.mask_shapes import ellipse, rectangle
from tui.imaging.masks import depth_inward
from tui.imaging.operations import Temperature
from tui.imaging.pixels import Levels
from tui.imaging.seam import matched
from tui.imaging.stitch import Crop, stitch
from tui.imaging.tones import LIGHT

SIZE = 96, 80
WHOLE = Crop((0, 0, *SIZE), SIZE)


def waves() -> Levels:
    """Neither dark nor light, so that no cast is cut off."""
    ys, xs = np.indices(SIZE[::-1])
    sines = [np.sin(xs / 9 + turn) + np.cos(ys / 7 - turn) for turn in (0, 1, 2)]
    return (120 + 25 * np.stack(sines, axis=2)).astype(np.uint8)


def cast(picture: Levels, warmth: float) -> Levels:
    return Temperature(warmth).apply(picture, 1.0)


def test_a_cast_is_gone_at_the_edge_and_stays_in_the_middle() -> None:
    picture, mask = waves(), ellipse(SIZE, (10, 10, 80, 70))
    painted = Image.fromarray(cast(picture, 60))
    plain = stitch(picture, painted, mask, WHOLE, 0).astype(int)
    found = stitch(picture, painted, mask, WHOLE, 0, match=True).astype(int)
    depth = depth_inward(mask)
    ring, middle = (depth > 0) & (depth <= 4), depth == depth.max()
    assert np.abs(plain - picture)[ring].mean() > 5
    assert np.abs(found - picture)[ring].mean() < 0.6
    assert np.abs(LIGHT[found][ring].mean(axis=0) - LIGHT[picture][ring].mean(axis=0)).max() < 1e-3
    assert np.array_equal(found[middle], plain[middle])
    assert np.array_equal(found[mask == 0], picture[mask == 0])


def test_it_fades_without_a_step() -> None:
    picture, mask = np.full((80, 96, 3), 100, np.uint8), rectangle(SIZE, (8, 8, 88, 72))
    painted = Image.fromarray(np.full((80, 96, 3), 130, np.uint8))
    row = stitch(picture, painted, mask, WHOLE, 0, match=True)[40, :49, 0].astype(int)
    steps = np.diff(row)
    assert steps.min() >= 0
    assert steps.max() <= 2
    assert (row[0], row[10], row[40]) == (100, 100, 130)


def test_areas_that_do_not_touch_are_matched_one_by_one() -> None:
    picture, painted = waves(), waves()
    mask = rectangle(SIZE, (5, 5, 40, 75)) | rectangle(SIZE, (55, 5, 90, 75))
    painted[:, :48], painted[:, 48:] = cast(painted, 60)[:, :48], cast(painted, -60)[:, 48:]
    found = stitch(picture, Image.fromarray(painted), mask, WHOLE, 0, match=True).astype(int)
    depth = depth_inward(mask)
    assert np.abs(found - picture)[(depth > 0) & (depth <= 4)].mean() < 0.8


def test_without_an_edge_and_without_light_nothing_is_matched() -> None:
    picture, painted = waves(), cast(waves(), 60)
    everywhere = np.full(SIZE[::-1], 255, np.uint8)
    found = matched(picture, painted, depth_inward(everywhere), 4)
    assert np.array_equal(np.rint(found), painted)
    black = np.zeros_like(picture)
    found = matched(black, black, depth_inward(ellipse(SIZE, (10, 10, 50, 50))), 4)
    assert not found.any()


def test_another_subject_is_not_taken_for_a_cast() -> None:
    picture, painted = np.full((80, 96, 3), 20, np.uint8), np.full((80, 96, 3), 230, np.uint8)
    mask = rectangle(SIZE, (8, 8, 88, 72))
    found = stitch(picture, Image.fromarray(painted), mask, WHOLE, 0, match=True)
    assert LIGHT[found[8, 40, 0]] > 0.45 * LIGHT[230]
