"""Sizes as a person types them: `1200 x 630`, `square`, `a4`, `10 x 15 cm`."""

import re

from tui.domain.brief import Brief
from tui.domain.intent import LARGEST_SIDE

NAMED: dict[str, tuple[int, int]] = {
    "square": (1080, 1080),
    "portrait": (1080, 1350),
    "story": (1080, 1920),
    "landscape": (1920, 1080),
    "wide": (1920, 1080),
    "slide": (1920, 1080),
    "hd": (1920, 1080),
    "1080p": (1920, 1080),
    "720p": (1280, 720),
    "4k": (3840, 2160),
    "link preview": (1200, 630),
    "og": (1200, 630),
    "banner": (1500, 500),
    "thumbnail": (1280, 720),
    "icon": (512, 512),
    "a3": (3508, 4961),
    "a4": (2480, 3508),
    "a5": (1748, 2480),
}
"""Pixels, width and height; paper at 300 dots an inch, upright."""

_DOTS = {"px": 1.0, "mm": 300 / 25.4, "cm": 300 / 2.54, "in": 300.0}
_UNIT = r"(px|pixels?|mm|cm|in|inch|inches|\")?"
_NUMBER = r"(\d{1,6}(?:\.\d{1,4})?)"
_TWO = re.compile(rf"{_NUMBER}\s*{_UNIT}\s*(?:x|×|✕|\*|by|,|/|\s)\s*{_NUMBER}\s*{_UNIT}", re.ASCII)
_ONE = re.compile(rf"{_NUMBER}\s*{_UNIT}", re.ASCII)
_SHAPE = re.compile(r"\d{1,3}\s*:\s*\d{1,3}", re.ASCII)
_HELP = "write width × height in pixels, such as 1200 × 630, or square, slide, a4"


class SizeError(ValueError):
    """No size can be read in it; the message says what would do."""


def parse_size(text: str) -> tuple[int, int]:
    """Width and height in pixels; (0, 0) where nothing was typed.

    Raises:
        SizeError: it is no size, or none that can be made.
    """
    folded = " ".join(text.casefold().split())
    if not folded:
        return 0, 0
    if folded in NAMED:
        return NAMED[folded]
    if match := _TWO.fullmatch(folded):
        wide, unit, tall, last = match.groups()
        return _checked(_pixels(wide, unit or last), _pixels(tall, last or unit))
    if match := _ONE.fullmatch(folded):
        side = _pixels(*match.groups())
        return _checked(side, side)
    if _SHAPE.fullmatch(folded):
        raise SizeError(f"{folded} is a shape, not a size: {_HELP}")
    raise SizeError(f"this is no size: {_HELP}")


def size_in_words(width: int, height: int) -> str:
    """`1200 × 630`; empty while no size has been said."""
    return f"{width} × {height}" if width > 0 and height > 0 else ""


def size_hint(brief: Brief) -> str:
    """What an empty size means for an export, and which one the brief has."""
    wanted = size_in_words(brief.width, brief.height)
    return f"as it is; the brief says {wanted}" if wanted else "as it is; or such as 1200 × 630"


def _pixels(number: str, unit: str | None) -> int:
    unit = unit or "px"
    unit = "in" if unit[0] in 'i"' else "px" if unit[0] == "p" else unit
    return round(float(number) * _DOTS[unit])


def _checked(width: int, height: int) -> tuple[int, int]:
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
        raise SizeError(
            f"{width} × {height} cannot be made: give sides from 1 to {LARGEST_SIDE} pixels"
        )
    return width, height
