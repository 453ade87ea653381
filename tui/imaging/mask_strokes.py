"""Shapes that are drawn point by point: brush strokes and outlines with corners.

Masks as in `mask_shapes`: uint8, height × width, 255 where it may be painted.
"""

from collections.abc import Sequence

import numpy as np

from tui.imaging.mask_shapes import Point, Size, empty
from tui.imaging.pixels import Levels


def stroke(size: Size, start: Point, end: Point, width: int) -> Levels:
    """Every pixel whose centre is within half the width, in pixels, of a straight line."""
    mask = empty(size)
    reach = max(width, 1) / 2
    (x0, y0), (x1, y1) = start, end
    left, right = _span(x0, x1, reach, size[0])
    top, bottom = _span(y0, y1, reach, size[1])
    if left >= right or top >= bottom:
        return mask
    xs = np.arange(left, right, dtype=np.float32)[np.newaxis, :]
    ys = np.arange(top, bottom, dtype=np.float32)[:, np.newaxis]
    along, down = x1 - x0, y1 - y0
    length = along * along + down * down
    # How far along the line the nearest place of it is, from 0 to 1.
    part = ((xs - x0) * along + (ys - y0) * down) / length if length else np.zeros((1, 1))
    part = np.clip(part, 0, 1)
    away = (xs - x0 - part * along) ** 2 + (ys - y0 - part * down) ** 2
    mask[top:bottom, left:right][away <= reach * reach] = 255
    return mask


def polygon(size: Size, corners: Sequence[Point]) -> Levels:
    """All that lies inside the outline through these corners, and the outline itself.

    Where it crosses itself, what it goes round twice is outside again.
    """
    import cv2

    mask = empty(size)
    if corners:
        cv2.fillPoly(mask, [np.array(corners, np.int32)], (255,))
    return mask


def _span(a: int, b: int, reach: float, limit: int) -> tuple[int, int]:
    return max(int(min(a, b) - reach), 0), min(int(max(a, b) + reach) + 1, limit)
