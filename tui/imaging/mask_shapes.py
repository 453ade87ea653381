"""Shapes and what is done with them: rectangle, ellipse, wand, add, subtract, grow, invert.

Pure functions; a mask is uint8, height × width of the picture: 255 where it may be painted, else 0.
"""

import re
from enum import StrEnum

import numpy as np

from tui.domain.text import clean
from tui.imaging.errors import ImagingError, size_in_words
from tui.imaging.masks import Box, check_mask
from tui.imaging.pixels import Levels

Size = tuple[int, int]
"""Width and height in pixels."""
Point = tuple[int, int]
"""Column and row in pixels."""


class Mode(StrEnum):
    """How the next shape goes together with the mask."""

    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"
    REPLACE = "replace"


def empty(size: Size) -> Levels:
    """A mask in which nothing may change."""
    return np.zeros(size[::-1], np.uint8)


def box_between(a: Point, b: Point) -> Box:
    """The box with these two pixels as corners, both inside it."""
    left, right = sorted((a[0], b[0]))
    top, bottom = sorted((a[1], b[1]))
    return left, top, right + 1, bottom + 1


def rectangle(size: Size, box: Box) -> Levels:
    """All of the box that lies in the picture."""
    mask = empty(size)
    left, top, right, bottom = box
    mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 255
    return mask


def ellipse(size: Size, box: Box) -> Levels:
    """The ellipse that touches the box's sides: each pixel whose centre lies in it."""
    mask = empty(size)
    left, top, right, bottom = box
    if right <= left or bottom <= top:
        return mask
    xs = _places(left, right, size[0])
    ys = _places(top, bottom, size[1])
    x = (2 * (xs - left) + 1) / (right - left) - 1
    y = (2 * (ys - top) + 1) / (bottom - top) - 1
    inside = x[np.newaxis, :] ** 2 + y[:, np.newaxis] ** 2 <= 1
    if inside.size:
        mask[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1][inside] = 255
    return mask


def wand(picture: Levels, point: Point, tolerance: int) -> Levels:
    """Where the picture's colour, from the point on, stays within a tolerance in each channel."""
    import cv2

    height, width = picture.shape[:2]
    found = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (255 << 8)
    apart = (float(tolerance),) * 3
    # With this flag the picture is only read, but OpenCV insists on one it could write to.
    cv2.floodFill(np.array(picture), found, point, (0.0, 0.0, 0.0), apart, apart, flags)
    return np.ascontiguousarray(found[1:-1, 1:-1])


def combine(mask: Levels, shape: Levels, mode: Mode) -> Levels:
    """The mask with a shape added, taken away, cut out, or in its place; a new array.

    Raises:
        ImagingError: they are not of one size.
    """
    check_mask(mask)
    check_mask(shape)
    if mask.shape != shape.shape:
        raise ImagingError(
            f"the shape is {size_in_words(shape.shape[::-1])} but the mask is "
            f"{size_in_words(mask.shape[::-1])}: draw the shape on the same picture"
        )
    match mode:
        case Mode.ADD:
            return np.maximum(mask, shape)
        case Mode.SUBTRACT:
            return np.minimum(mask, inverted(shape))
        case Mode.INTERSECT:
            return np.minimum(mask, shape)
        case Mode.REPLACE:
            return shape.copy()


def inverted(mask: Levels) -> Levels:
    """The mask of all that this one leaves alone."""
    return np.asarray(255 - mask, np.uint8)


def grown(mask: Levels, by: int) -> Levels:
    """The mask and all within so many pixels of it; with a negative number, the mask shrunk.

    Distances are straight lines between the centres of pixels. The picture's border is no edge:
    a mask that reaches it is not shrunk from there. Shrinking is growing what is not masked.
    """
    check_mask(mask)
    if by < 0:
        return inverted(grown(inverted(mask), -by))
    if by == 0 or not mask.any():
        return mask.copy()
    import cv2

    outside = np.where(mask > 0, 0, 255).astype(np.uint8)
    away = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.where(away <= by, 255, 0).astype(np.uint8)


def typed_box(text: str, size: Size) -> Box:
    """A box from its left, top, right and bottom, each in pixels or in `%` of the picture.

    Raises:
        ImagingError: not four numbers, or no box in the picture.
    """
    words = re.split(r"[\s,;]+", clean(text, limit=100).replace(" %", "%"))
    words = [word for word in words if word]
    if len(words) != 4:
        raise ImagingError(
            "a box has four numbers: type left, top, right and bottom, as in 10% 20% 50% 60%"
        )
    left, top, right, bottom = (
        _length(word, size[number % 2]) for number, word in enumerate(words)
    )
    box = max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])
    if box[0] >= box[2] or box[1] >= box[3]:
        raise ImagingError(
            f"this box holds no pixel of the {size_in_words(size)} picture: "
            "type left, top, right and bottom, right beyond left and bottom below top"
        )
    return box


def _places(start: int, end: int, limit: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(max(start, 0), max(min(end, limit), start, 0), dtype=np.int64)


def _length(word: str, side: int) -> int:
    if not re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?(%|px)?", word):
        raise ImagingError(f"“{word}” is no length: type pixels, as 120, or a share, as 25%")
    number = float(word.rstrip("%px"))
    return round(number * side / 100) if word.endswith("%") else round(number)
