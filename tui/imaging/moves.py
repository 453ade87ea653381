"""Light edits after which pixels lie elsewhere: crops, turns, flips, straightening.

Positions are shares of the picture, so that a small preview is cut as the whole picture is.
"""

import math
from typing import Literal, Self

import msgspec
import numpy as np

from tui.imaging import operation_words as words
from tui.imaging import tones
from tui.imaging.aspects import InAspect
from tui.imaging.boxes import InBox
from tui.imaging.operation import Amount, Operation
from tui.imaging.pixels import Levels


class Crop(InAspect, frozen=True, tag="crop"):
    """The largest part in an aspect; the anchor says where it lies."""

    NAME = "crop"

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Cut."""
        tall, wide = picture.shape[:2]
        width = max(1, min(wide, round(tall * self.width / self.height)))
        height = max(1, min(tall, round(wide * self.height / self.width)))
        left = math.floor((wide - width) * self.anchor + 0.5)
        top = math.floor((tall - height) * self.anchor + 0.5)
        return picture[top : top + height, left : left + width].copy()


class CropBox(InBox, frozen=True, tag="crop box"):
    """The part in a box."""

    NAME = "crop to box"

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Cut."""
        left, top, right, bottom = self.pixels(picture)
        return picture[top:bottom, left:right].copy()


class Turn(Operation, frozen=True, tag="turn"):
    """Quarter turns, clockwise."""

    NAME = "turn"

    quarters: Literal[1, 2, 3] = 1

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Turn; no pixel changes its value."""
        return np.rot90(picture, -self.quarters).copy()

    def stepped(self, by: int) -> Self:
        """A quarter more."""
        return msgspec.structs.replace(self, quarters=(self.quarters - 1 + by) % 3 + 1)

    def typed(self, text: str) -> Self:
        """90, 180 or 270 degrees."""
        quarters = int(words.one_of(text, ("90", "180", "270"))) // 90
        return msgspec.structs.replace(self, quarters=quarters)

    @property
    def text(self) -> str:
        """Degrees."""
        return str(self.quarters * 90)


class Flip(Operation, frozen=True, tag="flip"):
    """Left and right, or top and bottom, swapped."""

    NAME = "flip"

    axis: Literal["horizontal", "vertical"] = "horizontal"

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Mirror; no pixel changes its value."""
        return np.flip(picture, 1 if self.axis == "horizontal" else 0).copy()

    def stepped(self, _by: int, /) -> Self:
        """The other way."""
        axis = "vertical" if self.axis == "horizontal" else "horizontal"
        return msgspec.structs.replace(self, axis=axis)

    def typed(self, text: str) -> Self:
        """`horizontal` or `vertical`."""
        return msgspec.structs.replace(self, axis=words.one_of(text, ("horizontal", "vertical")))

    @property
    def text(self) -> str:
        """The axis."""
        return self.axis


class Straighten(Amount, frozen=True, tag="straighten"):
    """A small turn, clockwise; the empty corners are cut off, the aspect stays."""

    NAME, LOW, HIGH, STEP, UNIT = "straighten", -15.0, 15.0, 0.5, "°"

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Turn and cut."""
        return tones.straightened(picture, self.amount)
