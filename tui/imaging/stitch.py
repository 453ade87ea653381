"""Cut the part around a mask for a model, and put back what it painted.

No pipeline leaves the pixels outside a mask as they were, so no pipeline is trusted with them:
the model sees a crop, and only what lies inside the mask comes back.
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from tui.imaging.crop import Crop, plan_crop
from tui.imaging.errors import ImagingError, size_in_words
from tui.imaging.masks import Box, check_mask, depth_inward, feather_inward
from tui.imaging.pixels import Levels, check_levels, to_array
from tui.imaging.seam import matched

__all__ = ["Crop", "cut", "plan_crop", "stitch"]

T = TypeVar("T", bound=np.generic)


def cut(picture: Levels, mask: Levels, crop: Crop) -> tuple[Image.Image, Levels]:
    """The crop of the picture (mode RGB) and of its mask (uint8), both at the render size.

    The mask is 255 wherever a pixel touches anything above 0 and 0 elsewhere: whatever `stitch`
    shows, however faintly, the model must have painted.

    Raises:
        ImagingError: the picture is not uint8, height × width × 3, or mask or crop do not fit it.
    """
    _check_fit(picture, mask, crop)
    part = Image.fromarray(np.ascontiguousarray(_at(picture, crop.box)))
    return _resized(part, crop.render_size), _touched(_at(mask, crop.box) > 0, crop.render_size)


def stitch(
    original: Levels,
    painted: Image.Image,
    mask: Levels,
    crop: Crop,
    feather: int,
    *,
    match: bool = False,
) -> Levels:
    """The original with the painted crop inside the mask, uint8, height × width × 3.

    `painted` has the crop's render size. The new fades into the old over `feather` pixels of
    the picture, inward from the mask's edge; with `match` it takes the old's colours on there.
    Where the mask is 0, not one bit changes.

    Raises:
        ImagingError: sizes or types that do not fit together, or a negative feather.
    """
    _check_fit(original, mask, crop)
    if painted.size != crop.render_size:
        raise ImagingError(
            f"the painted part is {size_in_words(painted.size)} where "
            f"{size_in_words(crop.render_size)} was asked for: paint the crop again at that size"
        )
    alpha = _at(feather_inward(mask, feather), crop.box)[..., np.newaxis]
    before = _at(original, crop.box)
    levels = to_array(_resized(painted, crop.size))
    after = levels.astype(np.float32)
    if match:
        after = matched(before, levels, _at(depth_inward(mask), crop.box), feather)
    blended = np.rint(before + alpha * (after - before)).clip(0, 255).astype(np.uint8)
    result = original.copy()
    # The choice by mask, not by alpha, is what keeps the rest: no rounding has a say in it.
    _at(result, crop.box)[...] = np.where(_at(mask, crop.box)[..., np.newaxis] > 0, blended, before)
    return result


def _check_fit(picture: Levels, mask: Levels, crop: Crop) -> None:
    check_levels(picture)
    check_mask(mask)
    height, width = picture.shape[:2]
    if picture.ndim != 3 or mask.shape != (height, width):
        raise ImagingError(
            f"the mask is {size_in_words(mask.shape[::-1])} but the picture is "
            f"{size_in_words((width, height))}: draw the mask on the picture itself"
        )
    left, top, right, bottom = crop.box
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise ImagingError("the crop lies outside the picture: plan it anew for this picture")


def _at(array: npt.NDArray[T], box: Box) -> npt.NDArray[T]:
    left, top, right, bottom = box
    return array[top:bottom, left:right]


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def _touched(mask: npt.NDArray[np.bool_], size: tuple[int, int]) -> Levels:
    """255 for each pixel of the new size that covers any part of a true one; exact."""
    width, height = size
    hit = _any_along(_any_along(mask, height).T, width).T
    return np.ascontiguousarray(hit).astype(np.uint8) * np.uint8(255)


def _any_along(mask: npt.NDArray[np.bool_], length: int) -> npt.NDArray[np.bool_]:
    # Counting the true pixels before each row makes every range one subtraction.
    before = np.cumsum(np.pad(mask, ((1, 0), (0, 0))), axis=0, dtype=np.int64)
    new, old = np.arange(length), mask.shape[0]
    starts, ends = new * old // length, -(-(new + 1) * old // length)
    return np.asarray(before[ends] > before[starts])
