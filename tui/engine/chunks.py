"""A prompt longer than its reader takes at once, in parts that are read one after the other.

A part ends behind a comma where it can, else between words: a phrase that fits into one part is
never read in two.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from tui.domain.intent import Intent
from tui.domain.weights import Weighted, unweighted, weighted, weighted_prompt
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


def words_of(intent: Intent, *, weighs: bool) -> tuple[Weighted, Weighted]:
    """Prompt and negative prompt as they are read.

    Args:
        intent: whose words.
        weighs: whether signs such as `(red hat:1.2)` are weights, and not words.
    """
    layers = intent.layers
    if weighs:
        return weighted_prompt(layers), weighted(layers.negative_prompt)
    return unweighted(layers.prompt), unweighted(layers.negative_prompt)


def pairs_of(
    intent: Intent, readers: Sequence[Reader], *, weighs: bool = False
) -> tuple[tuple[Weighted, Weighted], ...]:
    """Parts of the prompt and the negative prompt that are read side by side; at least one pair.

    The shorter one ends in empty parts, for a network takes both at one length. Negatives that are
    not read do not make a prompt longer.
    """
    words, negatives = (_parts(text, readers) for text in words_of(intent, weighs=weighs))
    if intent.guidance <= 1:
        negatives = negatives[: len(words)]
    return tuple(zip_longest(words, negatives, fillvalue=unweighted("")))


def chunks_needed(intent: Intent, readers: Sequence[Reader], *, weighs: bool = False) -> int:
    """Parts of the longest words that are read: a branch begins with its parent's."""
    return max(len(pairs_of(read, readers, weighs=weighs)) for read in _all_read(intent))


def has_weights(intent: Intent) -> bool:
    """Whether some of the words that are read have signs of weights, or brackets in their stead."""
    for read in _all_read(intent):
        words, negatives = words_of(read, weighs=True)
        if words.has_signs or (read.guidance > 1 and negatives.has_signs):
            return True
    return False


def _all_read(intent: Intent) -> Iterator[Intent]:
    """The wish, and those of the parents whose first steps it begins with."""
    read: Intent | None = intent
    while read is not None:
        yield read
        read = read.beginning


def _parts(words: Weighted, readers: Sequence[Reader]) -> list[Weighted]:
    found, start = [], 0
    for text in chunks_of(words.text, readers):
        start = words.text.index(text, start)
        found.append(words.part(start, start + len(text)))
        start += len(text)
    return found


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
