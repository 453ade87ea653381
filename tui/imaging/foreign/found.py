"""What a file of another program says of how its picture was made."""

from collections.abc import Mapping

import msgspec

from tui.domain.text import clean, clean_lines

LONGEST_PROMPT = 100_000
_LONGEST_VALUE = 300
_MOST_SETTINGS = 40


class ForeignRecipe(msgspec.Struct, frozen=True):
    """Words and settings; every text is harmless."""

    program: str
    """Who wrote it, such as `A1111`."""
    prompt: str
    """May have several lines."""
    negative: str = ""
    model: str = ""
    """As that program calls it."""
    settings: tuple[tuple[str, str], ...] = ()
    """Everything else of one line, by the program's own names."""


def recipe_of(
    program: str,
    prompt: object,
    negative: object = "",
    model: object = "",
    settings: Mapping[str, object] | None = None,
) -> ForeignRecipe | None:
    """The recipe, cleaned; None where there are no words. What is no text or number is left out."""
    found = ForeignRecipe(
        clean(program, limit=60),
        _lines(prompt),
        _lines(negative),
        _value(model),
        tuple(
            (clean(key, limit=60), text)
            for key, value in list((settings or {}).items())[:_MOST_SETTINGS]
            if (text := _value(value))
        ),
    )
    return found if found.prompt or found.negative else None


def _lines(text: object) -> str:
    return clean_lines(text, limit=LONGEST_PROMPT) if isinstance(text, str) else ""


def _value(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return clean(str(value), limit=_LONGEST_VALUE)
