"""Step 3: what a person says of one image of a batch."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

import msgspec

from tui.domain.text import clean


class Closeness(StrEnum):
    """How near a candidate is to what the brief asks."""

    UNSEEN = "unseen"
    KEPT = "kept"
    CLOSEST = "closest"
    REJECTED = "rejected"


FLAWS = (
    "hands", "face", "text", "anatomy", "composition", "colour", "light", "style", "blurry",
    "clutter", "cut off", "off-brief",
)  # fmt: skip
"""The shared words for what goes wrong; a person may add others."""

MERITS = ("subject", "composition", "colour", "light", "mood", "style", "detail", "room for text")
"""The shared words for what works."""


class Marks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Closeness, flaws, merits and a comment on one candidate."""

    VERSION: ClassVar[int] = 1

    closeness: Closeness = Closeness.UNSEEN
    flaws: tuple[str, ...] = ()
    merits: tuple[str, ...] = ()
    comment: str = ""
    version: int = VERSION

    def cleaned(self) -> "Marks":
        """The same marks, harmless, without repeats or empty words."""
        return msgspec.structs.replace(
            self,
            flaws=_words(self.flaws),
            merits=_words(self.merits),
            comment=clean(self.comment),
        )

    def toggled(self, kind: str, word: str) -> "Marks":
        """With one flaw (`kind="flaws"`) or merit (`kind="merits"`) put on or taken off."""
        word = _word(word)
        words: tuple[str, ...] = getattr(self.cleaned(), kind)
        changed = tuple(w for w in words if w != word) if word in words else (*words, word)
        return msgspec.structs.replace(self, **{kind: changed}).cleaned()


def recurring(marks: Iterable[Marks], kind: str) -> list[tuple[str, int]]:
    """Words of that kind seen on two candidates or more, with their number, most frequent first."""
    counts = Counter(word for mark in marks for word in set(getattr(mark, kind)))
    return [(word, n) for word, n in sorted(counts.items(), key=lambda x: (-x[1], x[0])) if n > 1]


def _words(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in map(_word, words) if word))


def _word(word: str) -> str:
    return clean(word.lower())
