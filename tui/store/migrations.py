"""Bringing a database up to date, step by step; each step happens once, and whole."""

import sqlite3
import time

from tui.store.database import Database
from tui.store.errors import StoreError
from tui.store.schema import MIGRATIONS, Migration

__all__ = ["MIGRATIONS", "Migration", "NewerDatabaseError", "migrate", "next_step"]


class NewerDatabaseError(StoreError):
    """A newer Keepers has been here; this one must leave the database alone."""


def migrate(database: Database, migrations: tuple[Migration, ...] = MIGRATIONS) -> tuple[str, ...]:
    """Bring the tables up to date; several processes may do so at once.

    Returns:
        The names of the steps this call took; none when there was nothing to do.

    Raises:
        StoreError: a newer Keepers has been here, or a step failed; that step left nothing.
    """
    taken = []
    for migration in migrations:
        with database.read() as connection:
            applied = _applied(connection)
            _refuse_newer(database, applied, migrations)
        if migration.name not in applied and _take(database, migration, migrations):
            taken.append(migration.name)
    return tuple(taken)


def next_step(
    database: Database, migrations: tuple[Migration, ...] = MIGRATIONS
) -> Migration | None:
    """The first step that a database in use still needs; None for a new one, which needs all.

    Raises:
        StoreError: a newer Keepers has been here.
    """
    with database.read() as connection:
        applied = _applied(connection)
    _refuse_newer(database, applied, migrations)
    missing = (migration for migration in migrations if migration.name not in applied)
    return next(missing, None) if applied else None


def _take(database: Database, migration: Migration, known: tuple[Migration, ...]) -> bool:
    with database.transaction() as connection:
        # Another process may have come first while this one waited for the lock.
        applied = _applied(connection)
        _refuse_newer(database, applied, known)
        if migration.name in applied:
            return False
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied REAL NOT NULL)"
        )
        for statement in migration.statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migrations VALUES (?, ?)", (migration.name, time.time()))
    return True


def _applied(connection: sqlite3.Connection) -> frozenset[str]:
    there = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'"
    ).fetchone()
    rows = connection.execute("SELECT name FROM migrations").fetchall() if there else []
    return frozenset(str(row[0]) for row in rows)


def _refuse_newer(
    database: Database, applied: frozenset[str], known: tuple[Migration, ...]
) -> None:
    if newer := sorted(applied - {migration.name for migration in known}):
        raise NewerDatabaseError(
            f"{database.path} is from a newer Keepers (it has “{newer[0]}”): "
            "install that one, or point KEEPERS_HOME to another folder"
        )
