"""What came of a file that was to be brought into the library."""

from collections.abc import Iterator

import msgspec

from tui.domain.layering import Layering
from tui.domain.text import clean
from tui.store.library_entry import LibraryEntry
from tui.workflow.picture_words import Words
from tui.workflow.wordings import artists, protected


class Brought(msgspec.Struct, frozen=True):
    """One new entry, and where its words went."""

    entry: LibraryEntry
    program: str
    """Who wrote it."""
    marked: tuple[str, ...] = ()
    """Phrases with weights or tags, kept as they are."""
    settings: tuple[tuple[str, str], ...] = ()
    """The other program's, by its own names; they stay in the picture's file."""
    notes: tuple[str, ...] = ()
    """What a person should know, in sentences."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of one file."""

    file: str
    """Its name, harmless."""
    added: tuple[Brought, ...] = ()
    known: int = 0
    """Entries that were in the library already."""
    passed_over: int = 0
    """Rows that were no style."""
    troubles: tuple[str, ...] = ()
    """Why something was not brought in, in sentences."""


def told(entry: LibraryEntry, words: Words) -> Brought:
    """The new entry with all that a person should be told of it."""
    return Brought(
        entry,
        words.program,
        words.layering.marked,
        words.settings,
        (*words.notes, *_notes(entry, words.layering)),
    )


def _notes(entry: LibraryEntry, layering: Layering) -> Iterator[str]:
    if layering.is_cut:
        yield "the prompt is longer than any model reads: its end was left out"
    text = entry.layers.prompt
    for phrase in (*artists(text), *protected(text)):
        yield f"“{clean(phrase, limit=80)}” may be somebody's: the check will ask about it"
