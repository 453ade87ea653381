"""Parts of a picture that look like one thing: even areas, the largest first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tui.imaging.mask_shapes import Point, Size
from tui.imaging.pixels import Levels

_SIDE = 192
"""Longest side, in pixels, of the picture that is looked through."""
_NEAR, _ALIKE = 8, 24
"""Pixels and levels within which neighbours are evened out."""
_STEP = 6
"""Levels in each channel between neighbours of one part."""
_LEAST = 0.003
"""Share of the picture below which a part is too small to be offered."""
_FRESH, _OLD = 1, 255
"""What is filled now, and what was before."""


@dataclass(frozen=True)
class Segment:
    """One part."""

    centre: Point
    """A pixel of it, deep inside."""
    small: npt.NDArray[np.bool_]
    """Where it is, at the size that was looked through."""

    def mask(self, size: Size) -> Levels:
        """The part in a picture of that width and height, in pixels; 255 where it is."""
        import cv2

        if self.small.shape[::-1] == size:
            return np.where(self.small, 255, 0).astype(np.uint8)
        # Between the coarse pixels its edge runs smoothly.
        levels = self.small.astype(np.float32)
        larger = cv2.resize(levels, size, interpolation=cv2.INTER_LINEAR)
        return np.where(larger >= 0.5, 255, 0).astype(np.uint8)


def segments(picture: Levels, most: int) -> tuple[Segment, ...]:
    """The largest parts of a picture, height × width × 3 of uint8; at most so many.

    Colours are evened out by mean shift, then what hangs together with hardly a step is one part.
    """
    import cv2

    height, width = picture.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    even = cv2.pyrMeanShiftFiltering(small, _NEAR, _ALIKE)
    found = sorted(_areas(even), key=lambda area: -int(area.sum()))
    ratio = width / size[0], height / size[1]
    return tuple(Segment(_deepest(area, ratio), area) for area in found[:most])


def _areas(even: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.bool_]]:
    """Every area of neighbours that are alike and enough, in reading order."""
    import cv2

    height, width = even.shape[:2]
    least = max(1, _LEAST * height * width)
    # OpenCV wants a border; where it is not 0, nothing is filled again.
    seen = np.zeros((height + 2, width + 2), np.uint8)
    inner = seen[1:-1, 1:-1]
    step = (float(_STEP),) * 3
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (_FRESH << 8)
    areas = []
    for row in range(height):
        while (rest := np.flatnonzero(inner[row] == 0)).size:
            count, _, _, (left, top, wide, tall) = cv2.floodFill(
                even, seen, (int(rest[0]), row), (0.0, 0.0, 0.0), step, step, flags
            )
            part = inner[top : top + tall, left : left + wide]
            fresh = part == _FRESH
            part[fresh] = _OLD
            if count >= least:
                area = np.zeros((height, width), np.bool_)
                area[top : top + tall, left : left + wide] = fresh
                areas.append(area)
    return areas


def _deepest(area: npt.NDArray[np.bool_], ratio: tuple[float, float]) -> Point:
    """The pixel furthest from the area's edge, in pixels of the whole picture."""
    import cv2

    padded = np.pad(area.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    row, column = divmod(int(depth.argmax()), area.shape[1])
    return int((column + 0.5) * ratio[0]), int((row + 0.5) * ratio[1])
