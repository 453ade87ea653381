"""What light edits that give a picture another aspect have in common."""

from typing import Self

import msgspec

from tui.imaging import operation_words as words
from tui.imaging.operation import Operation


class InAspect(Operation, frozen=True):
    """An edit with an aspect, and a place along the side that changes."""

    width: int
    """Of the aspect: 1200 in 1200:630."""
    height: int
    anchor: float = 0.5
    """0 is left or top, 1 is right or bottom."""

    def __post_init__(self) -> None:
        """Refuse stored values that nobody could have chosen."""
        words.within("the aspect", self.width, 1, 100_000)
        words.within("the aspect", self.height, 1, 100_000)
        words.within("the anchor", self.anchor, 0, 1)

    def stepped(self, by: int) -> Self:
        """Move by a tenth."""
        anchor = min(1.0, max(0.0, round(self.anchor + by / 10, 4)))
        return msgspec.structs.replace(self, anchor=anchor)

    def typed(self, text: str) -> Self:
        """An aspect, such as 16:9, and perhaps an anchor, such as 30%."""
        width, height, anchor = words.aspect(text)
        anchor = self.anchor if anchor is None else anchor
        return msgspec.structs.replace(self, width=width, height=height, anchor=anchor)

    @property
    def text(self) -> str:
        """Aspect and anchor."""
        return f"{self.width}:{self.height} {self.anchor * 100:g}%"
