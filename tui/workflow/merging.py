"""Two entries of the library that are the same thing become one; nothing of them is lost."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from tui.domain.text import LONGEST_LINE, clean
from tui.store.errors import StoreError
from tui.store.library_entry import MOST_TAGS, LibraryEntry, cleaned_tags
from tui.store.library_file import write_entry
from tui.store.store import Store

_BETWEEN = " · "


class Merged(NamedTuple):
    """What was done, and what it takes to undo it."""

    entry: LibraryEntry
    """The one that is left."""
    before: tuple[LibraryEntry, ...]
    """All of them as they were, that one first."""


def merge_entries(store: Store, ids: Sequence[str]) -> Merged:
    """Make the first of these entries stand for all of them.

    It keeps its picture, name, brief and layers. Tags unite, notes are joined, uses add up, and
    the images that the others were saved from lead to it. The others are archived with their
    pictures, so that it can be undone.

    Raises:
        NotFoundError: one of them is gone.
        StoreError: there is only one, one cannot be read, they say too much for one, or the disk
            refuses; nothing has changed then.
    """
    if len(set(ids)) < 2:
        raise StoreError("one entry cannot be merged: mark a second with space")
    with store.database.transaction():
        before = tuple(store.library.get(entry_id) for entry_id in dict.fromkeys(ids))
        for entry in before:
            if entry.unreadable:
                raise StoreError(f"{entry.unreadable}; leave it out")
            if entry.merged_into:
                raise StoreError(f"“{entry.name}” is part of another entry already: leave it out")
        kept = before[0]
        used = [entry.last_used for entry in before if entry.last_used is not None]
        together = msgspec.structs.replace(
            kept,
            purpose=_joined([entry.purpose for entry in before]),
            worked=_joined([entry.worked for entry in before]),
            tags=_united(before),
            used_count=sum(entry.used_count for entry in before),
            archived=None,
            last_used=max(used, default=None),
        )
        gone = [
            msgspec.structs.replace(entry, archived=time.time(), merged_into=kept.id)
            for entry in before[1:]
        ]
        _put(store, (together, *gone))
        return Merged(store.library.get(kept.id), before)


def undo_merge(store: Store, merged: Merged) -> None:
    """Make all of them what they were.

    Raises:
        NotFoundError: one of them is gone.
        StoreError: the one that was left has changed since, or the disk refuses.
    """
    with store.database.transaction():
        if store.library.get(merged.entry.id) != merged.entry:
            name = clean(merged.entry.name, limit=60)
            raise StoreError(f"“{name}” was changed after the merge, so it stays merged")
        _put(store, merged.before)


def _put(store: Store, entries: Sequence[LibraryEntry]) -> None:
    for entry in entries:
        write_entry(store.home, store.library.put(entry))


def _united(entries: Sequence[LibraryEntry]) -> tuple[str, ...]:
    every = list(dict.fromkeys(tag for entry in entries for tag in entry.tags))
    if len(every) > MOST_TAGS:
        raise StoreError(
            f"together they have {len(every)} tags, and an entry holds {MOST_TAGS}: merge fewer"
        )
    return cleaned_tags(every)


def _joined(notes: Sequence[str]) -> str:
    said = _BETWEEN.join(dict.fromkeys(note for note in notes if note))
    if len(said) > LONGEST_LINE:
        raise StoreError("together their notes are too long for one entry: shorten one of them")
    return said
