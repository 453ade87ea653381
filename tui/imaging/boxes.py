"""What light edits that work in a box have in common."""

from typing import Self

import msgspec

from tui.imaging import operation_words as words
from tui.imaging.masks import Box
from tui.imaging.operation import Operation
from tui.imaging.pixels import Levels


class InBox(Operation, frozen=True):
    """An edit of the part in a box; sides are shares of the picture, from 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        """Refuse stored values that nobody could have chosen."""
        for side in (self.left, self.top, self.right, self.bottom):
            words.within("a side of the box", side, 0, 1)
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("the box is empty")

    def pixels(self, picture: Levels) -> Box:
        """The box in pixels of a picture, at least one each way."""
        tall, wide = picture.shape[:2]
        left, right = words.pixels(self.left, self.right, wide)
        top, bottom = words.pixels(self.top, self.bottom, tall)
        return left, top, right, bottom

    def stepped(self, by: int) -> Self:
        """Wider, or narrower, on all sides by a hundredth."""
        out = by / 100
        left, top = max(0.0, self.left - out), max(0.0, self.top - out)
        right, bottom = min(1.0, self.right + out), min(1.0, self.bottom + out)
        if right - left < 0.01 or bottom - top < 0.01:
            return self
        return self._with(*(round(side, 6) for side in (left, top, right, bottom)))

    def typed(self, text: str) -> Self:
        """Left, top, right and bottom in %."""
        return self._with(*words.shares(text))

    @property
    def text(self) -> str:
        """The four sides in %."""
        sides = (self.left, self.top, self.right, self.bottom)
        return " ".join(f"{side * 100:.4g}%" for side in sides)

    def _with(self, left: float, top: float, right: float, bottom: float) -> Self:
        return msgspec.structs.replace(self, left=left, top=top, right=right, bottom=bottom)
