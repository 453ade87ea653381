"""Step 1: what the image is for. A contract that later steps test against."""

from enum import StrEnum
from typing import ClassVar

import msgspec

from tui.domain.text import clean


class Kind(StrEnum):
    """The kind of image; it sets how long each step usually takes."""

    SIMPLE = "simple"
    STYLISED = "stylised"
    COMPLEX = "complex"
    PHOTOREAL = "photoreal"


class Stakes(StrEnum):
    """How far the image will travel; it sets how long the check is."""

    CASUAL = "casual"
    PUBLIC = "public"
    CAMPAIGN = "campaign"


class Brief(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One brief: purpose, place, size, and what must and must not be in the picture."""

    VERSION: ClassVar[int] = 1

    purpose: str = ""
    """What the image is for, in the person's words."""
    place: str = ""
    """Where it will appear: web page, print, slide."""
    width: int = 0
    """Pixels the place needs; 0 while it has not been said."""
    height: int = 0
    """Pixels the place needs; 0 while it has not been said."""
    kind: Kind = Kind.SIMPLE
    stakes: Stakes = Stakes.CASUAL
    must_contain: tuple[str, ...] = ()
    must_avoid: tuple[str, ...] = ()
    style_context: str = ""
    """The look around it: brand colours, neighbouring pictures."""
    version: int = VERSION

    def cleaned(self) -> "Brief":
        """The same brief with every text harmless and empty items gone."""
        return msgspec.structs.replace(
            self,
            purpose=clean(self.purpose),
            place=clean(self.place),
            must_contain=tuple(item for item in map(clean, self.must_contain) if item),
            must_avoid=tuple(item for item in map(clean, self.must_avoid) if item),
            style_context=clean(self.style_context),
        )

    @property
    def aspect(self) -> float | None:
        """Width divided by height, or None while the size has not been said."""
        return self.width / self.height if self.width > 0 and self.height > 0 else None


EXPECTED_ROUNDS: dict[Kind, tuple[int, int]] = {
    Kind.SIMPLE: (1, 2),
    Kind.STYLISED: (2, 4),
    Kind.COMPLEX: (4, 8),
    Kind.PHOTOREAL: (3, 6),
}
"""Rounds that pictures of each kind usually take; a place to start, corrected by experience."""
