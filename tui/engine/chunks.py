"""A prompt longer than its reader takes at once, in parts that are read one after the other.

A part ends behind a comma where it can, else between words: a phrase that fits into one part is
never read in two.
"""

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

from tui.domain.intent import Intent
from tui.engine.tokenizer_files import Reader

_SPLITS: tuple[Callable[[str], list[str]], ...] = (
    re.compile(r"(?<=,)(?=\s)").split,
    re.compile(r"(?<=\S)(?=\s)").split,
    list,
)
"""Into phrases, words and characters; nothing is lost."""


def chunks_of(text: str, readers: Sequence[Reader]) -> tuple[str, ...]:
    """The text in as few parts as all readers take whole, in order; at least one."""

    def fits(part: str) -> bool:
        return all(len(reader.spans(part.strip())) <= reader.limit for reader in readers)

    return tuple(part.strip() for part in _chunks(text, fits, _SPLITS)) or ("",)


def pairs_of(intent: Intent, readers: Sequence[Reader]) -> tuple[tuple[str, str], ...]:
    """Parts of the prompt and the negative prompt that are read side by side; at least one pair.

    The shorter one ends in empty parts, for a network takes both at one length. Negatives that are
    not read do not make a prompt longer.
    """
    layers = intent.layers
    words = chunks_of(layers.prompt, readers)
    negatives = chunks_of(layers.negative_prompt, readers)
    if intent.guidance <= 1:
        negatives = negatives[: len(words)]
    return tuple(zip_longest(words, negatives, fillvalue=""))


def chunks_needed(intent: Intent, readers: Sequence[Reader]) -> int:
    """Parts of the longest words that are read: a branch begins with its parent's."""
    needed = 1
    read: Intent | None = intent
    while read is not None:
        needed = max(needed, len(pairs_of(read, readers)))
        read = read.beginning
    return needed


def _chunks(
    text: str, fits: Callable[[str], bool], splits: Sequence[Callable[[str], list[str]]]
) -> list[str]:
    if fits(text) or not splits:
        return [text]
    found: list[str] = []
    current = ""
    for part in splits[0](text):
        if fits(current + part):
            current += part
            continue
        if current.strip():
            found.append(current)
        *whole, current = _chunks(part, fits, splits[1:])
        found += whole
    return [*found, current] if current.strip() else found
