"""The working copy of a picture: 8-bit sRGB, no alpha. Everything here computes on it."""

import hashlib
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from tui.imaging.decode import decoded
from tui.imaging.errors import ImagingError

Levels = npt.NDArray[np.uint8]
"""Levels from 0 to 255: height × width × 3 for a picture, height × width for a mask."""

_MODES = {2: "L", 3: "RGB"}


def open_picture(path: Path | str) -> Image.Image:
    """The working copy of a PNG, JPEG or WebP file: mode RGB, upright, without metadata.

    An embedded ICC profile is converted to sRGB, 16-bit samples are scaled to 8, what is
    transparent is laid on white. Of an animation the first picture is taken.

    Raises:
        ImagingError: no such picture, another format, damaged, or too large.
    """
    return working_copy(decoded(path).image)


def working_copy(image: Image.Image) -> Image.Image:
    """A new image in mode RGB, sRGB, laid on white; the one given may have any mode."""
    from tui.imaging.colour import to_srgb

    colours, alpha = _parts(image)
    rgb = to_srgb(colours, image.info.get("icc_profile"))
    if alpha is not None:
        white = Image.new("RGB", rgb.size, (255, 255, 255))
        white.paste(rgb, mask=alpha)
        rgb = white
    rgb.info = {}
    return rgb


def to_array(image: Image.Image) -> Levels:
    """The image's working copy as a writable uint8 array, height × width × 3."""
    return np.array(image if image.mode == "RGB" else working_copy(image), dtype=np.uint8)


def pixel_hash(image: Image.Image | Levels) -> str:
    """Hexadecimal SHA-256 over mode, size and bytes: equal exactly for equal pixels.

    Takes mode RGB or L, or a uint8 array of height × width × 3 or height × width; an image and
    its array have one hash. Files do not matter: two encoders give two files, but one hash.

    Raises:
        ImagingError: another mode, shape or type.
    """
    if isinstance(image, Image.Image):
        mode, (width, height), content = image.mode, image.size, image.tobytes()
    else:
        check_levels(image)
        mode, (height, width), content = _MODES[image.ndim], image.shape[:2], image.tobytes()
    if mode not in _MODES.values():
        raise ImagingError(f"pixels of mode {mode} have no hash here: take the working copy")
    return hashlib.sha256(f"{mode} {width} {height}\n".encode() + content).hexdigest()


def png_bytes(image: Image.Image | Levels) -> bytes:
    """The image, or mask, as a PNG file without any metadata.

    Raises:
        ImagingError: an array of another shape or type than `Levels`.
    """
    buffer = io.BytesIO()
    as_image(image).save(buffer, "PNG")
    return buffer.getvalue()


def as_image(image: Image.Image | Levels) -> Image.Image:
    """A Pillow image of mode RGB or L without metadata.

    Raises:
        ImagingError: an array of another shape or type than `Levels`.
    """
    if not isinstance(image, Image.Image):
        check_levels(image)
        return Image.fromarray(np.ascontiguousarray(image))
    if image.mode not in _MODES.values():
        return working_copy(image)
    plain = image.copy()
    plain.info = {}
    return plain


def check_levels(array: Levels) -> None:
    """Refuse an array that is no picture and no mask.

    Raises:
        ImagingError: not uint8, not height × width (× 3), or without pixels.
    """
    shape = " × ".join(map(str, array.shape)) or "one number"
    fits = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)
    if array.dtype != np.uint8 or not fits or array.size == 0:
        raise ImagingError(
            f"this array ({shape}, {array.dtype}) is no picture: give uint8, height × width × 3"
        )


def _parts(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours in mode L, RGB or CMYK, and alpha in mode L where there is any."""
    if image.mode.startswith("I;16"):
        return _from_16_bits(image)
    if image.has_transparency_data:
        grey = image.mode in ("1", "L", "LA")
        rgba = image.convert("RGBA")
        return rgba.convert("RGB").convert("L") if grey else rgba.convert("RGB"), rgba.getchannel(3)
    if image.mode in ("L", "RGB", "CMYK"):
        return image.copy(), None
    return image.convert("L" if image.mode == "1" else "RGB"), None


def _from_16_bits(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    # Pillow's own conversion clips at 255 instead of scaling, which turns most of it white.
    samples = np.asarray(image).astype(np.uint32)
    grey = Image.fromarray(((samples * 255 + 32_767) // 65_535).astype(np.uint8))
    hidden = image.info.get("transparency")
    if not isinstance(hidden, int):
        return grey, None
    return grey, Image.fromarray(np.where(samples == hidden, 0, 255).astype(np.uint8))
