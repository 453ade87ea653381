"""The library: keepers that outlive their projects, found by their words."""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.domain.versioned import to_json
from tui.store.database import Database
from tui.store.errors import NotFoundError, StoreError
from tui.store.files import copy_durably, sha256_of
from tui.store.ids import new_id
from tui.store.images import ImageRecord
from tui.store.library_entry import LONGEST_NAME, LibraryEntry, cleaned_tags, entry_of
from tui.store.library_search import FOUND, LISTED, Sort, any_of, as_typed
from tui.store.paths import Home

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


class Library:
    """The table of library entries, their words, and their pictures."""

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def add(
        self,
        image: ImageRecord,
        *,
        name: str,
        purpose: str = "",
        worked: str = "",
        tags: Iterable[str] = (),
        brief: Brief,
        layers: Layers,
        options: str = "",
        model: str = "",
    ) -> LibraryEntry:
        """Copy the image's file into the library, then make the entry known.

        Raises:
            StoreError: the file is gone or not the one that was made, or the disk refuses.
        """
        entry_id = new_id()
        copy = self._copied(image, entry_id)
        try:
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT INTO library (id, image_id, project_id, name, purpose, worked, tags, "
                    "brief, layers, options, model, kind, path, sha256, width, height, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        entry_id,
                        image.id,
                        image.project_id,
                        _name(name),
                        clean(purpose),
                        clean(worked),
                        _tags(tags),
                        to_json(brief.cleaned()),
                        to_json(layers.cleaned()),
                        options,
                        clean(model),
                        brief.kind.value,
                        copy.relative_to(self._home.data).as_posix(),
                        image.sha256,
                        image.width,
                        image.height,
                        time.time(),
                    ),
                )
                return self._indexed(connection, entry_id)
        except BaseException:
            with suppress(OSError):
                copy.unlink()
            raise

    def get(self, entry_id: str) -> LibraryEntry:
        """One entry.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM library WHERE id = ?", (entry_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no library entry “{entry_id}”: search again")
        return entry_of(row)

    def for_image(self, image_id: str) -> LibraryEntry | None:
        """The newest entry that was saved from this image; None while it is unsaved."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM library WHERE image_id = ? ORDER BY created DESC, id DESC",
                (image_id,),
            ).fetchone()
        return None if row is None else entry_of(row)

    def file(self, entry: LibraryEntry) -> Path:
        """Where the entry's own picture is.

        Raises:
            StoreError: the stored path leads out of the data folder.
        """
        return self._home.inside(entry.path)

    def update(
        self,
        entry_id: str,
        *,
        name: str | None = None,
        purpose: str | None = None,
        worked: str | None = None,
        tags: Iterable[str] | None = None,
    ) -> LibraryEntry:
        """Change what is given, leave the rest.

        Raises:
            NotFoundError: there is no such entry.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE library SET name = coalesce(?, name), purpose = coalesce(?, purpose), "
                "worked = coalesce(?, worked), tags = coalesce(?, tags) WHERE id = ?",
                (
                    None if name is None else _name(name),
                    None if purpose is None else clean(purpose),
                    None if worked is None else clean(worked),
                    None if tags is None else _tags(tags),
                    entry_id,
                ),
            )
            return self._indexed(connection, entry_id)

    def archive(self, entry_id: str, archived: bool = True) -> LibraryEntry:
        """Take an entry out of lists and searches, or put it back.

        Raises:
            NotFoundError: there is no such entry.
        """
        when = time.time() if archived else None
        return self._set(entry_id, "UPDATE library SET archived = ? WHERE id = ?", when)

    def used(self, entry_id: str) -> LibraryEntry:
        """Note that something was started from an entry, now. Raises like `archive`."""
        statement = "UPDATE library SET used_count = used_count + 1, last_used = ? WHERE id = ?"
        return self._set(entry_id, statement, time.time())

    def list(
        self, limit: int = 50, offset: int = 0, sort: Sort = "age", *, archived: bool = False
    ) -> tuple[LibraryEntry, ...]:
        """A part of the entries in that order; the archived ones too only on request."""
        with self._database.read() as connection:
            rows = connection.execute(
                LISTED[sort], (archived, max(0, limit), max(0, offset))
            ).fetchall()
        return tuple(map(entry_of, rows))

    def search(
        self, words: str, limit: int = 50, *, archived: bool = False
    ) -> tuple[LibraryEntry, ...]:
        """Entries with all of the words, the last of them perhaps unfinished, best first.

        Without any letter or digit there is nothing to look for: the newest entries then.
        """
        if not (query := as_typed(words)):
            return self.list(limit, archived=archived)
        with self._database.read() as connection:
            rows = connection.execute(FOUND, (query, archived, max(0, limit))).fetchall()
        return tuple(map(entry_of, rows))

    def count(self, *, archived: bool = False) -> int:
        """How many entries there are; the archived ones too only on request."""
        with self._database.read() as connection:
            return _number(
                connection, "SELECT count(*) FROM library WHERE ? OR archived IS NULL", archived
            )

    def related(self, words: str) -> int:
        """How many entries share a telling word with this text, such as a brief's purpose."""
        if not (query := any_of(words)):
            return 0
        with self._database.read() as connection:
            return _number(
                connection,
                "SELECT count(*) FROM library_words JOIN library ON number = library_words.rowid "
                "WHERE library_words MATCH ? AND archived IS NULL",
                query,
            )

    def _copied(self, image: ImageRecord, entry_id: str) -> Path:
        source = self._home.inside(image.path)
        suffix = source.suffix.lower()
        name = f"{entry_id}{suffix if suffix in _SUFFIXES else '.png'}"
        copy = copy_durably(source, self._home.library, name)
        if sha256_of(copy) != image.sha256:
            with suppress(OSError):
                copy.unlink()
            raise StoreError(
                f"{source.name} is no longer the file that was made: put back a copy of it, "
                "or import it as a new image"
            )
        return copy

    def _set(self, entry_id: str, statement: str, value: float | None) -> LibraryEntry:
        with self._database.transaction() as connection:
            connection.execute(statement, (value, entry_id))
            return self.get(entry_id)

    def _indexed(self, connection: sqlite3.Connection, entry_id: str) -> LibraryEntry:
        """The entry, once its words can be found; call in the transaction that changed them."""
        entry = self.get(entry_id)
        number = _number(connection, "SELECT number FROM library WHERE id = ?", entry_id)
        connection.execute("DELETE FROM library_words WHERE rowid = ?", (number,))
        connection.execute(
            "INSERT INTO library_words (rowid, name, purpose, worked, tags, prompt) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                number,
                entry.name,
                entry.purpose,
                entry.worked,
                " ".join(entry.tags),
                entry.layers.prompt,
            ),
        )
        return entry


def _name(name: str) -> str:
    return clean(name, limit=LONGEST_NAME) or "Untitled"


def _tags(tags: Iterable[str]) -> str:
    return msgspec.json.encode(cleaned_tags(tags)).decode()


def _number(connection: sqlite3.Connection, question: str, value: object) -> int:
    return int(connection.execute(question, (value,)).fetchone()[0])
