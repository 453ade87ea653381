"""How often each level comes in a picture: from black at the left to white at the right."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

COLUMNS = 24
"""Few enough to stand in a narrow panel."""
_SIDE = 256
"""Pixels of a side that are looked at; more would not change what is seen."""


@dataclass(frozen=True)
class Histogram:
    """Shares of the picture's pixels, from 0 to 1, in columns of equal width."""

    light: tuple[float, ...]
    red: tuple[float, ...]
    green: tuple[float, ...]
    blue: tuple[float, ...]


def histogram(picture: Image.Image) -> Histogram:
    """The histogram of a picture of mode RGB, from a sample where it is large."""
    size = min(picture.width, _SIDE), min(picture.height, _SIDE)
    # Whole pixels are taken: a mean of several would hide what is black or white.
    sample = picture.resize(size, Image.Resampling.NEAREST)
    counts = [*sample.convert("L").histogram(), *sample.histogram()]
    light, red, green, blue = (_columns(counts[at : at + 256]) for at in range(0, 1024, 256))
    return Histogram(light, red, green, blue)


def _columns(counts: list[int]) -> tuple[float, ...]:
    """256 counts as shares in fewer columns; a level on a border goes to both in parts."""
    below = np.concatenate([[0], np.cumsum(counts)])
    edges = np.linspace(0, 256, COLUMNS + 1)
    return tuple((np.diff(np.interp(edges, np.arange(257), below)) / below[-1]).tolist())
