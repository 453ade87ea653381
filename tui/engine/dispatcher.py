"""Takes one job after the other from the queue in the database."""

import asyncio
import contextlib
import logging

from tui.domain.versioned import UnreadableError
from tui.engine.announcing import Announce
from tui.engine.job_run import JobRun
from tui.engine.messages import JobChanged
from tui.engine.queue_messages import QueueChanged
from tui.engine.staff import Staff
from tui.store.errors import StoreError
from tui.store.jobs import ENDED, Job, JobState
from tui.store.settings import Settings
from tui.store.store import Store

_RETRY_SECONDS = 30.0
"""Wait after the disk refused, before the queue is looked at again."""

_log = logging.getLogger(__name__)


class Dispatcher:
    """Runs the queue; one job at a time, on as many devices as it has batches."""

    def __init__(self, store: Store, settings: Settings, staff: Staff, announce: Announce) -> None:
        self._store, self._settings = store, settings
        self._staff, self._announce = staff, announce
        self._filled = asyncio.Event()
        self._run: JobRun | None = None

    @property
    def running(self) -> str:
        """Id of the job that runs, or nothing."""
        return self._run.job.id if self._run else ""

    @property
    def current(self) -> JobRun | None:
        """What runs."""
        return self._run

    @property
    def is_busy(self) -> bool:
        """Whether something runs, or waits and will be begun by itself."""
        waits = not self._store.queue.paused and self._store.jobs.next_queued() is not None
        return self._run is not None or waits

    def unkept(self, job_id: str) -> Job | None:
        """A job that has ended while the database could not be written, as it should be there."""
        run = self._run
        return run.job if run is not None and run.job.id == job_id and not run.kept else None

    def wake(self) -> None:
        """There is something new in the queue."""
        self._filled.set()

    async def run(self) -> None:
        """Work until cancelled; what runs then goes back to the queue."""
        self._store.jobs.requeue_running()
        while True:
            self._filled.clear()
            try:
                job = None if self._store.queue.paused else self._store.jobs.next_queued()
            except StoreError:
                _log.exception("the queue cannot be read")
                await self._wait(_RETRY_SECONDS)
                continue
            if job is None:
                await self._idle()
            else:
                await self._finish(job)

    async def cancel(self, job_id: str, *, finish_images: bool) -> None:
        """End a job that waits or runs; one that has ended is left as it is.

        Raises:
            StoreError: there is no such job, or the disk refuses.
        """
        if self._run is not None and self._run.job.id == job_id:
            await self._run.cancel(finish_images=finish_images)
            self.tell_change()
        elif self._store.jobs.get(job_id).state not in ENDED:
            self._store.jobs.set_state(job_id, JobState.CANCELLED)
            self._announce(JobChanged(job=job_id, state=JobState.CANCELLED))

    def move(self, job_id: str, by: int) -> None:
        """Move a job that waits by so many places.

        Raises:
            StoreError: it does not wait, or the disk refuses.
        """
        if self._store.jobs.move(job_id, by):
            self.tell_change()

    def retry(self, job_id: str) -> None:
        """Put a job that ended without success back into the queue.

        Raises:
            StoreError: it has not ended, or is done, or the disk refuses.
        """
        self._store.jobs.requeue(job_id)
        self._announce(JobChanged(job=job_id, state=JobState.QUEUED))
        self.wake()

    def pause(self, *, paused: bool) -> None:
        """Let what waits wait, also over a restart, or go on; what runs is finished.

        Raises:
            StoreError: the disk refuses.
        """
        self._store.queue.pause(paused=paused)
        self.tell_change()
        self.wake()

    def tell_change(self) -> None:
        """Tell interfaces that the queue is another, where no job tells it by itself."""
        self._announce(QueueChanged(paused=self._store.queue.paused))

    async def _finish(self, job: Job) -> None:
        try:
            self._run = JobRun(self._store, self._settings, self._staff, self._announce, job)
        except UnreadableError as error:
            self._store.jobs.set_state(job.id, JobState.FAILED, error=str(error))
            self._announce(JobChanged(job=job.id, state=JobState.FAILED, error=str(error)))
            return
        try:
            await self._run.run()
            await asyncio.to_thread(self._write_sidecar, job.project_id)
            while not self._run.kept:
                # The disk refuses, and would refuse the next job too.
                self._filled.clear()
                await self._wait(_RETRY_SECONDS)
                self._run.keep_end()
        finally:
            self._run = None

    def _write_sidecar(self, project_id: str) -> None:
        try:
            self._store.write_sidecar(project_id)
        except StoreError as error:
            _log.warning("%s", error)

    async def _idle(self) -> None:
        if self._staff.pid is None:
            await self._wait(None)
            return
        if not await self._wait(self._settings.worker_idle_minutes * 60):
            await self._staff.dismiss()

    async def _wait(self, seconds: float | None) -> bool:
        """Whether something came within that time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._filled.wait(), seconds)
        return self._filled.is_set()
