"""Step 6: what a person must have looked at before an image leaves."""

from enum import StrEnum
from typing import ClassVar

import msgspec

from tui.domain.brief import Brief, Stakes
from tui.domain.found import Area
from tui.domain.text import clean


class Answer(StrEnum):
    """A person's answer to one item; tools give evidence, never an answer."""

    OPEN = "open"
    CLEAN = "clean"
    FIXED = "fixed"
    ACCEPTED = "accepted"
    """Not clean, and taken as it is, for a reason that is written down."""


class CheckItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question, with the person's answer and their reason."""

    VERSION: ClassVar[int] = 2

    id: str
    question: str
    answer: Answer = Answer.OPEN
    reason: str = ""
    """Why it was accepted; required for that answer."""
    area: Area | None = None
    """Where the person pointed at: what the answer is about."""
    version: int = VERSION

    @property
    def settled(self) -> bool:
        """Whether it no longer holds the export back."""
        if self.answer is Answer.ACCEPTED:
            return bool(clean(self.reason))
        return self.answer is not Answer.OPEN


class SignOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answers for one exact file. Another file needs its own."""

    VERSION: ClassVar[int] = 1

    sha256: str
    """Of the file that was looked at."""
    items: tuple[CheckItem, ...]
    waiver: str = ""
    """Why the image leaves although items are open; empty when none are."""
    version: int = VERSION

    @property
    def complete(self) -> bool:
        """Whether every item is settled; without any item nothing has been looked at."""
        return bool(self.items) and all(item.settled for item in self.items)

    def allows_export(self, sha256: str) -> bool:
        """Whether a file with this hash may leave: signed off, or waived in writing."""
        return sha256 == self.sha256 and (self.complete or bool(clean(self.waiver)))


_ALWAYS = (
    ("hands", "Hands: the right number of fingers, joined where they should be?"),
    ("text", "Text: spelt as asked, or none where none was asked?"),
    ("faces", "Faces: eyes, teeth and symmetry as they should be?"),
)
_PUBLIC = (
    ("size", "Size: large and sharp enough for its place?"),
    ("person", "Real person: does it look like somebody who has not agreed?"),
    ("artist", "Living artist: does it copy somebody's style by name?"),
    ("rights", "Other rights: logos, products, buildings, characters?"),
)
_CAMPAIGN = (
    ("licence", "Licence: does the model's licence allow this use?"),
    ("disclosure", "Disclosure: must the place say that it is generated?"),
)


def check_items(brief: Brief) -> tuple[CheckItem, ...]:
    """The items that this brief's stakes ask for, the brief's own points among them."""
    questions = list(_ALWAYS)
    questions += [
        (f"must-{n}", f"Must contain: {text}") for n, text in enumerate(brief.must_contain, 1)
    ]
    questions += [
        (f"avoid-{n}", f"Must avoid: {text}") for n, text in enumerate(brief.must_avoid, 1)
    ]
    if brief.stakes is not Stakes.CASUAL:
        questions += _PUBLIC
    if brief.stakes is Stakes.CAMPAIGN:
        questions += _CAMPAIGN
    return tuple(CheckItem(name, question) for name, question in questions)
