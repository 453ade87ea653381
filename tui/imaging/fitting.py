"""A picture at another size: cropped or extended to its shape, never stretched."""

import math
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

from tui.imaging.decode import MOST_PIXELS
from tui.imaging.errors import ImagingError, size_in_words
from tui.imaging.extending import LONGEST
from tui.imaging.pixels import Levels

Fit = Literal["crop", "extend"]


class Framed(NamedTuple):
    """What is seen of a picture at a size of another shape."""

    picture: Levels
    """Height × width × 3; larger than what was given where it was extended."""
    box: tuple[float, float, float, float]
    """Left, top, right and bottom in its pixels, exactly of the wanted shape."""
    size: tuple[int, int]
    """Width and height that are wanted, in pixels."""

    def scaled(self) -> Image.Image:
        """The part in the box at the wanted size, resampled."""
        image = Image.fromarray(np.ascontiguousarray(self.picture))
        return image.resize(self.size, Image.Resampling.LANCZOS, box=self.box)


def framed(picture: Levels, size: tuple[int, int] | None, fit: Fit = "crop") -> Framed:
    """The middle of a picture in the shape of a size, or all of it with more around it.

    Args:
        picture: uint8, height × width × 3.
        size: width and height wanted, in pixels; None for those of the picture.
        fit: `crop` cuts what is too much; `extend` lets the border's colours go on.

    Raises:
        ImagingError: the size cannot be made, or is too long and thin to extend the picture to.
    """
    tall, wide = picture.shape[:2]
    if size is None:
        return Framed(picture, (0.0, 0.0, float(wide), float(tall)), (wide, tall))
    width, height = size
    if min(size) < 1 or width * height > MOST_PIXELS:
        raise ImagingError(
            f"{size_in_words(size)} cannot be made: give sides from 1 pixel and "
            f"{MOST_PIXELS // 1_000_000} megapixels at most"
        )
    aspect = width / height
    if fit == "extend":
        picture = _extended(picture, aspect, size)
        seen = max(float(wide), tall * aspect), max(float(tall), wide / aspect)
    else:
        seen = min(float(wide), tall * aspect), min(float(tall), wide / aspect)
    left, top = (picture.shape[1] - seen[0]) / 2, (picture.shape[0] - seen[1]) / 2
    return Framed(picture, (left, top, left + seen[0], top + seen[1]), size)


def _extended(picture: Levels, aspect: float, size: tuple[int, int]) -> Levels:
    """The picture in the middle of a canvas that holds the aspect; its border's colours go on."""
    import cv2

    tall, wide = picture.shape[:2]
    beside = math.ceil(max(0.0, tall * aspect - wide) / 2)
    above = math.ceil(max(0.0, wide / aspect - tall) / 2)
    if max(wide + 2 * beside, tall + 2 * above) > max(LONGEST, wide, tall):
        raise ImagingError(
            f"the picture cannot be extended to {size_in_words(size)}: crop it, or give a shape "
            "that is less long"
        )
    sides = above, above, beside, beside
    return np.asarray(cv2.copyMakeBorder(picture, *sides, cv2.BORDER_REPLICATE), np.uint8)
