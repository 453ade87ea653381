"""Sweeps: what was asked; what came of it is in the images, jobs and rounds."""

import sqlite3
import time

import msgspec

from tui.domain.sweep import Sweep
from tui.domain.text import clean
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.store.database import Database
from tui.store.errors import NotFoundError, StoreError
from tui.store.ids import new_id
from tui.store.rows import value_of


class SweepRecord(msgspec.Struct, frozen=True):
    """One sweep as it is stored."""

    id: str
    project_id: str
    sweep: Sweep
    created: float
    """Seconds since 1970."""
    updated: float


class Sweeps:
    """The table of sweeps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, project_id: str, sweep: Sweep, *, sweep_id: str | None = None) -> SweepRecord:
        """Keep a sweep: a new one, or other values for one that is there.

        Raises:
            StoreError: there is no such project.
        """
        sweep_id, now = sweep_id or new_id(), time.time()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO sweeps (id, project_id, name, sweep, created, updated) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                "name = excluded.name, sweep = excluded.sweep, updated = excluded.updated",
                (sweep_id, project_id, clean(sweep.name), to_json(sweep), now, now),
            )
            return self.get(sweep_id)

    def get(self, sweep_id: str) -> SweepRecord:
        """One sweep.

        Raises:
            NotFoundError: there is none with this id.
            StoreError: a newer Keepers wrote it, or it is damaged.
        """
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM sweeps WHERE id = ?", (sweep_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no sweep “{sweep_id}”: choose another one")
        return _record(row)

    def list(self, project_id: str | None = None) -> tuple[SweepRecord, ...]:
        """Sweeps, the newest first, of one project or of all that are not in the trash.

        Those that a newer Keepers wrote are left out.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT sweeps.* FROM sweeps JOIN projects ON projects.id = sweeps.project_id "
                "WHERE project_id = :project OR (:project IS NULL AND projects.trashed IS NULL) "
                "ORDER BY sweeps.updated DESC, sweeps.id DESC",
                {"project": project_id},
            ).fetchall()
        found = []
        for row in rows:
            try:
                found.append(_record(row))
            except StoreError:
                continue
        return tuple(found)


def _record(row: sqlite3.Row) -> SweepRecord:
    fields = {name: row[name] for name in ("id", "project_id", "created", "updated")}
    try:
        sweep = from_json(row["sweep"], Sweep)
    except UnreadableError as error:
        raise StoreError(f"the sweep {row['id']} cannot be read: {error}") from error
    return value_of({**fields, "sweep": sweep}, SweepRecord)
