"""What went wrong before with the same words, model or kind of picture.

A flaw is told of the one thing with which it came most often beside the pictures without that
thing, and always with its numbers: it is a memory, not a verdict on a word.
"""

from collections.abc import Iterable, Sequence

import msgspec

from tui.domain.brief import Kind
from tui.domain.prompt import POSITIVE_LAYERS, Layers, phrases
from tui.domain.text import model_name
from tui.domain.weights import bare

LEAST = 6
"""Judged pictures before anything is said of what they have in common."""
OFTEN = 0.4
"""Share of them that show the flaw."""


class Judged(msgspec.Struct, frozen=True):
    """A picture that a person looked at, with the others of its batch."""

    phrases: frozenset[str]
    """Of its prompt, in small letters and without weights."""
    model: str
    kind: Kind
    flaws: frozenset[str]


class FlawMemory(msgspec.Struct, frozen=True):
    """A flaw that was often seen with something that is there again."""

    flaw: str
    wrong: int
    """Pictures with the flaw."""
    of: int
    """Judged pictures with that thing."""
    what: str
    """The phrase in quotes, the model's name, or the kind of picture."""

    def __str__(self) -> str:
        return f"{self.flaw} went wrong in {self.wrong} of {self.of} with {self.what}"


def remembered(
    judged: Sequence[Judged], layers: Layers, model: str, kind: Kind
) -> tuple[FlawMemory, ...]:
    """What to expect of these words, this model and this kind; the most frequent flaw first.

    Args:
        judged: pictures of all projects.
        layers: as they are now.
        model: as intents name it.
        kind: of the picture that is wanted.
    """
    best: dict[str, tuple[float, FlawMemory]] = {}
    for what, has in _things(judged, layers, model, kind):
        inside = [picture for picture, there in zip(judged, has, strict=True) if there]
        outside = [picture for picture, there in zip(judged, has, strict=True) if not there]
        if len(inside) < LEAST:
            continue
        for flaw in sorted(frozenset[str]().union(*(picture.flaws for picture in inside))):
            wrong, of = _count(inside, flaw), len(inside)
            if wrong / of < OFTEN:
                continue
            # What is as frequent without it says nothing against it.
            more = wrong / of - (_count(outside, flaw) / len(outside) if outside else 0)
            if flaw not in best or more > best[flaw][0]:
                best[flaw] = more, FlawMemory(flaw, wrong, of, what)
    found = [memory for _more, memory in best.values()]
    return tuple(sorted(found, key=lambda m: (-m.wrong / m.of, -m.of, m.flaw)))


def _things(
    judged: Sequence[Judged], layers: Layers, model: str, kind: Kind
) -> Iterable[tuple[str, list[bool]]]:
    """What is there now, and which of the pictures had it."""
    for layer in POSITIVE_LAYERS:
        for phrase in phrases(layers.get(layer)):
            words = bare(phrase)
            yield f"“{phrase}”", [words in picture.phrases for picture in judged]
    yield model_name(model), [picture.model == model for picture in judged]
    yield f"{kind.value} pictures", [picture.kind is kind for picture in judged]


def _count(pictures: Iterable[Judged], flaw: str) -> int:
    return sum(flaw in picture.flaws for picture in pictures)
