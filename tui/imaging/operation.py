"""What every light edit has: a name, a value that is stepped or typed, and a way to be done."""

from typing import ClassVar, Self

import msgspec

from tui.imaging import operation_words as words
from tui.imaging.pixels import Levels


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """One light edit."""

    NAME: ClassVar[str]

    def apply(self, picture: Levels, scale: float, /) -> Levels:
        """The picture with the edit; what is given is left alone."""
        raise NotImplementedError

    def stepped(self, by: int, /) -> Self:
        """A little more, or with a negative number less, of it."""
        raise NotImplementedError

    def typed(self, text: str) -> Self:
        """With the value that somebody typed.

        Raises:
            ImagingError: no such value; the message says what may be typed.
        """
        raise NotImplementedError

    @property
    def text(self) -> str:
        """The value as it is typed."""
        raise NotImplementedError

    @property
    def shown(self) -> str:
        """The value as its row shows it: short."""
        return self.text


class Amount(Operation, frozen=True):
    """An edit with one number."""

    LOW: ClassVar[float]
    HIGH: ClassVar[float]
    STEP: ClassVar[float]
    UNIT: ClassVar[str] = ""

    amount: float = 0.0

    def __post_init__(self) -> None:
        """Refuse stored values that nobody could have chosen."""
        words.within(self.NAME, self.amount, self.LOW, self.HIGH)

    def stepped(self, by: int) -> Self:
        """So many steps more, as far as it goes."""
        amount = round(self.amount + by * self.STEP, 4) + 0.0
        return self._with(min(self.HIGH, max(self.LOW, amount)))

    def typed(self, text: str) -> Self:
        """A number."""
        return self._with(words.number(self.NAME, text, self.LOW, self.HIGH, self.UNIT))

    @property
    def text(self) -> str:
        """The number."""
        return f"{self.amount:+g}" if self.LOW < 0 and self.amount else f"{self.amount:g}"

    def _with(self, amount: float) -> Self:
        return msgspec.structs.replace(self, amount=amount)
