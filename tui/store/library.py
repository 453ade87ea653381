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
from tui.store.errors import StoreError
from tui.store.files import copy_durably, sha256_of
from tui.store.ids import new_id
from tui.store.images import ImageRecord
from tui.store.library_entry import LibraryEntry, cleaned_name, row_of, stored_tags
from tui.store.library_file import entry_file, write_entry
from tui.store.library_reading import LibraryReader, number_of
from tui.store.rows import insert

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


class Library(LibraryReader):
    """The table of library entries, their words, and their pictures."""

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
        copy = self._copied(self._home.inside(image.path), entry_id, image.sha256)
        return self._kept(
            LibraryEntry(
                id=entry_id,
                image_id=image.id,
                project_id=image.project_id,
                name=name,
                purpose=purpose,
                worked=worked,
                tags=tuple(tags),
                brief=brief,
                layers=layers,
                options=options,
                model=model,
                kind=brief.kind,
                path=copy.relative_to(self._home.data).as_posix(),
                sha256=image.sha256,
                width=image.width,
                height=image.height,
                created=time.time(),
            ),
            copy,
        )

    def bring_in(self, entry: LibraryEntry, picture: Path | None = None) -> LibraryEntry | None:
        """Make an entry from elsewhere known under its own id; None where that id is there.

        `picture` is copied, and has to have the entry's hash. A style has none. A project that is
        not in this home is left out.

        Raises:
            StoreError: the picture is not the one it should be, or the disk refuses.
        """
        # Two processes that import one file share its copy: only one may make it, or take it away.
        with self._database.transaction():
            if self.has(entry.id):
                return None
            copy = None if picture is None else self._copied(picture, entry.id, entry.sha256)
            brought = msgspec.structs.replace(
                entry,
                path="" if copy is None else copy.relative_to(self._home.data).as_posix(),
                sha256="" if copy is None else entry.sha256,
                project_id=self._project(entry.project_id),
            )
            return self._kept(brought, copy)

    def put(self, entry: LibraryEntry) -> LibraryEntry:
        """Keep an entry whose picture is there, its texts harmless, in place of an earlier one.

        Raises:
            StoreError: there is no such project, or the disk refuses.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM library_words WHERE rowid IN "
                "(SELECT number FROM library WHERE id = ?)",
                (entry.id,),
            )
            connection.execute("DELETE FROM library WHERE id = ?", (entry.id,))
            insert(connection, "library", row_of(entry))
            return self._indexed(connection, entry.id)

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
                    None if name is None else cleaned_name(name),
                    None if purpose is None else clean(purpose),
                    None if worked is None else clean(worked),
                    None if tags is None else stored_tags(tags),
                    entry_id,
                ),
            )
            entry = self._indexed(connection, entry_id)
            write_entry(self._home, entry)
            return entry

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

    def _copied(self, source: Path, entry_id: str, digest: str) -> Path:
        suffix = source.suffix.lower()
        name = f"{entry_id}{suffix if suffix in _SUFFIXES else '.png'}"
        copy = copy_durably(source, self._home.library, name)
        if sha256_of(copy) != digest:
            with suppress(OSError):
                copy.unlink()
            raise StoreError(
                f"{source.name} is no longer the file that was made: put back a copy of it, "
                "or import it as a new image"
            )
        return copy

    def _kept(self, entry: LibraryEntry, copy: Path | None) -> LibraryEntry:
        """The entry once it and its words beside the picture are kept; else both files go again."""
        try:
            with self._database.transaction():
                entry = self.put(entry)
                write_entry(self._home, entry)
                return entry
        except BaseException:
            for file in (copy, entry_file(self._home, entry.id)):
                if file is not None:
                    with suppress(OSError):
                        file.unlink(missing_ok=True)
            raise

    def _project(self, project_id: str | None) -> str | None:
        with self._database.read() as connection:
            question = "SELECT count(*) FROM projects WHERE id = ?"
            return project_id if number_of(connection, question, project_id) else None

    def _set(self, entry_id: str, statement: str, value: float | None) -> LibraryEntry:
        with self._database.transaction() as connection:
            connection.execute(statement, (value, entry_id))
            entry = self.get(entry_id)
            write_entry(self._home, entry)
            return entry

    def _indexed(self, connection: sqlite3.Connection, entry_id: str) -> LibraryEntry:
        """The entry, once its words can be found; call in the transaction that changed them."""
        entry = self.get(entry_id)
        number = number_of(connection, "SELECT number FROM library WHERE id = ?", entry_id)
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
