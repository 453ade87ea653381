"""The queue as a whole: what a list of it shows, and whether it is paused."""

from tui.store.database import Database
from tui.store.jobs import Job
from tui.store.rows import value_of

_ROWS = """SELECT jobs.*, projects.name AS project_name,
    (SELECT count(*) FROM images WHERE job_id = jobs.id) AS made,
    coalesce((SELECT recipe FROM images WHERE job_id = jobs.id ORDER BY id DESC), '') AS recipe
    FROM jobs JOIN projects ON projects.id = project_id WHERE """
_OPEN = "state IN ('queued', 'running') ORDER BY state = 'queued', position, jobs.created, jobs.id"
_ENDED = """state IN ('failed', 'cancelled', 'set aside') OR state = 'done' AND finished >= :since
    ORDER BY finished DESC, jobs.id DESC LIMIT :limit"""


class QueueRow(Job, frozen=True):
    """A job, and what a list shows beside it."""

    project_name: str
    made: int
    """Images that it has made."""
    recipe: str
    """Of the newest of them, as JSON; empty without one."""


class QueueTable:
    """All jobs of all projects, and the person's pause."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def paused(self) -> bool:
        """Whether what waits is to wait until somebody lets it go on."""
        with self._database.read() as connection:
            row = connection.execute("SELECT paused FROM queue").fetchone()
        return row is not None and bool(row["paused"])

    def pause(self, *, paused: bool) -> None:
        """Pause the queue, or let it go on."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO queue VALUES (1, ?)", (int(paused),))

    def open_jobs(self) -> tuple[QueueRow, ...]:
        """What runs, then what waits, in its order."""
        return self._rows(_OPEN, {})

    def ended_jobs(self, limit: int, *, done_since: float) -> tuple[QueueRow, ...]:
        """What has ended, the newest first.

        Args:
            limit: how many at most.
            done_since: seconds since 1970; what was done before is left out, a failure is not.
        """
        return self._rows(_ENDED, {"limit": limit, "since": done_since})

    def _rows(self, which: str, values: dict[str, float]) -> tuple[QueueRow, ...]:
        with self._database.read() as connection:
            rows = connection.execute(_ROWS + which, values).fetchall()
        return tuple(value_of(row, QueueRow) for row in rows)
