"""How the database's tables came about, step by step; each step happens once, and whole.

A migration that has been released is never changed: add another.
"""

import sqlite3
import time
from typing import NamedTuple

from tui.store.database import Database
from tui.store.errors import StoreError


class Migration(NamedTuple):
    """One step, with a name that is never used again."""

    name: str
    statements: tuple[str, ...]


MIGRATIONS = (
    Migration(
        "0001 projects, jobs, images, marks",
        (
            """CREATE TABLE projects (
                id TEXT PRIMARY KEY NOT NULL,
                slug TEXT NOT NULL,
                name TEXT NOT NULL,
                brief TEXT NOT NULL,
                draft TEXT NOT NULL,
                created REAL NOT NULL,
                updated REAL NOT NULL,
                archived REAL
            )""",
            """CREATE TABLE jobs (
                id TEXT PRIMARY KEY NOT NULL,
                project_id TEXT NOT NULL REFERENCES projects (id),
                request TEXT NOT NULL,
                state TEXT NOT NULL CHECK (
                    state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'set aside')
                ),
                deaths INTEGER NOT NULL DEFAULT 0,
                error TEXT NOT NULL DEFAULT '',
                position REAL NOT NULL,
                created REAL NOT NULL,
                started REAL,
                finished REAL
            )""",
            """CREATE TABLE images (
                id TEXT PRIMARY KEY NOT NULL,
                project_id TEXT NOT NULL REFERENCES projects (id),
                job_id TEXT,
                parent_id TEXT,
                origin TEXT NOT NULL,
                path TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                pixels TEXT NOT NULL,
                intent_key TEXT NOT NULL,
                model_revision TEXT NOT NULL,
                recipe TEXT NOT NULL,
                recipe_hash TEXT NOT NULL,
                seed INTEGER,
                slot INTEGER NOT NULL,
                width INTEGER NOT NULL,
                height INTEGER NOT NULL,
                seconds REAL NOT NULL,
                created REAL NOT NULL
            )""",
            """CREATE TABLE marks (
                image_id TEXT PRIMARY KEY NOT NULL REFERENCES images (id),
                marks TEXT NOT NULL,
                updated REAL NOT NULL
            )""",
            "CREATE INDEX jobs_state ON jobs (state, position)",
            "CREATE INDEX images_intent ON images (intent_key, model_revision)",
            "CREATE INDEX images_project ON images (project_id, created)",
            "CREATE INDEX images_job ON images (job_id)",
        ),
    ),
)
"""In the order in which they are applied."""


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
        raise StoreError(
            f"{database.path} is from a newer Keepers (it has “{newer[0]}”): "
            "install that one, or point KEEPERS_HOME to another folder"
        )
