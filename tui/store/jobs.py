"""The queue: what was asked of the engine, and what became of it."""

import time
from collections.abc import Collection
from enum import StrEnum

import msgspec

from tui.domain.text import clean_lines
from tui.store.database import Database
from tui.store.errors import NotFoundError, StoreError
from tui.store.ids import new_id
from tui.store.rows import value_of

LONGEST_ERROR = 20_000


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SET_ASIDE = "set aside"
    """It killed its workers and is not offered again."""


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.SET_ASIDE})
"""States after which nothing more happens by itself."""


class Job(msgspec.Struct, frozen=True):
    """One job as it is stored."""

    id: str
    project_id: str
    request: str
    """JSON; what it means is the engine's affair."""
    state: JobState
    deaths: int
    """Workers that died while they had it."""
    error: str
    position: float
    """Place in the queue; lower comes first."""
    created: float
    """Seconds since 1970, as all times here."""
    started: float | None
    finished: float | None


class Jobs:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, project_id: str, request: str, *, job_id: str | None = None) -> Job:
        """Put a job at the end of the queue.

        Raises:
            StoreError: there is no such project, or the id is taken.
        """
        job_id = job_id or new_id()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO jobs (id, project_id, request, state, position, created) SELECT "
                "?, ?, ?, 'queued', coalesce(max(position), 0) + 1, ? FROM jobs",
                (job_id, project_id, request, time.time()),
            )
            return self.get(job_id)

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no job “{job_id}”: look at the queue again")
        return value_of(row, Job)

    def list(
        self, states: Collection[JobState] | None = None, *, project_id: str | None = None
    ) -> tuple[Job, ...]:
        """Jobs in the order of the queue, of these states and this project if given."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM jobs WHERE (:project IS NULL OR project_id = :project) "
                "ORDER BY position, created, id",
                {"project": project_id},
            ).fetchall()
        jobs = (value_of(row, Job) for row in rows)
        return tuple(job for job in jobs if states is None or job.state in states)

    def next_queued(self) -> Job | None:
        """The job to run next, None when the queue is empty."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM jobs WHERE state = 'queued' ORDER BY position, created, id LIMIT 1"
            ).fetchone()
        return None if row is None else value_of(row, Job)

    def set_state(self, job_id: str, state: JobState, *, error: str = "") -> Job:
        """Move a job on; running notes the start, an end the end, queued forgets both.

        Raises:
            NotFoundError: there is no such job.
        """
        now = time.time()
        with self._database.transaction() as connection:
            before = self.get(job_id)
            started = now if state is JobState.RUNNING else before.started
            connection.execute(
                "UPDATE jobs SET state = ?, error = ?, started = ?, finished = ? WHERE id = ?",
                (
                    state.value,
                    clean_lines(error, limit=LONGEST_ERROR),
                    None if state is JobState.QUEUED else started,
                    now if state in ENDED else None,
                    job_id,
                ),
            )
            return self.get(job_id)

    def move(self, job_id: str, by: int) -> bool:
        """Move a waiting job by so many places, at most to an end; whether it has moved.

        Raises:
            NotFoundError: there is no such job.
            StoreError: it has begun or ended.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT id, position FROM jobs WHERE state = 'queued' "
                "ORDER BY position, created, id"
            ).fetchall()
            ids, positions = [row["id"] for row in rows], [row["position"] for row in rows]
            if job_id not in ids:
                self.get(job_id)
                raise StoreError("this job has begun or ended: move one that waits")
            place = ids.index(job_id)
            target = min(max(place + by, 0), len(ids) - 1)
            ids.insert(target, ids.pop(place))
            if len(set(positions)) < len(positions):
                # Two that share a position are told apart by nothing that a move could change.
                last = connection.execute("SELECT max(position) FROM jobs").fetchone()[0]
                positions = [last + number for number in range(1, len(ids) + 1)]
            connection.executemany(
                "UPDATE jobs SET position = ? WHERE id = ?", zip(positions, ids, strict=True)
            )
            return target != place

    def requeue(self, job_id: str) -> Job:
        """Put a job that has ended without success at the end of the queue, its deaths forgiven.

        Raises:
            NotFoundError: there is no such job.
            StoreError: it waits, runs, or is done.
        """
        with self._database.transaction() as connection:
            state = self.get(job_id).state
            if state is JobState.DONE:
                raise StoreError("this job is done, nothing is missing: g in its batch makes more")
            if state not in ENDED:
                raise StoreError("this job has not ended: cancel it first")
            connection.execute(
                "UPDATE jobs SET position = (SELECT max(position) + 1 FROM jobs), deaths = 0 "
                "WHERE id = ?",
                (job_id,),
            )
            return self.set_state(job_id, JobState.QUEUED)

    def record_death(self, job_id: str) -> int:
        """Note that a worker died of this job; returns how many have by now.

        Raises:
            NotFoundError: there is no such job.
        """
        with self._database.transaction() as connection:
            connection.execute("UPDATE jobs SET deaths = deaths + 1 WHERE id = ?", (job_id,))
            return self.get(job_id).deaths

    def requeue_running(self) -> int:
        """After an engine's crash: running jobs wait again, each at its old place. How many."""
        with self._database.transaction() as connection:
            return connection.execute(
                "UPDATE jobs SET state = 'queued', started = NULL WHERE state = 'running'"
            ).rowcount
