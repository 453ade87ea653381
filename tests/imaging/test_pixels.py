"""The working copy: what every kind of file becomes."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from tui.imaging.pixels import open_picture, pixel_hash, png_bytes, to_array, working_copy

from .helpers import IEND, PIXEL, SIGNATURE, chunk, idat, ihdr, noise, refused, saved, with_chunks


def opened(folder: Path, image: Image.Image, kind: str = "PNG", **options: Any) -> Image.Image:
    path = folder / f"x.{kind.lower()}"
    image.save(path, kind, **options)
    result = open_picture(path)
    assert result.mode == "RGB"
    assert result.info == {}
    return result


def test_an_rgb_png_comes_back_bit_by_bit(tmp_path: Path) -> None:
    picture = noise(17, 9)
    path = saved(tmp_path, png_bytes(picture))
    assert np.array_equal(to_array(open_picture(path)), picture)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_grey_and_palettes_keep_their_colours(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(noise(8, 8)).convert(mode)
    assert np.array_equal(to_array(opened(tmp_path, image)), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_what_is_transparent_is_laid_on_white(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (3, 1), (0, 255) if mode == "LA" else (0, 0, 0, 255))
    image.putalpha(Image.frombytes("L", (3, 1), bytes([255, 128, 0])))
    assert to_array(opened(tmp_path, image))[0, :, 0].tolist() == [0, 127, 255]


def test_a_transparent_colour_of_a_palette_or_grey_is_white_too(tmp_path: Path) -> None:
    for mode in ("P", "L", "1"):
        image = Image.new(mode, (2, 2), 0)
        assert to_array(opened(tmp_path, image, transparency=0)).min() == 255


@pytest.mark.parametrize("hidden", [None, 65_535])
def test_16_bit_grey_is_scaled_not_clipped(tmp_path: Path, hidden: int | None) -> None:
    samples = [0, 128, 257, 32_768, 65_000, 65_535]
    transparent = b"" if hidden is None else chunk(b"tRNS", struct.pack(">H", hidden))
    content = SIGNATURE + ihdr(6, 1, 16, 0) + transparent + idat([struct.pack(">6H", *samples)])
    levels = to_array(open_picture(saved(tmp_path, content + IEND)))[0, :, 0]
    assert levels.tolist() == [0, 0, 1, 128, 253, 255]


def test_16_bit_colour_opens(tmp_path: Path) -> None:
    content = SIGNATURE + ihdr(1, 1, 16, 2) + idat([struct.pack(">3H", 0, 32_896, 65_535)]) + IEND
    assert to_array(open_picture(saved(tmp_path, content)))[0, 0].tolist() == [0, 128, 255]


def test_cmyk_opens_and_ignores_a_profile_for_other_colours(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    plain = to_array(opened(tmp_path, image, "JPEG"))
    assert np.abs(plain[0, 0].astype(int) - (255, 0, 0)).max() <= 4
    assert np.array_equal(to_array(opened(tmp_path, image, "JPEG", icc_profile=profile)), plain)


def grey_profile(gamma: float) -> bytes:
    """A greyscale ICC profile of version 2, built by hand."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    text = b"desc\0\0\0\0" + struct.pack(">I", 2) + b"g\0" + bytes(78)
    text += bytes(-len(text) % 4)
    start, table, body = 128 + 4 + 12 * 3, b"", b""
    for name, tag in ((b"desc", text), (b"wtpt", white), (b"kTRC", curve)):
        table += name + struct.pack(">II", start + len(body), len(tag))
        body += tag
    header = (
        struct.pack(
            ">I4sI4s4s4s", start + len(body), b"\0" * 4, 0x02100000, b"mntr", b"GRAY", b"XYZ "
        )
        + struct.pack(">6H", 2024, 1, 1, 0, 0, 0)
        + b"acsp"
    )
    header += bytes(28) + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + struct.pack(">I", 3) + table + body  # fmt: skip


def test_a_grey_profile_is_converted_to_srgb(tmp_path: Path) -> None:
    image = Image.new("L", (2, 2), 128)
    red, green, blue = to_array(opened(tmp_path, image, icc_profile=grey_profile(1.0)))[0, 0]
    assert red == green == blue
    assert abs(int(red) - 188) <= 2, "linear 128 is 188 in sRGB"


def test_an_rgb_profile_is_converted_and_srgb_changes_nothing(tmp_path: Path) -> None:
    image = Image.fromarray(noise(8, 8))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(to_array(opened(tmp_path, image, icc_profile=srgb)), np.asarray(image))
    broken = to_array(opened(tmp_path, image, icc_profile=srgb[:200] + b"\xff" * 300))
    assert np.array_equal(broken, np.asarray(image))


def test_alpha_survives_the_profile(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGBA", (2, 2), (200, 10, 10, 0))
    assert to_array(opened(tmp_path, image, icc_profile=srgb)).min() == 255


def test_exif_turns_the_picture_and_broken_exif_does_not_lose_it(tmp_path: Path) -> None:
    image = Image.fromarray(noise(6, 4))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = to_array(opened(tmp_path, image, exif=exif))
    assert np.array_equal(turned, np.rot90(np.asarray(image), -1))
    path = saved(tmp_path, with_chunks(chunk(b"eXIf", b"MM\0*nonsense")))
    assert open_picture(path).size == (1, 1)


def test_extreme_sizes_open(tmp_path: Path) -> None:
    assert to_array(open_picture(saved(tmp_path, PIXEL))).tolist() == [[[10, 20, 30]]]
    assert opened(tmp_path, Image.new("RGB", (20_000, 20))).size == (20_000, 20)


def test_webp_opens(tmp_path: Path) -> None:
    picture = noise(8, 8)
    image = opened(tmp_path, Image.fromarray(picture), "WEBP", lossless=True)
    assert np.array_equal(to_array(image), picture)


def test_the_hash_is_of_pixels_not_of_files() -> None:
    picture = noise(5, 3)
    image = Image.fromarray(picture)
    assert pixel_hash(picture) == pixel_hash(image) == pixel_hash(picture[:, ::-1][:, ::-1])
    for level in (0, 9):
        buffer = io.BytesIO()
        image.save(buffer, "PNG", compress_level=level)
        assert pixel_hash(Image.open(buffer)) == pixel_hash(picture)
    others = [255 - picture, picture.reshape(5, 3, 3), picture[..., 0], np.zeros((3, 5), np.uint8)]
    assert len({pixel_hash(other) for other in [picture, *others]}) == 5


def test_what_is_no_picture_is_refused() -> None:
    for array in (np.zeros((2, 2, 4), np.uint8), np.zeros((0, 2), np.uint8), np.zeros(3, np.uint8)):
        with refused("uint8"):
            pixel_hash(array)
    with refused("uint8"):
        png_bytes(np.zeros((2, 2)))  # type: ignore[arg-type]
    with refused("mode"):
        pixel_hash(Image.new("CMYK", (1, 1)))


def test_the_given_image_stays_as_it_was() -> None:
    image = Image.new("RGB", (2, 2))
    image.info["comment"] = "mine"
    copy = working_copy(image)
    copy.putpixel((0, 0), (9, 9, 9))
    assert image.getpixel((0, 0)) == (0, 0, 0)
    assert image.info == {"comment": "mine"}
    array = to_array(image)
    array[0, 0] = 9
    assert image.getpixel((0, 0)) == (0, 0, 0)
