"""What each change did, over all projects: change → effect → verdict, found by its words.

A lesson is a round that changed one element and was judged. What it did is measured once and kept
with its round, so that no picture has to be read for the log.
"""

import sqlite3
from collections.abc import Mapping, Sequence

import msgspec

from tui.domain.round import Round, Verdict
from tui.store.database import Database
from tui.store.library_search import as_typed
from tui.store.rows import value_of

_ALL = (
    "SELECT * FROM lesson_list WHERE :project IS NULL OR project_id = :project "
    "ORDER BY created DESC, round_id DESC LIMIT :limit"
)
_AFTER = (
    "SELECT * FROM lesson_list WHERE folded IN (SELECT value FROM json_each(:after)) "
    "ORDER BY created DESC, round_id DESC LIMIT :limit"
)
_FOUND = (
    "SELECT * FROM lesson_list WHERE (:project IS NULL OR project_id = :project) "
    "AND number IN (SELECT rowid FROM lesson_words WHERE lesson_words MATCH :query) "
    "ORDER BY created DESC, round_id DESC LIMIT :limit"
)
_MODEL = (
    "SELECT coalesce((SELECT CASE WHEN json_valid(request) "
    "THEN json_extract(request, '$.intent.model') END FROM jobs WHERE id = ?), '')"
)


class Lesson(msgspec.Struct, frozen=True):
    """One change that was judged."""

    round_id: str
    project_id: str
    element: str
    """The layer, or the setting."""
    before: str
    """Empty where something was added."""
    after: str
    """Empty where something was taken away."""
    model: str
    """As the intent names it; empty where nobody knows."""
    verdict: Verdict
    learned: str
    """What it did, in the person's words."""
    amount: float | None
    """The effect that was measured, as `workflow.effect` gives it; None for none."""
    region: str
    """Where it showed, in words."""
    created: float
    """Seconds since 1970."""


class Lessons:
    """The table of lessons; rows come and go with the verdicts of rounds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def about(self, phrases: Sequence[str], limit: int = 500) -> tuple[Lesson, ...]:
        """Lessons whose change led to one of these phrases, capitals aside, newest first."""
        after = msgspec.json.encode([phrase.casefold() for phrase in phrases]).decode()
        return self._read(_AFTER, {"after": after, "limit": max(0, limit)})

    def search(
        self, words: str = "", limit: int = 10_000, *, project_id: str | None = None
    ) -> tuple[Lesson, ...]:
        """Lessons with all of the words, the last of them perhaps unfinished, newest first.

        Element, phrases, model, verdict, what was learned and where it showed are looked through.
        Without any letter or digit there is nothing to look for: all lessons then. They are of
        all projects, archived and trashed too, or of one.
        """
        values = {"project": project_id, "limit": max(0, limit), "query": as_typed(words)}
        return self._read(_FOUND if values["query"] else _ALL, values)

    def count(self, *, project_id: str | None = None) -> int:
        """How many lessons there are, in all projects or in one."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM lesson_list WHERE ?1 IS NULL OR project_id = ?1",
                (project_id,),
            ).fetchone()
        return int(row[0])

    def _read(self, question: str, values: Mapping[str, object]) -> tuple[Lesson, ...]:
        with self._database.read() as connection:
            rows = connection.execute(question, values).fetchall()
        return tuple(value_of(row, Lesson) for row in rows)


def bring_up_to_date(connection: sqlite3.Connection, round_: Round) -> None:
    """Make the lesson of a round what the round says; call in the transaction that changed it."""
    connection.execute(
        "DELETE FROM lesson_words WHERE rowid IN (SELECT number FROM lessons WHERE round_id = ?)",
        (round_.id,),
    )
    connection.execute("DELETE FROM lessons WHERE round_id = ?", (round_.id,))
    if not round_.teaches:
        return
    (change,) = round_.changes
    model = str(connection.execute(_MODEL, (round_.job_id,)).fetchone()[0])
    number = connection.execute(
        "INSERT INTO lessons (round_id, element, before, after, folded, model) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (round_.id, change.where, change.before, change.after, change.after.casefold(), model),
    ).lastrowid
    connection.execute(
        "INSERT INTO lesson_words (rowid, element, before, after, model, verdict, learned, region) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            change.where,
            change.before,
            change.after,
            model,
            round_.verdict.value,
            round_.learned,
            round_.region,
        ),
    )
