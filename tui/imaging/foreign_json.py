"""JSON from anywhere: bounded, without tricks, and with its texts made harmless."""

import json
import sys
from typing import NoReturn

from tui.domain.text import clean

MOST_DIGITS = 19
"""Digits of a whole number; 64 bits have no more."""

_LONGEST_TEXT = 100_000
"""Characters; a composed prompt is the longest text there is."""


class ForeignJsonError(ValueError):
    """Not JSON, or JSON that is built to confuse its reader."""


def parsed(content: bytes) -> object:
    """The JSON in these bytes of UTF-8.

    Raises:
        ForeignJsonError: not JSON, nested too deep, a number beyond 64 bits or not finite, or one
            key twice in an object, of which two readers would take different ones.
    """
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refused,
            parse_int=_whole,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        raise ForeignJsonError(f"not usable JSON: {type(error).__name__}") from error


def lenient(text: str) -> object:
    """The JSON in a text of another program, which may have what JSON has not.

    `NaN` and infinities become None, numbers beyond 64 bits stay texts, and of a key that is
    there twice the last value counts: ComfyUI writes the first and has seeds of 20 digits.

    Raises:
        ForeignJsonError: not JSON, or nested too deep.
    """
    try:
        return json.loads(
            text, parse_constant=lambda _: None, parse_int=_whole_or_text, parse_float=_float
        )
    except (ValueError, RecursionError) as error:
        raise ForeignJsonError(f"not usable JSON: {type(error).__name__}") from error


def harmless(value: object) -> object:
    """The same value with every text in it made harmless, also the keys of an object.

    Plain spaces are kept as they are, also in rows: processors and folders have such names.

    Raises:
        RecursionError: nested deeper than Python goes.
    """
    if isinstance(value, str):
        return _harmless_text(value)
    if isinstance(value, list):
        return [harmless(item) for item in value]
    if isinstance(value, dict):
        return {_harmless_text(key): harmless(item) for key, item in value.items()}
    return value


def _harmless_text(text: str) -> str:
    safe = clean(text, limit=_LONGEST_TEXT)
    return text if safe.replace(" ", "") == text.replace(" ", "") else safe


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key twice")
    return found


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise ValueError("a number beyond 64 bits")
    return int(digits)


def _whole_or_text(digits: str) -> int | str:
    return int(digits) if len(digits.lstrip("-")) <= MOST_DIGITS else digits[:40]


def _float(digits: str) -> float | None:
    number = float(digits)
    return number if abs(number) <= sys.float_info.max else None


def _finite(digits: str) -> float:
    number = float(digits)
    if not abs(number) <= sys.float_info.max:
        raise ValueError("a number that is not finite")
    return number
