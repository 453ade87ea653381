"""Guidance that some models were trained to obey as a number that they are told.

Flux dev is one. It costs nothing, while true guidance, which negatives need, has the network
compute every step twice; such a model is mostly drawn without that, and this is what people turn.
"""

import math
from typing import Any

from tui.domain.typed_number import typed_number

DISTILLED = "distilled guidance"
"""What the element of a wish is called."""

WANTED = "give a number above 0, up to 100, such as 3.5, or “own” for the model's own"
_OWN_WORDS = "the model's own"
_WORDS = dict.fromkeys(("", "own", "default", _OWN_WORDS), 0.0)


def distilled_in_words(value: Any) -> str:
    """A value as it is shown and typed; without one, that it is left to the model."""
    return f"{value:g}" if isinstance(value, int | float) and value else _OWN_WORDS


def typed_distilled(text: str) -> float:
    """The value that was typed; 0 for the model's own.

    Raises:
        ValueError: it is none; the message says what would do.
    """
    return typed_number(text, _WORDS, distilled_problems, DISTILLED, WANTED)


def distilled_problems(value: float) -> list[str]:
    """What is wrong with a value, a sentence each; 0 is the model's own."""
    if math.isfinite(value) and 0 <= value <= 100:
        return []
    return [f"the {DISTILLED} is {value:g}: {WANTED}"]
