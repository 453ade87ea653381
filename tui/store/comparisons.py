"""Which of two pictures is closer, as a person said; each answer is on disk once it is given."""

import sqlite3
import time

from tui.domain.tournament import Comparison
from tui.store.database import Database
from tui.store.rows import value_of


class Comparisons:
    """The table of answers; a pair has one in each project, the last that was given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, project_id: str, comparison: Comparison) -> None:
        """Keep an answer.

        Raises:
            StoreError: there is no such project or image, or the disk refuses.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO comparisons (project_id, left_id, right_id, closer, created) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (project_id, left_id, right_id) "
                "DO UPDATE SET closer = excluded.closer, created = excluded.created",
                (
                    project_id,
                    comparison.left,
                    comparison.right,
                    comparison.closer.value,
                    time.time(),
                ),
            )

    def list(self, project_id: str) -> tuple[Comparison, ...]:
        """The answers of a project, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT left_id, right_id, closer FROM comparisons WHERE project_id = ? "
                "ORDER BY number",
                (project_id,),
            ).fetchall()
        return tuple(map(_comparison, rows))

    def delete(self, project_id: str, comparison: Comparison) -> None:
        """Take an answer back; one that is not there is no error.

        Raises:
            StoreError: the disk refuses.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM comparisons WHERE project_id = ? AND left_id = ? AND right_id = ?",
                (project_id, comparison.left, comparison.right),
            )


def _comparison(row: sqlite3.Row) -> Comparison:
    fields = {"left": row["left_id"], "right": row["right_id"], "closer": row["closer"]}
    return value_of(fields, Comparison)
