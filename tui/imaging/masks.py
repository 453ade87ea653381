"""Masks: where a picture may change. 0 is never touched, 255 is painted, between is blended."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from tui.imaging.decode import decoded
from tui.imaging.errors import ImagingError, name_of, size_in_words
from tui.imaging.pixels import Levels, check_levels

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie just outside, as in Pillow."""
_ROWS = 32
"""Rows of a picture that are blended at a time."""


def open_mask(path: Path | str, size: tuple[int, int]) -> Levels:
    """The mask in a greyscale file, uint8, height × width, for a picture of that (width, height).

    Raises:
        ImagingError: no readable picture, coloured, transparent, 16-bit, of another size than
            the picture, or nothing in it to paint.
    """
    name = name_of(path)
    image, bits = decoded(path)
    if image.has_transparency_data:
        raise ImagingError(
            f"{name} has transparency, which can mean either side: "
            "save it as greyscale without alpha, white where to paint"
        )
    if bits > 8:
        raise ImagingError(f"{name} has {bits} bits a pixel: save it as 8-bit greyscale")
    if image.size != size:
        raise ImagingError(
            f"{name} is {size_in_words(image.size)} but the picture is {size_in_words(size)}: "
            "draw the mask on the picture itself"
        )
    mask = _grey(image, name)
    if not mask.any():
        raise ImagingError(f"{name} is all black, so there is nothing to paint: {_PAINT}")
    return mask


def mask_box(mask: Levels) -> Box:
    """The smallest box around everything that is not 0.

    Raises:
        ImagingError: the mask is empty, or not a uint8 array of height × width.
    """
    check_mask(mask)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        raise ImagingError(f"the mask is empty, so there is nothing to paint: {_PAINT}")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def feather_inward(mask: Levels, feather: int) -> npt.NDArray[np.float32]:
    """How much of the new picture shows: float32 from 0 to 1, height × width.

    It is exactly 0 wherever the mask is 0, rises over `feather` pixels inward from the mask's
    edge, and is the mask's own value deeper inside. The picture's border is not an edge. With
    feather 0 it is the mask's value everywhere.

    Raises:
        ImagingError: the feather is negative, or the mask not a uint8 array of height × width.
    """
    check_mask(mask)
    if feather < 0:
        raise ImagingError(f"the feather is {feather} pixels: give 0 or more")
    alpha = mask.astype(np.float32) / np.float32(255)
    if feather == 0 or not mask.any():
        return alpha
    near, depth = _depth(mask)
    alpha[near] *= np.minimum(depth / np.float32(feather + 1), np.float32(1))
    return alpha


def depth_inward(mask: Levels) -> npt.NDArray[np.float32]:
    """Pixels to the nearest one outside the mask, float32, height × width: 0 outside.

    It is infinite where all of the picture is masked: the picture's border is not an edge.

    Raises:
        ImagingError: the mask is not a uint8 array of height × width.
    """
    check_mask(mask)
    found = np.zeros(mask.shape, np.float32)
    if mask.any():
        near, depth = _depth(mask)
        found[near] = depth
    return found


def _depth(mask: Levels) -> tuple[tuple[slice, slice], npt.NDArray[np.float32]]:
    """The part of the picture that an edge can be near to, and the depths there."""
    import cv2

    # The pixel nearest outside the mask lies in its box or right beside it: no need to look at
    # the rest of a large picture.
    left, top, right, bottom = mask_box(mask)
    near = slice(max(top - 1, 0), bottom + 1), slice(max(left - 1, 0), right + 1)
    inside = (mask[near] > 0).astype(np.uint8)
    if inside.all():
        return near, np.full(inside.shape, np.inf, np.float32)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return near, np.asarray(depth, np.float32)


def softened(mask: Levels, feather: int) -> Levels:
    """The mask with its fading in its own levels; 0 stays 0.

    Raises:
        ImagingError: as `feather_inward`.
    """
    return np.asarray(np.rint(feather_inward(mask, feather) * np.float32(255)), np.uint8)


def mixed(before: Levels, after: Levels, mask: Levels) -> Levels:
    """Two pictures of one size blended by a mask: `before` where it is 0, `after` where it is 255.

    Whole numbers alone, so that it is exact at both ends and the same everywhere.
    """
    result = before.copy()
    if not mask.any():
        return result
    import cv2

    left, top, right, bottom = mask_box(mask)
    # A few rows at a time, because what stays in the processor's cache takes a third of the time.
    for start in range(top, bottom, _ROWS):
        part = np.s_[start : min(start + _ROWS, bottom), left:right]
        new = np.asarray(cv2.merge([mask[part].astype(np.uint16)] * 3))
        # Products of two levels fit into 16 bits, and so does the sum of these two.
        sums = before[part] * (np.uint16(255) - new) + after[part] * new + np.uint16(127)
        result[part] = sums // np.uint16(255)
    return result


def check_mask(mask: Levels) -> None:
    """Refuse an array that is no mask.

    Raises:
        ImagingError: not uint8, not height × width, or without pixels.
    """
    check_levels(mask)
    if mask.ndim != 2:
        raise ImagingError("this mask has colours: give uint8, height × width")


_PAINT = "make white what should be painted anew"


def _grey(image: Image.Image, name: str) -> Levels:
    if image.mode in ("1", "L"):
        return np.array(image.convert("L"), dtype=np.uint8)
    if image.mode in ("P", "RGB"):
        red, green, blue = np.moveaxis(np.array(image.convert("RGB"), dtype=np.uint8), 2, 0)
        if np.array_equal(red, green) and np.array_equal(green, blue):
            return np.ascontiguousarray(red)
    raise ImagingError(f"{name} has colours: save it as greyscale, white where to paint")
