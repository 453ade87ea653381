"""Crop and stitch: the model sees enough, and nothing outside the mask changes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from tui.imaging.errors import ImagingError
from tui.imaging.masks import mask_box
from tui.imaging.pixels import Levels
from tui.imaging.stitch import Crop, cut, plan_crop, stitch

from .helpers import noise, refused
from .strategies import masks

ROOT = str(Path(__file__).parents[2])
NATIVES = st.one_of(st.integers(1, 96), st.tuples(st.integers(1, 96), st.integers(1, 96)))
MULTIPLES = st.sampled_from([1, 4, 8, 16])


def planned(mask: Levels, context: int, native: tuple[int, int] | int, multiple: int) -> Crop:
    """The crop, or the next example where the mask is honestly too thin."""
    try:
        return plan_crop(mask, context=context, native=native, multiple=multiple)
    except ImagingError as error:
        assume("too long and thin" not in str(error))
        raise


@given(
    masks(),
    st.integers(0, 12),
    st.integers(0, 12),
    NATIVES,
    MULTIPLES,
    st.integers(0, 9),
    st.booleans(),
)
def test_outside_the_mask_not_one_bit_changes(
    mask: Levels,
    context: int,
    feather: int,
    native: tuple[int, int] | int,
    multiple: int,
    seed: int,
    match: bool,
) -> None:
    original = noise(mask.shape[1], mask.shape[0], seed)
    before = original.copy()
    crop = planned(mask, context, native, multiple)
    part, part_mask = cut(original, mask, crop)
    assert part.size == part_mask.shape[::-1] == crop.render_size
    painted = Image.fromarray(noise(*crop.render_size, seed + 1))
    result = stitch(original, painted, mask, crop, feather, match=match)
    assert result.dtype == np.uint8
    assert np.array_equal(result[mask == 0], before[mask == 0])
    assert np.array_equal(original, before), "the original was written to"


@given(masks(), st.integers(0, 40), NATIVES, MULTIPLES)
def test_the_crop_holds_the_mask_and_stays_inside(
    mask: Levels, context: int, native: tuple[int, int] | int, multiple: int
) -> None:
    height, width = mask.shape
    crop = planned(mask, context, native, multiple)
    left, top, right, bottom = crop.box
    box = mask_box(mask)
    assert 0 <= left <= max(box[0] - context, 0)
    assert 0 <= top <= max(box[1] - context, 0)
    assert width >= right >= min(box[2] + context, width)
    assert height >= bottom >= min(box[3] + context, height)
    assert all(side >= multiple and side % multiple == 0 for side in crop.render_size)


@given(masks(200), st.integers(0, 64), st.sampled_from([128, (128, 96), 512, (832, 1216)]))
def test_the_render_size_has_the_boxs_aspect_and_the_models_area(
    mask: Levels, context: int, native: tuple[int, int] | int
) -> None:
    crop = planned(mask, context, native, 8)
    area = native**2 if isinstance(native, int) else native[0] * native[1]
    (width, height), (render_width, render_height) = crop.size, crop.render_size
    wide, high = crop.size
    room = wide < mask.shape[1] and high < mask.shape[0]
    off = abs(render_width / render_height - width / height) / (width / height)
    # Half a cell of the grid on the short side, and with room, half a pixel of the picture.
    assert off <= 8 / min(crop.render_size) or (room and off <= 1 / min(crop.size))
    if 1 / 4 < width / height < 4:
        assert 0.75 < render_width * render_height / area < 1.33


def test_a_thin_mask_gets_a_box_that_models_can_draw() -> None:
    mask = np.zeros((512, 512), np.uint8)
    mask[250:254, 10:500] = 255
    crop = plan_crop(mask, context=8, native=128, multiple=8)
    assert 2.5 < crop.size[0] / crop.size[1] < 3.5
    assert crop.size[1] < 512


@pytest.mark.parametrize("corner", [(0, 0), (0, 511), (511, 0), (511, 511)])
def test_in_a_corner_the_box_is_pushed_inside_and_square(corner: tuple[int, int]) -> None:
    mask = np.zeros((512, 512), np.uint8)
    mask[corner] = 255
    crop = plan_crop(mask, context=32, native=128, multiple=8)
    assert crop.render_size == (128, 128)
    assert crop.size == (33, 33)


def test_pictures_smaller_than_the_model_are_scaled_up() -> None:
    mask = np.full((1, 1), 255, np.uint8)
    crop = plan_crop(mask, context=64, native=1024, multiple=16)
    assert (crop.box, crop.render_size) == ((0, 0, 1, 1), (1024, 1024))
    part, part_mask = cut(np.full((1, 1, 3), 9, np.uint8), mask, crop)
    assert part_mask.min() == 255
    assert stitch(np.zeros((1, 1, 3), np.uint8), part, mask, crop, 5).max() == 9


def test_a_long_thin_picture_works_in_pieces_and_says_so_as_a_whole() -> None:
    mask = np.zeros((20, 20_000), np.uint8)
    mask[5:9, 400:430] = 255
    crop = plan_crop(mask, context=32, native=128, multiple=8)
    original = noise(20_000, 20)
    result = stitch(original, cut(original, mask, crop)[0], mask, crop, 2)
    assert np.array_equal(result[mask == 0], original[mask == 0])
    with refused("shorter pieces"):
        plan_crop(np.full_like(mask, 255), context=0, native=128, multiple=8)


@given(masks(), st.integers(1, 60), st.integers(1, 60))
def test_every_pixel_that_touches_the_mask_is_kept(mask: Levels, width: int, height: int) -> None:
    crop = Crop((0, 0, mask.shape[1], mask.shape[0]), (width, height))
    kept = cut(np.zeros((*mask.shape, 3), np.uint8), mask, crop)[1]
    rows, columns = mask.shape
    for y, x in np.ndindex(height, width):
        top, bottom = y * rows // height, -(-(y + 1) * rows // height)
        left, right = x * columns // width, -(-(x + 1) * columns // width)
        assert kept[y, x] == (255 if mask[top:bottom, left:right].any() else 0)


def test_inside_the_mask_the_painted_shows_and_soft_masks_blend() -> None:
    mask = np.zeros((16, 16), np.uint8)
    mask[4:12, 4:12] = 255
    mask[8, 8] = 128
    crop = plan_crop(mask, context=2, native=12, multiple=4)
    assert crop.render_size == crop.size, "so that no scaling blurs what is tested"
    white = Image.new("RGB", crop.render_size, "white")
    result = stitch(np.zeros((16, 16, 3), np.uint8), white, mask, crop, 0)
    assert np.array_equal(result[..., 0], mask)
    faded = stitch(np.zeros((16, 16, 3), np.uint8), white, mask, crop, 1)
    assert (faded[4, 4:12, 0] == 128).all()
    assert faded[6, 6, 0] == 255


def test_what_does_not_fit_together_is_refused() -> None:
    mask = np.full((8, 8), 255, np.uint8)
    picture = noise(8, 8)
    crop = plan_crop(mask, context=0, native=16, multiple=8)
    with refused("8 × 8", "9 × 8"):
        cut(noise(9, 8), mask, crop)
    with refused("8 × 8", "16 × 16"):
        stitch(picture, Image.new("RGB", (8, 8)), mask, crop, 0)
    with refused("outside the picture"):
        cut(picture, mask, Crop((4, 4, 9, 8), (8, 8)))
    with refused("feather"):
        stitch(picture, Image.new("RGB", (16, 16)), mask, crop, -1)
    with refused("nothing to paint"):
        plan_crop(np.zeros((8, 8), np.uint8), context=0, native=16, multiple=8)
    for numbers in ({"context": -1}, {"native": 0}, {"multiple": 0}):
        with refused("out of range"):
            plan_crop(mask, **{"context": 0, "native": 16, "multiple": 8, **numbers})


def test_opencv_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, tui.imaging.stitch, tui.imaging.metadata; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ROOT}).returncode == 0
