"""A library entry: a keeper with the words and settings that made it, and what it was for."""

import sqlite3
from collections.abc import Iterable

import msgspec

from tui.domain.brief import Brief, Kind
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.store.errors import StoreError
from tui.store.rows import value_of

LONGEST_NAME = 200
LONGEST_TAG = 60
MOST_TAGS = 50


class LibraryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as it is stored."""

    id: str
    image_id: str
    """The image it was saved from, which may be gone by now."""
    project_id: str | None
    """The project it was saved from; None once that is deleted for good."""
    name: str
    purpose: str
    """What it was for."""
    worked: str
    """What worked, in the person's words."""
    tags: tuple[str, ...]
    brief: Brief
    layers: Layers
    options: str
    """JSON; what it means is the interface's affair."""
    model: str
    kind: Kind
    """The kind of image, as the brief said."""
    path: str
    """Of the entry's own picture, relative to the data folder; empty where it has none."""
    sha256: str
    """Of that file; empty where there is none."""
    width: int
    """Pixels."""
    height: int
    created: float
    """Seconds since 1970, as all times here."""
    used_count: int = 0
    """How often something was started from it."""
    last_used: float | None = None
    archived: float | None = None
    merged_into: str = ""
    """The id of the entry that stands for this one; it is archived then."""
    unreadable: str = ""
    """Why brief or layers could not be read, in a sentence; they are then empty, and kept."""

    @property
    def has_picture(self) -> bool:
        """Whether it has a picture of its own; a style from elsewhere has none."""
        return bool(self.path)


def cleaned_name(name: str) -> str:
    """A name that can be shown, and is one."""
    return clean(name, limit=LONGEST_NAME) or "Untitled"


def cleaned_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags, harmless and short, in lower case, without repeats or empty ones."""
    found = (clean(tag.lower(), limit=LONGEST_TAG) for tag in tags)
    return tuple(dict.fromkeys(tag for tag in found if tag))[:MOST_TAGS]


def stored_tags(tags: Iterable[str]) -> str:
    """The tags as they are stored: JSON."""
    return msgspec.json.encode(cleaned_tags(tags)).decode()


def row_of(entry: LibraryEntry) -> dict[str, object]:
    """The columns of an entry, every text in it harmless; the inverse of `entry_of`."""
    row = msgspec.structs.asdict(entry)
    del row["unreadable"]
    return row | {
        "name": cleaned_name(entry.name),
        "purpose": clean(entry.purpose),
        "worked": clean(entry.worked),
        "tags": stored_tags(entry.tags),
        "brief": to_json(entry.brief.cleaned()),
        "layers": to_json(entry.layers.cleaned()),
        "model": clean(entry.model),
        "kind": entry.brief.kind.value,
    }


def entry_of(row: sqlite3.Row) -> LibraryEntry:
    """The entry in a row of the table.

    Raises:
        StoreError: the row is damaged; a brief from a newer Keepers only makes it `unreadable`.
    """
    stored = dict(row)
    brief, layers, unreadable = Brief(), Layers(), ""
    try:
        brief = from_json(stored["brief"], Brief)
        layers = from_json(stored["layers"], Layers)
    except (UnreadableError, TypeError) as error:
        # The list must not fail for one of them.
        unreadable = clean(f"the library entry “{stored['name']}” cannot be read: {error}")
    try:
        tags = msgspec.json.decode(stored["tags"], type=tuple[str, ...])
    except (msgspec.DecodeError, UnicodeError, RecursionError, TypeError) as error:
        raise StoreError(
            f"the tags of library entry {stored['id']} cannot be read ({error}): "
            "the database is damaged, close Keepers and run “keepers repair”"
        ) from error
    values = {"brief": brief, "layers": layers, "tags": tags, "unreadable": unreadable}
    return value_of({**stored, **values}, LibraryEntry)
