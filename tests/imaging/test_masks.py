"""Masks from files, their boxes, and how they fade inward."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tui.imaging.masks import feather_inward, mask_box, open_mask
from tui.imaging.pixels import Levels, png_bytes

from .helpers import IEND, SIGNATURE, idat, ihdr, noise, refused, saved
from .strategies import masks


def written(folder: Path, image: Image.Image, **options: Any) -> Path:
    path = folder / "mask.png"
    image.save(path, **options)
    return path


@pytest.fixture
def drawn() -> Levels:
    mask = np.zeros((6, 8), np.uint8)
    mask[2:4, 3:7] = 255
    mask[3, 3] = 90
    return mask


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_grey_masks_open_as_they_are(tmp_path: Path, drawn: Levels, mode: str) -> None:
    image = Image.fromarray(drawn)
    image = image.convert("RGB").quantize(8) if mode == "P" else image.convert(mode)
    assert np.array_equal(open_mask(written(tmp_path, image), (8, 6)), drawn)


def test_a_black_and_white_mask_opens(tmp_path: Path, drawn: Levels) -> None:
    path = written(tmp_path, Image.fromarray(drawn).point(lambda v: 255 * (v > 0)).convert("1"))
    mask = open_mask(path, (8, 6))
    assert np.array_equal(mask, np.where(drawn > 0, 255, 0))
    assert mask.dtype == np.uint8


def test_what_is_no_mask_is_refused_by_its_reason(tmp_path: Path, drawn: Levels) -> None:
    image = Image.fromarray(drawn)
    with refused("8 × 6", "9 × 6"):
        open_mask(written(tmp_path, image), (9, 6))
    with refused("nothing to paint"):
        open_mask(written(tmp_path, Image.new("L", (8, 6))), (8, 6))
    for mode in ("RGBA", "LA"):
        with refused("transparency", "greyscale", "white where to paint"):
            open_mask(written(tmp_path, image.convert(mode)), (8, 6))
    for mode in ("P", "L"):
        with refused("transparency"):
            open_mask(written(tmp_path, image.convert(mode), transparency=0), (8, 6))
    for mode in ("RGB", "P"):
        with refused("colours", "greyscale"):
            open_mask(written(tmp_path, Image.fromarray(noise(8, 6)).convert(mode)), (8, 6))


@pytest.mark.parametrize("colour", [0, 2])
def test_16_bits_are_refused(tmp_path: Path, colour: int) -> None:
    row = struct.pack(">H", 300) * (1 if colour == 0 else 3)
    content = SIGNATURE + ihdr(1, 1, 16, colour) + idat([row]) + IEND
    with refused("16 bits", "8-bit greyscale"):
        open_mask(saved(tmp_path, content), (1, 1))


def test_a_cmyk_mask_is_refused(tmp_path: Path) -> None:
    Image.new("CMYK", (2, 2)).save(tmp_path / "m.jpg", "JPEG")
    with refused("colours"):
        open_mask(tmp_path / "m.jpg", (2, 2))


def test_arrays_that_are_no_masks_are_refused() -> None:
    with refused("empty", "white"):
        mask_box(np.zeros((4, 4), np.uint8))
    with refused("colours"):
        mask_box(noise(2, 2))
    with refused("uint8"):
        feather_inward(np.zeros((4, 4), float), 2)
    with refused("feather"):
        feather_inward(np.zeros((4, 4), np.uint8), -1)


@given(masks())
def test_the_box_is_the_smallest_that_holds_all(mask: Levels) -> None:
    left, top, right, bottom = mask_box(mask)
    part = mask[top:bottom, left:right]
    assert part.sum(dtype=np.int64) == mask.sum(dtype=np.int64)
    assert all(edge.any() for edge in (part[0], part[-1], part[:, 0], part[:, -1]))


@given(masks(), st.integers(0, 30))
def test_the_feather_is_0_outside_and_never_above_the_mask(mask: Levels, feather: int) -> None:
    alpha = feather_inward(mask, feather)
    assert alpha.dtype == np.float32
    assert alpha.shape == mask.shape
    assert not alpha[mask == 0].any()
    assert (alpha[mask > 0] > 0).all()
    assert (alpha <= mask / np.float32(255)).all()


@given(masks(), st.integers(0, 30))
def test_a_wider_feather_shows_no_more(mask: Levels, feather: int) -> None:
    assert (feather_inward(mask, feather + 1) <= feather_inward(mask, feather)).all()


@given(masks(), st.integers(1, 12))
def test_it_is_the_distance_to_the_nearest_pixel_outside(mask: Levels, feather: int) -> None:
    outside = np.argwhere(mask == 0)
    expected = mask / 255
    if outside.size:
        for place in np.argwhere(mask > 0):
            depth = np.sqrt(((outside - place) ** 2).sum(axis=1).min())
            expected[tuple(place)] *= min(depth / (feather + 1), 1)
    assert np.allclose(feather_inward(mask, feather), expected, atol=1e-6)


def test_it_rises_inward_to_1_and_the_pictures_border_is_no_edge() -> None:
    mask = np.zeros((5, 40), np.uint8)
    mask[:, 10:] = 255
    row = feather_inward(mask, 4)[2]
    assert row[8:16] == pytest.approx([0, 0, 0.2, 0.4, 0.6, 0.8, 1, 1])
    assert (row[15:] == 1).all()
    assert (feather_inward(np.full((3, 3), 255, np.uint8), 50) == 1).all()


def test_without_a_feather_it_is_the_mask(tmp_path: Path, drawn: Levels) -> None:
    saved(tmp_path, png_bytes(drawn))
    assert np.array_equal(feather_inward(drawn, 0), drawn / np.float32(255))
