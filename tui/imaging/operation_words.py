"""Values of light edits as they are typed: read, or refused in a sentence."""

import math
import re
from collections.abc import Sequence

from tui.domain.text import clean
from tui.imaging.errors import ImagingError


def within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a stored value out of range.

    Raises:
        ValueError: it is.
    """
    if not math.isfinite(value) or not low <= value <= high:
        raise ValueError(f"{name} is {value}, not {low:g} to {high:g}")


def number(name: str, text: str, low: float, high: float, unit: str = "") -> float:
    """A number in a range, with or without its unit.

    Raises:
        ImagingError: it is none, or out of range.
    """
    plain = clean(text, limit=40).replace(",", ".").replace("−", "-").lower()
    if unit:
        plain = plain.removesuffix(unit.lower()).strip()
    if re.fullmatch(r"[+-]?(\d{1,6}(\.\d{0,6})?|\.\d{1,6})", plain):
        value = round(float(plain), 4) + 0.0
        if low <= value <= high:
            return value
    shown = f"{low:g} to {high:g}{f' {unit}' if unit else ''}"
    raise ImagingError(f"{name} cannot be “{clean(text, limit=40)}”: type a number from {shown}")


def one_of(text: str, choices: Sequence[str]) -> str:
    """The one choice that begins with what was typed.

    Raises:
        ImagingError: none, or more than one.
    """
    plain = clean(text, limit=40).lower().rstrip("°")
    found = [choice for choice in choices if plain and choice.startswith(plain)]
    if len(found) == 1:
        return found[0]
    raise ImagingError(f"“{clean(text, limit=40)}” will not do here: type {' or '.join(choices)}")


def aspect(text: str) -> tuple[int, int, float | None]:
    """Width, height, and the anchor from 0 to 1 if one was typed, from `16:9 30%`.

    Raises:
        ImagingError: not that.
    """
    found = re.fullmatch(
        r"(\d{1,5})\s*[:x×/]\s*(\d{1,5})(?:\s+(\d{1,3}(?:\.\d{1,4})?)\s*%?)?", clean(text, limit=60)
    )
    if found and int(found[1]) and int(found[2]) and float(found[3] or 0) <= 100:
        anchor = None if found[3] is None else round(float(found[3]) / 100, 6)
        return int(found[1]), int(found[2]), anchor
    raise ImagingError(
        f"“{clean(text, limit=40)}” is no aspect: type two whole numbers, as 16:9, "
        "and where the part lies, if not in the middle, as 16:9 30%"
    )


def shares(text: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom from 0 to 1, from four numbers in %.

    Raises:
        ImagingError: not that, or an empty box.
    """
    found = re.findall(r"\d{1,3}(?:\.\d{1,6})?", clean(text, limit=80))
    sides = [round(float(side) / 100, 8) for side in found]
    if len(sides) == 4 and max(sides) <= 1 and sides[0] < sides[2] and sides[1] < sides[3]:
        return sides[0], sides[1], sides[2], sides[3]
    raise ImagingError(
        f"“{clean(text, limit=40)}” is no box: type left, top, right and bottom in %, "
        "as 10% 20% 50% 60%"
    )


def pixels(start: float, end: float, side: int) -> tuple[int, int]:
    """Two shares of a side as pixels, at least one apart."""
    first = min(round(start * side), side - 1)
    return first, max(first + 1, min(round(end * side), side))
