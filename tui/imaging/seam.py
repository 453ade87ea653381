"""Colours of a repainted area brought to the picture's own at the mask's edge."""

import numpy as np
import numpy.typing as npt

from tui.imaging.pixels import Levels
from tui.imaging.tones import LIGHT, to_levels

_RING = 4.0
"""Least pixels inside the mask's edge that are compared."""
_MOST_GAIN = 2.0
"""Times the light, or by so much less; what differs more is another subject, not a cast."""
_DARK = 1e-4
"""Light that keeps a black ring from asking for any gain."""

Floats = npt.NDArray[np.float64]


def matched(
    before: Levels, after: Levels, depth: npt.NDArray[np.float32], feather: int
) -> npt.NDArray[np.float32]:
    """Levels of `after`, float32, height × width × 3, with the light of each colour multiplied.

    Just inside the mask's edge the mean light of each colour becomes that of `before`. Deeper
    inside the gains fade, to none in the middle. Areas that do not touch are matched one by one.

    Args:
        before: the original, uint8, height × width × 3.
        after: the painted, of the same size.
        depth: pixels inward from the mask's edge (see `masks.depth_inward`).
        feather: pixels over which the new fades into the old.
    """
    import cv2

    inside = (depth > 0).astype(np.uint8)
    count, found = cv2.connectedComponents(inside, connectivity=8)
    areas = np.asarray(found)
    reach = max(_RING, feather + 1.0)
    ring = (depth > 0) & (depth <= reach)
    light = LIGHT[after]
    gains = _gains(LIGHT[before][ring], light[ring], areas[ring], count)
    weight = _weight(depth, areas, count, reach)[..., np.newaxis]
    return (to_levels(light * (1 + weight * (gains[areas] - 1))) * 255).astype(np.float32)


def _gains(before: Floats, after: Floats, areas: npt.NDArray[np.int32], count: int) -> Floats:
    """For each area, by what the light of red, green and blue is multiplied; 1 without an edge."""
    gains = np.ones((count, 3))
    pixels = np.bincount(areas, minlength=count)
    seen = pixels > 0
    for channel in range(3):
        old, new = (
            np.bincount(areas, light[:, channel], minlength=count)[seen] / pixels[seen] + _DARK
            for light in (before, after)
        )
        gains[seen, channel] = np.clip(old / new, 1 / _MOST_GAIN, _MOST_GAIN)
    return gains


def _weight(
    depth: npt.NDArray[np.float32], areas: npt.NDArray[np.int32], count: int, reach: float
) -> Floats:
    """How much of the gain each pixel gets: all of it in the ring, none where it is deepest."""
    deepest = np.zeros(count)
    np.maximum.at(deepest, areas.ravel(), depth.ravel())
    room = deepest[areas] - reach
    with np.errstate(invalid="ignore"):  # where there is no edge, and no gain either
        faded = np.clip((deepest[areas] - depth) / np.where(room > 0, room, 1), 0, 1)
    return np.where((room > 0) & (depth > reach), np.nan_to_num(faded), 1.0)
