"""Places in a picture: what a program found there, or a person pointed at."""

from enum import StrEnum
from typing import ClassVar

import msgspec

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the whole picture; the last two are just outside."""


class AreaKind(StrEnum):
    """What an area is about."""

    TEXT = "text"
    FACE = "face"
    MARKED = "marked"
    """A person pointed at it."""


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place in a picture."""

    VERSION: ClassVar[int] = 1

    kind: AreaKind
    box: Box
    text: str = ""
    """What was read there; as foreign as the picture."""
    sure: float = 1.0
    """How sure the program says it is, from 0 to 1."""
    version: int = VERSION

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        left, top, right, bottom = self.box
        return right - left, bottom - top


class Findings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one program found in one exact file."""

    VERSION: ClassVar[int] = 1

    sha256: str
    """Of the file that was read."""
    tool: str
    """Which program, in which version."""
    areas: tuple[Area, ...] = ()
    """In reading order."""
    version: int = VERSION
