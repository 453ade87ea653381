"""A tone curve through points that are typed as numbers, for all channels or for one."""

import re
from itertools import pairwise
from typing import Literal, Self

import msgspec
import numpy as np
import numpy.typing as npt

from tui.domain.bars import bars
from tui.domain.text import clean
from tui.imaging import tones
from tui.imaging.errors import ImagingError
from tui.imaging.operation import Operation
from tui.imaging.pixels import Levels

Point = tuple[int, int]
"""A level, from 0 to 255, and the level that it becomes."""
Channel = Literal["all", "red", "green", "blue"]

MOST_POINTS = 16
_STEP = 4
"""Levels by which the inner points go up or down."""
_CHANNELS: dict[str, Channel] = {"": "all", "r": "red", "g": "green", "b": "blue"}
_EXAMPLE = "0 0 64 50 255 255"


class Curve(Operation, frozen=True, tag="curve"):
    """Levels that become other levels, by a smooth curve that never swings past its points."""

    NAME = "curve"

    points: tuple[Point, ...] = ((0, 0), (64, 50), (192, 210), (255, 255))
    """From left to right; before the first and after the last the curve is level."""
    channel: Channel = "all"

    def __post_init__(self) -> None:
        """Refuse stored values that nobody could have chosen."""
        if problem := _problem(self.points):
            raise ValueError(problem)

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Look every level up."""
        same, curve = np.arange(256, dtype=np.float64), through(self.points)
        columns = [
            curve if self.channel in ("all", channel) else same
            for channel in ("red", "green", "blue")
        ]
        return tones.looked_up(picture, np.stack(columns, axis=1) / 255)

    def stepped(self, by: int) -> Self:
        """The points between the ends higher, or lower; a middle one comes first if need be."""
        first, *inner, last = self.points
        if not inner:
            middle = (first[0] + last[0]) // 2
            if middle == first[0]:
                return self
            inner = [(middle, (first[1] + last[1]) // 2)]
        moved = ((x, min(255, max(0, y + by * _STEP))) for x, y in inner)
        return msgspec.structs.replace(self, points=(first, *moved, last))

    def typed(self, text: str) -> Self:
        """Pairs of numbers; `r`, `g` or `b` before them for one channel."""
        shown = clean(text, limit=40)
        found = re.fullmatch(
            r"([rgb]?)((?:[\s,;:]*\d{1,6}(?![\d.]))*)", clean(text, limit=400).lower()
        )
        if found is None or not found[2]:
            raise ImagingError(
                f"“{shown}” is no curve: type pairs of whole numbers from 0 to 255, as {_EXAMPLE}, "
                "with r, g or b before them for one channel"
            )
        numbers = [int(number) for number in re.findall(r"\d+", found[2])]
        if len(numbers) % 2:
            raise ImagingError(
                "the curve has a number without a partner: type an even count of them, "
                f"as {_EXAMPLE}"
            )
        points = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        if problem := _problem(points):
            raise ImagingError(problem)
        return msgspec.structs.replace(self, points=points, channel=_CHANNELS[found[1]])

    @property
    def text(self) -> str:
        """The points, after the channel's letter."""
        numbers = " ".join(f"{x} {y}" for x, y in self.points)
        return numbers if self.channel == "all" else f"{self.channel[0]} {numbers}"

    @property
    def shown(self) -> str:
        """How it looks, in a few letters."""
        drawn = bars(through(self.points)[[0, 64, 128, 191, 255]].tolist(), full=255)
        return drawn if self.channel == "all" else f"{self.channel[0]} {drawn}"


def through(points: tuple[Point, ...]) -> npt.NDArray[np.float64]:
    """The curve's 256 values, from 0 to 255.

    A cubic between each two points that is monotone wherever the points are: F. N. Fritsch and
    R. E. Carlson, Monotone Piecewise Cubic Interpolation, 1980.
    """
    x, y = np.array(points, np.float64).T
    slopes, wide = np.diff(y) / np.diff(x), np.diff(x)
    tangents = np.concatenate([slopes[:1], (slopes[:-1] + slopes[1:]) / 2, slopes[-1:]])
    turns = np.flatnonzero(slopes[:-1] * slopes[1:] <= 0) + 1
    tangents[turns] = 0
    for at, slope in enumerate(slopes):
        length = np.hypot(tangents[at], tangents[at + 1])
        if length > 3 * abs(slope):
            tangents[at : at + 2] *= 3 * abs(slope) / length
    levels = np.arange(256, dtype=np.float64)
    part = np.clip(np.searchsorted(x, levels, side="right") - 1, 0, len(slopes) - 1)
    t = np.clip((levels - x[part]) / wide[part], 0, 1)
    start, end = tangents[part] * wide[part], tangents[part + 1] * wide[part]
    rise = y[part + 1] - y[part]
    curve = y[part] + t * (
        start + t * ((3 * rise - 2 * start - end) + t * (start + end - 2 * rise))
    )
    # So that a last bit of the arithmetic has no say in how halves are rounded to levels.
    return np.asarray(np.clip(curve, 0, 255).round(6))


def _problem(points: tuple[Point, ...]) -> str:
    """Why these are no curve, in a sentence; empty where they are one."""
    if not 2 <= len(points) <= MOST_POINTS:
        return (
            f"a curve has 2 to {MOST_POINTS} points, and this one {len(points)}: "
            f"type two numbers for each, as {_EXAMPLE}"
        )
    for level in (level for point in points for level in point):
        if not 0 <= level <= 255:
            return f"{level} is no level of a curve: type whole numbers from 0 to 255"
    for (before, _), (after, _) in pairwise(points):
        if before >= after:
            return (
                f"the curve's points go from left to right, but {after} comes after {before}: "
                f"type them in rising order, as {_EXAMPLE}"
            )
    return ""
