"""Rounds: one batch each, with the change that led to it and what the person learned from it."""

import sqlite3
import time

import msgspec

from tui.domain.change import Element
from tui.domain.round import Round, RoundKind, Verdict
from tui.domain.text import clean
from tui.store.database import Database
from tui.store.errors import NotFoundError, StoreError
from tui.store.ids import new_id
from tui.store.lessons import bring_up_to_date
from tui.store.rows import value_of

__all__ = ["Round", "RoundKind", "Rounds", "Verdict"]


class Rounds:
    """The table of rounds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        project_id: str,
        job_id: str,
        kind: str,
        *,
        parent_image_id: str | None = None,
        changes: tuple[Element, ...] = (),
        expectation: str = "",
    ) -> Round:
        """A new round, without a verdict yet.

        Raises:
            ValueError: `kind` is no `RoundKind`.
            StoreError: there is no such project.
        """
        round_id = new_id()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO rounds (id, project_id, job_id, parent_image_id, kind, changes, "
                "expectation, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    round_id,
                    project_id,
                    job_id,
                    parent_image_id,
                    RoundKind(kind).value,
                    msgspec.json.encode(tuple(map(cleaned, changes))).decode(),
                    clean(expectation),
                    time.time(),
                ),
            )
            return self.get(round_id)

    def get(self, round_id: str) -> Round:
        """One round.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM rounds WHERE id = ?", (round_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no round “{round_id}”: open the project again")
        return _round(row)

    def for_job(self, job_id: str) -> Round | None:
        """The round whose batch a job made; None for a job that belongs to none."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM rounds WHERE job_id = ? ORDER BY created DESC, id DESC", (job_id,)
            ).fetchone()
        return None if row is None else _round(row)

    def list(self, project_id: str) -> tuple[Round, ...]:
        """The rounds of a project, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM rounds WHERE project_id = ? ORDER BY created, id", (project_id,)
            ).fetchall()
        return tuple(map(_round, rows))

    def learned(self, limit: int = 50) -> tuple[Round, ...]:
        """Rounds that teach, newest first, over all projects, archived and trashed too."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT rounds.* FROM lessons JOIN rounds ON rounds.id = lessons.round_id "
                "ORDER BY created DESC, rounds.id DESC LIMIT ?",
                (max(0, limit),),
            ).fetchall()
        return tuple(map(_round, rows))

    def update(
        self,
        round_id: str,
        *,
        expectation: str | None = None,
        verdict: str | None = None,
        learned: str | None = None,
        effect: tuple[float, str] | None = None,
        job_id: str | None = None,
    ) -> Round:
        """Change what is given, leave the rest.

        Args:
            round_id: which.
            expectation: what the person thinks will happen.
            verdict: a `Verdict`.
            learned: what the change did, in the person's words.
            effect: what was measured of it: how much, and where in words.
            job_id: the job that goes on with a batch that was broken off.

        Raises:
            ValueError: `verdict` is no `Verdict`.
            NotFoundError: there is no such round.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE rounds SET expectation = coalesce(?, expectation), "
                "verdict = coalesce(?, verdict), learned = coalesce(?, learned), "
                "amount = coalesce(?, amount), region = coalesce(?, region), "
                "job_id = coalesce(?, job_id) WHERE id = ?",
                (
                    None if expectation is None else clean(expectation),
                    None if verdict is None else Verdict(verdict).value,
                    None if learned is None else clean(learned),
                    None if effect is None else effect[0],
                    None if effect is None else clean(effect[1]),
                    job_id,
                    round_id,
                ),
            )
            round_ = self.get(round_id)
            bring_up_to_date(connection, round_)
            return round_


def cleaned(element: Element) -> Element:
    """The same element with every text harmless."""
    return Element(clean(element.where), clean(element.before), clean(element.after))


def _round(row: sqlite3.Row) -> Round:
    try:
        changes = msgspec.json.decode(row["changes"], type=tuple[Element, ...])
    except (msgspec.DecodeError, UnicodeError, RecursionError, TypeError) as error:
        raise StoreError(
            f"the changes of round {row['id']} cannot be read ({error}): "
            "the database is damaged, close Keepers and run “keepers repair”"
        ) from error
    return value_of({**dict(row), "changes": changes}, Round)
