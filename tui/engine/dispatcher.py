"""Takes one job after the other from the queue in the database."""

import asyncio
import contextlib
import logging

from tui.domain.versioned import UnreadableError
from tui.engine.announcing import Announce
from tui.engine.job_run import JobRun
from tui.engine.messages import JobChanged
from tui.engine.staff import Staff
from tui.store.errors import StoreError
from tui.store.jobs import ENDED, Job, JobState
from tui.store.settings import Settings
from tui.store.store import Store

_RETRY_SECONDS = 30.0
"""Wait after the disk refused, before the queue is looked at again."""

_log = logging.getLogger(__name__)


class Dispatcher:
    """Runs the queue; one job at a time, since one worker has the device."""

    def __init__(self, store: Store, settings: Settings, staff: Staff, announce: Announce) -> None:
        self._store, self._settings = store, settings
        self._staff, self._announce = staff, announce
        self._filled = asyncio.Event()
        self._run: JobRun | None = None

    @property
    def running(self) -> str:
        """Id of the job that runs, or nothing."""
        return self._run.job.id if self._run else ""

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
                job = self._store.jobs.next_queued()
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
        elif self._store.jobs.get(job_id).state not in ENDED:
            self._store.jobs.set_state(job_id, JobState.CANCELLED)
            self._announce(JobChanged(job=job_id, state=JobState.CANCELLED))

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
