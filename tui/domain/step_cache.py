"""The step cache: where little has changed since the step before, most of a step is taken over.

A network's first block computes at every step. Where its answer differs from that of the last step
by less than a threshold, the blocks behind it are not asked, and what they added then is added
again (“first block cache”). That is faster, and other pixels come out.
"""

import math
from typing import Any

from tui.domain.typed_number import typed_number

STEP_CACHE = "step cache"
"""What the element of a wish is called."""

USUAL_THRESHOLD = 0.1
"""What “on” means: the middle of the range in which pictures stay close to those without it."""

OFF = "off"
EFFECT = "faster; changes the pixels"
"""What it does, beside where it is chosen."""

WANTED_THRESHOLD = f"give a number above 0, up to 1, such as {USUAL_THRESHOLD:g}, or “{OFF}”"

_WORDS = dict.fromkeys(("", OFF, "none", "no"), 0.0) | dict.fromkeys(("on", "yes"), USUAL_THRESHOLD)


def threshold_in_words(threshold: Any) -> str:
    """A threshold as it is shown and typed; without one, that it is off."""
    return f"{threshold:g}" if isinstance(threshold, int | float) and threshold else OFF


def typed_threshold(text: str) -> float:
    """The threshold that was typed; 0 for none.

    Raises:
        ValueError: it is none; the message says what would do.
    """
    return typed_number(text, _WORDS, threshold_problems, STEP_CACHE, WANTED_THRESHOLD)


def threshold_problems(threshold: float) -> list[str]:
    """What is wrong with a threshold, a sentence each; 0 is none."""
    if math.isfinite(threshold) and 0 <= threshold <= 1:
        return []
    return [f"the step cache is {threshold:g}: {WANTED_THRESHOLD}"]
