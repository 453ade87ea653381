"""Whether a database file is whole, found out without changing it."""

import sqlite3
from pathlib import Path

from tui.store.errors import StoreError
from tui.store.looking import looked_at
from tui.store.projects import folder_path
from tui.store.store import Store

_TABLES = frozenset({"migrations", "projects", "jobs", "images"})
"""What every database of ours has."""

_MOST_PROBLEMS = 5
_WORDS = ("library_words", "lesson_words")
_EVERYTHING = 1_000_000_000


def problems(path: Path) -> tuple[str, ...]:
    """What is wrong with a database as SQLite sees it, a sentence each; nothing for a sound one.

    Call it only while nobody writes to the file.
    """
    if not path.exists():
        return (f"{path} is not there",)
    if not path.is_file():
        return (f"{path} is not a file",)
    try:
        with looked_at(path, alone=True) as connection:
            return _problems(path, connection)
    except StoreError as error:
        # What to do about it is no news to who asks.
        why = error.__cause__
        return (f"SQLite cannot read it: {why}" if why else str(error),)


def unreadable(store: Store) -> tuple[str, ...]:
    """What SQLite finds sound and Keepers cannot read, a sentence each.

    What a newer Keepers wrote is none of it.
    """
    found: list[str] = []
    try:
        projects = (
            *store.projects.list(archived=True),
            *store.projects.list(trashed=True),
        )
        for project in projects:
            folder_path(store.home, project)
            for image in store.images.list(project.id):
                store.images.file(image)
            store.rounds.list(project.id)
            store.positions.get(project.id)
        store.jobs.list()
        store.library.list(_EVERYTHING, archived=True)
        store.lessons.search(limit=_EVERYTHING)
        with store.database.transaction() as connection:
            for table in _WORDS:
                connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608 - our own two names
    except StoreError as error:
        found.append(str(error))
    return tuple(found)


def _problems(path: Path, connection: sqlite3.Connection) -> tuple[str, ...]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    if not {str(row[0]) for row in names} >= _TABLES:
        return (f"{path} has no tables of Keepers in it",)
    said = connection.execute(f"PRAGMA integrity_check ({_MOST_PROBLEMS})").fetchall()
    found = [f"SQLite finds it damaged: {row[0]}" for row in said if row[0] != "ok"]
    for table, *_ in connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_PROBLEMS):
        found.append(f"a row of {table} belongs to nothing that is there")
    return tuple(found)
