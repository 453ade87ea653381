"""The library for other programs, other machines and version control."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tui.store.errors import StoreError, explain
from tui.store.files import sha256_of, write_durably
from tui.store.library_entry import LibraryEntry
from tui.store.paths import shared_mode
from tui.store.store import Store
from tui.workflow.library_file import library_json, portable

_AT_ONCE = 200
"""Entries read in one question to the database."""


class Exported(NamedTuple):
    """What an export did."""

    entries: int
    """In the file or folder now."""
    written: int
    """Files that are new or different."""
    troubles: tuple[str, ...]
    """What was left out, and why, in sentences."""


def all_entries(store: Store, *, archived: bool = True) -> Iterator[LibraryEntry]:
    """Every entry; the archived ones too unless they are not wanted."""
    for offset in range(0, store.library.count(archived=archived), _AT_ONCE):
        yield from store.library.list(_AT_ONCE, offset, archived=archived)


def export_json(store: Store, target: Path, *, force: bool = False) -> Exported:
    """Everything of all entries but their pictures, as one file.

    Raises:
        StoreError: another file is there and `force` is not given, or the disk refuses.
    """
    readable, troubles = _readable(store)
    left = sum(entry.has_picture for entry in readable)
    if left:
        pictures = "1 picture is" if left == 1 else f"{left} pictures are"
        troubles.append(f"{pictures} not in it: export a folder to take pictures along")
    content = library_json(portable(entry) for entry in readable)
    written = _write(store, target, content, force=force)
    return Exported(len(readable), written, tuple(troubles))


def export_csv(store: Store, target: Path, *, force: bool = False) -> Exported:
    """Names and prompts in the form of A1111's `styles.csv`, without what is archived.

    Raises:
        StoreError: another file is there and `force` is not given, or the disk refuses.
    """
    readable, troubles = _readable(store, archived=False)
    names = [entry.name for entry in readable]
    if repeated := len(names) - len(set(names)):
        troubles.append(
            f"{repeated} of the names are there before: A1111 takes the last of each, rename them"
        )
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(("name", "prompt", "negative_prompt"))
    for entry in sorted(readable, key=lambda entry: (entry.created, entry.id)):
        writer.writerow((entry.name, entry.layers.prompt, entry.layers.negative_prompt))
    # A1111 reads and writes it with this mark at its beginning.
    written = _write(store, target, table.getvalue().encode("utf-8-sig"), force=force)
    return Exported(len(readable), written, tuple(troubles))


def checked_place(store: Store, target: Path) -> Path:
    """The absolute path of what is to be written.

    Raises:
        StoreError: it leads nowhere, or into Keepers' own folder.
    """
    try:
        place = target.expanduser().absolute()
        parent = place.parent.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreError(f"there is no folder for {target}: make it first") from error
    if (parent / place.name).is_relative_to(store.home.data.resolve()):
        raise StoreError(f"{place} is where Keepers keeps its own files: choose another place")
    return place


def _readable(store: Store, *, archived: bool = True) -> tuple[list[LibraryEntry], list[str]]:
    entries = list(all_entries(store, archived=archived))
    troubles = [f"left out: {entry.unreadable}" for entry in entries if entry.unreadable]
    return [entry for entry in entries if not entry.unreadable], troubles


def _write(store: Store, target: Path, content: bytes, *, force: bool) -> int:
    place = checked_place(store, target)
    if place.is_dir():
        raise StoreError(f"{place} is a folder: name a file, or choose --format folder")
    if same_file(place, content):
        return 0
    if place.exists() and not force:
        raise StoreError(f"{place} is there already: choose another name, or give --force")
    write_durably(place, content, mode=shared_mode())
    return 1


def same_file(path: Path, content: bytes) -> bool:
    """Whether a regular file is there with exactly that content.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        there = path.is_file() and not path.is_symlink() and path.stat().st_size == len(content)
        return there and path.read_bytes() == content
    except OSError as error:
        raise StoreError(explain(error, f"read {path}")) from error


def same_picture(path: Path, digest: str) -> bool:
    """Whether a regular file is there with that hash."""
    with suppress(StoreError):
        return path.is_file() and not path.is_symlink() and sha256_of(path) == digest
    return False
