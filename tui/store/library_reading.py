"""Looking into the library: entries by id, by words, by age, and where their pictures are."""

import sqlite3
from pathlib import Path

from tui.store.database import Database
from tui.store.errors import NotFoundError
from tui.store.ids import is_id
from tui.store.library_entry import LibraryEntry, entry_of
from tui.store.library_query import LibraryQuery, Sort, counting, finding, parsed
from tui.store.library_search import any_of
from tui.store.paths import Home

_THESE = (
    "WITH RECURSIVE these (id) AS (SELECT ? UNION SELECT library.id FROM library "
    "JOIN these ON merged_into = these.id WHERE merged_into != '')"
)
"""An entry, and those that it stands for."""


class LibraryReader:
    """The table of library entries, as far as nothing is changed."""

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

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
        """The newest entry that was saved from this image; None while it is unsaved.

        Of entries that were merged it is the one that stands for them.
        """
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM library WHERE image_id = ? ORDER BY created DESC, id DESC",
                (image_id,),
            ).fetchone()
        return None if row is None else self._standing_for(entry_of(row))

    def file(self, entry: LibraryEntry) -> Path:
        """Where the entry's own picture is.

        Raises:
            NotFoundError: it has none, as styles from other programs.
            StoreError: the stored path leads out of the data folder.
        """
        if not entry.has_picture:
            raise NotFoundError(f"“{entry.name}” has no picture: start from it and draw one")
        return self._home.inside(entry.path)

    def has(self, entry_id: str) -> bool:
        """Whether there is an entry with this id, archived or not."""
        with self._database.read() as connection:
            question = "SELECT count(*) FROM library WHERE id = ?"
            return number_of(connection, question, entry_id) > 0

    def ids_like(self, part: str) -> tuple[str, ...]:
        """Ids that begin or end with `part`, a few of them; the id itself alone where it is one."""
        if not is_id(part):
            return ()
        if self.has(part):
            return (part,)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id FROM library WHERE id LIKE ?1 || '%' OR id LIKE '%' || ?1 "
                "ORDER BY id LIMIT 10",
                (part,),
            ).fetchall()
        return tuple(str(row[0]) for row in rows)

    def pictures(self) -> frozenset[str]:
        """The hashes of all pictures that entries have, of archived ones too."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT sha256 FROM library WHERE path != ''").fetchall()
        return frozenset(str(row[0]) for row in rows)

    def list(
        self, limit: int = 50, offset: int = 0, sort: Sort = "age", *, archived: bool = False
    ) -> tuple[LibraryEntry, ...]:
        """A part of the entries in that order; the archived ones too only on request."""
        return self._found(LibraryQuery(sort=sort), limit, offset, archived=archived)

    def of_projects(self, limit: int = 50) -> tuple[LibraryEntry, ...]:
        """The newest that were saved from a project of this home; what was imported was not."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM library WHERE project_id IS NOT NULL AND archived IS NULL "
                "ORDER BY created DESC, id DESC LIMIT ?",
                (max(0, limit),),
            ).fetchall()
        return tuple(map(entry_of, rows))

    def search(
        self, words: str, limit: int = 50, *, archived: bool = False
    ) -> tuple[LibraryEntry, ...]:
        """Entries with all of the words, the last of them perhaps unfinished, best first.

        Conditions may stand among the words: see `library_query`. Without any letter or digit
        there is nothing to look for: the newest entries then. Words that thousands of entries have
        bring the newest of them, by use.
        """
        return self._found(parsed(words), limit, archived=archived)

    def came_of(self, entry_id: str) -> tuple[int, tuple[str, ...]]:
        """How many projects began with an entry, and the names of what was kept of them.

        What came of the entries that were merged into it counts too.
        """
        with self._database.read() as connection:
            question = f"{_THESE} SELECT count(*) FROM positions JOIN these ON begun_from = id"  # noqa: S608 - our own words
            projects = number_of(connection, question, entry_id)
            rows = connection.execute(
                f"{_THESE} SELECT library.name FROM positions JOIN these ON begun_from = these.id "  # noqa: S608 - our own words
                "JOIN library USING (project_id) "
                "ORDER BY library.created DESC, library.id DESC LIMIT 20",
                (entry_id,),
            ).fetchall()
        return projects, tuple(str(row[0]) for row in rows)

    def count(self, *, archived: bool = False) -> int:
        """How many entries there are; the archived ones too only on request."""
        with self._database.read() as connection:
            which = "" if archived else " WHERE archived IS NULL"
            return int(connection.execute(f"SELECT count(*) FROM library{which}").fetchone()[0])  # noqa: S608 - our own words

    def related(self, words: str) -> int:
        """How many entries share a telling word with this text, such as a brief's purpose."""
        if not (query := any_of(words)):
            return 0
        with self._database.read() as connection:
            return number_of(
                connection,
                "SELECT count(*) FROM library_words JOIN library ON number = library_words.rowid "
                "WHERE library_words MATCH ? AND archived IS NULL",
                query,
            )

    def _found(
        self, query: LibraryQuery, limit: int, offset: int = 0, *, archived: bool
    ) -> tuple[LibraryEntry, ...]:
        with self._database.read() as connection:
            matches = 0
            if query.match:
                count = counting(query)
                matches = int(connection.execute(count.sql, count.values).fetchone()[0])
            wanted = finding(query, matches, limit, offset, archived=archived)
            rows = connection.execute(wanted.sql, wanted.values).fetchall()
        return tuple(map(entry_of, rows))

    def _standing_for(self, entry: LibraryEntry) -> LibraryEntry:
        seen = {entry.id}
        while entry.merged_into and entry.merged_into not in seen and self.has(entry.merged_into):
            entry = self.get(entry.merged_into)
            seen.add(entry.id)
        return entry


def number_of(connection: sqlite3.Connection, question: str, value: object) -> int:
    """The one number that answers a question with one parameter."""
    return int(connection.execute(question, (value,)).fetchone()[0])
