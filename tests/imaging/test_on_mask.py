"""Light edits of the masked part alone: the rest keeps every bit, and masks go with the moves."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.versioned import from_json, to_json
from tui.imaging.masks import feather_inward, mixed, softened
from tui.imaging.operations import (
    Adjustment,
    Blur,
    Crop,
    Curve,
    Denoise,
    Edits,
    Exposure,
    Extend,
    Flip,
    Move,
    OnMask,
    Saturation,
    Sharpen,
    Straighten,
    Turn,
    apply,
)
from tui.imaging.pixels import Levels

from .helpers import noise, refused
from .strategies import masks

NAME = "0" * 64
ADJUSTMENTS: tuple[Adjustment, ...] = (
    Exposure(1), Saturation(-100), Curve(), Sharpen(2), Blur(3), Denoise(60),
)  # fmt: skip


def picture_for(mask: Levels) -> Levels:
    return noise(mask.shape[1], mask.shape[0], 5)


@given(masks(), st.sampled_from(ADJUSTMENTS), st.integers(0, 6))
def test_outside_the_mask_not_one_bit_changes(
    mask: Levels, operation: Adjustment, feather: int
) -> None:
    picture, soft = picture_for(mask), softened(mask, feather)
    found = apply([OnMask(operation, NAME)], picture, masks={NAME: soft})
    whole = apply([operation], picture)
    assert np.array_equal(found[mask == 0], picture[mask == 0])
    assert np.array_equal(found[soft == 255], whole[soft == 255])
    least, most = np.minimum(picture, whole), np.maximum(picture, whole)
    assert ((found >= least) & (found <= most)).all(), "what is between is blended"
    edits = from_json(to_json(Edits((OnMask(operation, NAME),))), Edits)
    assert np.array_equal(apply(edits.operations, picture, masks={NAME: soft}), found)


@given(masks(), st.integers(0, 6))
def test_the_fading_is_the_one_of_repairs(mask: Levels, feather: int) -> None:
    soft = softened(mask, feather)
    assert not soft[mask == 0].any()
    assert (np.abs(soft / 255 - feather_inward(mask, feather)) <= 0.5 / 255 + 1e-6).all()


def test_every_share_of_a_tall_picture_is_rounded_once() -> None:
    before, after = noise(256, 80, 1), noise(256, 80, 2)
    mask = np.repeat(np.arange(256, dtype=np.uint8)[np.newaxis], 80, axis=0)
    mask = np.asarray(cv2.flip(mask, 1), np.uint8)
    share = mask[..., np.newaxis] / 255
    assert np.array_equal(
        mixed(before, after, mask), np.rint(before * (1 - share) + after * share).astype(np.uint8)
    )


def test_half_a_mask_is_half_the_way() -> None:
    before, after = np.full((1, 3, 3), 100, np.uint8), np.full((1, 3, 3), 200, np.uint8)
    mask = np.array([[0, 128, 255]], np.uint8)
    assert mixed(before, after, mask)[0, :, 0].tolist() == [100, 150, 200]


@pytest.mark.parametrize("move", [Turn(1), Flip("vertical"), Crop(1, 1, 0.2), Extend(3, 1, 0.4)])
def test_a_mask_goes_with_the_moves_before_it(move: Move) -> None:
    picture, mask = noise(21, 12), np.zeros((12, 21), np.uint8)
    mask[3:9, 4:15], mask[5, 5:9] = 255, 90
    first = apply([OnMask(Exposure(1), NAME), move], picture, masks={NAME: mask})
    assert np.array_equal(
        apply([move, OnMask(Exposure(1), NAME)], picture, masks={NAME: mask}), first
    )
    assert not np.array_equal(first, apply([move], picture))


def test_a_mask_is_straightened_with_the_picture() -> None:
    picture, mask = np.full((60, 80, 3), 100, np.uint8), np.zeros((60, 80), np.uint8)
    mask[:, 60:] = 255
    found = apply([Straighten(5), OnMask(Exposure(-4), NAME)], picture, masks={NAME: mask})
    dark = found[..., 0] < 60
    assert dark[0].argmax() > dark[-1].argmax(), "clockwise: its edge leans"
    assert (found[:, :20] == 100).all()


def test_a_mask_that_is_missing_or_does_not_fit_is_refused() -> None:
    edit = OnMask(Blur(), NAME)
    with refused("mask of blur is not there"):
        apply([edit], noise(4, 4))
    with refused("4 × 3", "5 × 4", "draw it again"):
        apply([edit], noise(5, 4), masks={NAME: np.zeros((3, 4), np.uint8)})
