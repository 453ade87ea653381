"""Colours of a repainted area brought to the picture's own at the mask's edge."""

from functools import cache

import numpy as np
import numpy.typing as npt

from tui.imaging.pixels import Levels
from tui.imaging.tones import LIGHT, to_levels

_RING = 4.0
"""Least pixels inside the mask's edge that are compared."""
_MOST_GAIN = 2.0
"""Times the light, or by so much less; what differs more is another subject, not a cast."""
_FINE = 2**14
"""Steps of light, a fifth of a level where levels are nearest."""
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

    count, found = cv2.connectedComponents((depth > 0).astype(np.uint8), connectivity=8)
    inside = np.flatnonzero(depth > 0)
    areas, deep = np.asarray(found).ravel()[inside], depth.ravel()[inside]
    reach = max(_RING, feather + 1.0)
    ring = deep <= reach
    light = LIGHT[after.reshape(-1, 3)[inside]]
    original = LIGHT[before.reshape(-1, 3)[inside[ring]]]
    gains = _gains(original, light[ring], areas[ring], count)
    weight = _weight(deep, areas, count, reach)[:, np.newaxis]
    light *= 1 + weight * (gains[areas] - 1)
    levels = after.astype(np.float32)
    levels.reshape(-1, 3)[inside] = _table()[np.rint(light.clip(0, 1) * _FINE).astype(np.int32)]
    return levels


@cache
def _table() -> npt.NDArray[np.float32]:
    """The levels of light in `_FINE` steps: looked up far quicker than computed for each pixel."""
    return (to_levels(np.arange(_FINE + 1) / _FINE) * 255).astype(np.float32)


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
    np.maximum.at(deepest, areas, depth)
    deepest[np.isinf(deepest)] = 0  # without an edge there is no gain either
    room = np.maximum(deepest - reach, 1)[areas]
    return np.where(depth > reach, np.clip((deepest[areas] - depth) / room, 0, 1), 1.0)
