"""The step cache: where little has changed since the step before, most of a step is taken over.

A network's first block computes at every step. Where its answer differs from that of the last step
by less than a threshold, the blocks behind it are not asked, and what they added then is added
again (“first block cache”). That is faster, and other pixels come out.
"""

import math
from typing import Any

from tui.domain.text import clean

STEP_CACHE = "step cache"
"""What the element of a wish is called."""

USUAL_THRESHOLD = 0.1
"""What “on” means: the middle of the range in which pictures stay close to those without it."""

OFF = "off"
EFFECT = "faster; changes the pixels"
"""What it does, beside where it is chosen."""

WANTED_THRESHOLD = f"give a number above 0, up to 1, such as {USUAL_THRESHOLD:g}, or “{OFF}”"

_OFF = ("", OFF, "none", "no")
_ON = ("on", "yes")


def threshold_in_words(threshold: Any) -> str:
    """A threshold as it is shown and typed; without one, that it is off."""
    return f"{threshold:g}" if isinstance(threshold, int | float) and threshold else OFF


def typed_threshold(text: str) -> float:
    """The threshold that was typed; 0 for none.

    Raises:
        ValueError: it is none; the message says what would do.
    """
    word = clean(text).lower()
    if word in _OFF:
        return 0.0
    if word in _ON:
        return USUAL_THRESHOLD
    try:
        found = float(word.replace(",", "."))
    except ValueError as error:
        shown = clean(text, limit=40)
        raise ValueError(f"“{shown}” is no step cache: {WANTED_THRESHOLD}") from error
    for problem in threshold_problems(found):
        raise ValueError(problem)
    return found


def threshold_problems(threshold: float) -> list[str]:
    """What is wrong with a threshold, a sentence each; 0 is none."""
    if math.isfinite(threshold) and 0 <= threshold <= 1:
        return []
    return [f"the step cache is {threshold:g}: {WANTED_THRESHOLD}"]
