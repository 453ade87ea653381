"""How long a person was at which step of a project: a row for each stay, grown while it lasts."""

import msgspec

from tui.store.database import Database
from tui.store.rows import value_of


class Stay(msgspec.Struct, frozen=True):
    """One stay at one step."""

    project_id: str
    step: int
    """From 1, the brief, to 7, the library."""
    began: float
    """Seconds since 1970."""
    seconds: float
    """At work; pauses are left out."""


class Stays:
    """The table of stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, stay: Stay) -> int:
        """Keep a stay; returns the number by which it grows.

        Raises:
            StoreError: there is no such project, or the disk refuses.
        """
        with self._database.transaction() as connection:
            made = connection.execute(
                "INSERT INTO stays (project_id, step, began, seconds) "
                "VALUES (:project_id, :step, :began, :seconds)",
                msgspec.structs.asdict(stay),
            )
            assert made.lastrowid is not None  # it was an INSERT
            return made.lastrowid

    def update(self, number: int, seconds: float) -> None:
        """Say how long a stay is by now; one that went with its project is no error.

        Raises:
            StoreError: the disk refuses.
        """
        with self._database.transaction() as connection:
            connection.execute("UPDATE stays SET seconds = ? WHERE number = ?", (seconds, number))

    def list(self, project_id: str) -> tuple[Stay, ...]:
        """The stays in a project, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT project_id, step, began, seconds FROM stays WHERE project_id = ? "
                "ORDER BY number",
                (project_id,),
            ).fetchall()
        return tuple(value_of(row, Stay) for row in rows)
