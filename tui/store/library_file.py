"""What a library entry says, as a file beside its picture: from it the entry can be found again."""

from pathlib import Path
from typing import ClassVar

import msgspec

from tui.domain.versioned import to_json
from tui.store.files import write_durably
from tui.store.library_entry import LibraryEntry
from tui.store.own_file import read_own
from tui.store.paths import Home

_LARGEST_FILE = 4 << 20


class LibraryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry, with the version of its shape.

    Raise the version whenever the entry, its brief or its layers change theirs. Version 1 knew
    no merged entries.
    """

    VERSION: ClassVar[int] = 2

    entry: LibraryEntry
    version: int = VERSION


def entry_file(home: Home, entry_id: str) -> Path:
    """Where the words of that entry are."""
    return home.library / f"{entry_id}.json"


def write_entry(home: Home, entry: LibraryEntry) -> None:
    """Write an entry's words durably; of one that could not be read itself the file stays.

    Raises:
        StoreError: the disk refuses.
    """
    if not entry.unreadable:
        write_durably(entry_file(home, entry.id), to_json(LibraryFile(entry)).encode() + b"\n")


def read_entry(path: Path) -> LibraryEntry:
    """The entry in such a file.

    Raises:
        StoreError: it cannot be read, or was written by a newer Keepers.
    """
    return read_own(path, LibraryFile, "a library entry", _LARGEST_FILE).entry
