"""Takes jobs from the queue in the database, in its order, while there are devices for them."""

import asyncio
import logging

from tui.domain.versioned import UnreadableError, from_json
from tui.engine.announcing import Announce
from tui.engine.job_run import JobRun
from tui.engine.jobs import JobRequest
from tui.engine.messages import JobChanged
from tui.engine.post import SUSPECT_SECONDS
from tui.engine.queue_messages import QueueChanged
from tui.engine.staff import Staff
from tui.engine.waiting import came
from tui.store.errors import StoreError
from tui.store.jobs import ENDED, Job, JobState
from tui.store.settings import Settings
from tui.store.store import Store

_RETRY_SECONDS = 30.0
"""Wait after the disk refused, before the queue is looked at again."""

_log = logging.getLogger(__name__)


class Dispatcher:
    """Runs the queue: a job on as many devices as it has batches, the next one on what is left."""

    def __init__(self, store: Store, settings: Settings, staff: Staff, announce: Announce) -> None:
        self._store, self._settings = store, settings
        self._staff, self._announce = staff, announce
        self._filled = asyncio.Event()
        self._runs: dict[str, JobRun] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._writing = asyncio.Lock()
        staff.turns.offered = self.wake

    @property
    def runs(self) -> tuple[JobRun, ...]:
        """What runs, in the order in which it was begun, which is the order of the queue."""
        return tuple(self._runs.values())

    @property
    def is_busy(self) -> bool:
        """Whether something runs, or waits and will be begun by itself."""
        waits = not self._store.queue.paused and self._store.jobs.next_queued() is not None
        return bool(self._runs) or waits

    def unkept(self, job_id: str) -> Job | None:
        """A job that has ended while the database could not be written, as it should be there."""
        run = self._runs.get(job_id)
        return run.job if run is not None and not run.kept else None

    def wake(self) -> None:
        """There is something new in the queue."""
        self._filled.set()

    async def run(self) -> None:
        """Work until cancelled; what runs then goes back to the queue."""
        self._store.jobs.requeue_running()
        try:
            while True:
                self._filled.clear()
                if not self._keep_ends():
                    # The disk refuses, and would refuse the next job too.
                    await came(self._filled, _RETRY_SECONDS)
                    continue
                try:
                    job = self._next()
                except StoreError:
                    _log.exception("the queue cannot be read")
                    await came(self._filled, _RETRY_SECONDS)
                    continue
                if job is not None:
                    self._begin(job)
                elif self._runs:
                    # By then a device that ended its worker may be tried again.
                    await came(self._filled, SUSPECT_SECONDS)
                else:
                    await self._idle()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def cancel(self, job_id: str, *, finish_images: bool) -> None:
        """End a job that waits or runs; one that has ended is left as it is.

        Raises:
            StoreError: there is no such job, or the disk refuses.
        """
        run = self._runs.get(job_id)
        if run is not None:
            await run.cancel(finish_images=finish_images)
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

    def _next(self) -> Job | None:
        """The job to begin now."""
        if self._store.queue.paused or not self._has_room():
            return None
        job = self._store.jobs.next_queued()
        return None if job is None or self._waits_for_its_like(job) else job

    def _has_room(self) -> bool:
        """Whether a device is free that nothing which runs has a use for."""
        return not self._runs or (
            self._staff.is_spare and all(run.spares_devices for run in self._runs.values())
        )

    def _waits_for_its_like(self, job: Job) -> bool:
        """Whether it asks for images that are being made: it is to find them, not make them too."""
        if not self._runs:
            return False
        try:
            request = from_json(job.request, JobRequest)
        except UnreadableError:
            return False
        alike = (run for run in self._runs.values() if run.job.project_id == job.project_id)
        return any(request.would_find(run.request) for run in alike)

    def _begin(self, job: Job) -> None:
        try:
            run = JobRun(self._store, self._settings, self._staff, self._announce, job)
        except UnreadableError as error:
            self._store.jobs.set_state(job.id, JobState.FAILED, error=str(error))
            self._announce(JobChanged(job=job.id, state=JobState.FAILED, error=str(error)))
            return
        self._runs[job.id] = run
        self._tasks[job.id] = task = asyncio.create_task(self._finish(run))
        task.add_done_callback(lambda _: self.wake())

    async def _finish(self, run: JobRun) -> None:
        await run.run()
        async with self._writing:
            # Of two at once, the one that looked earlier could be written later.
            await asyncio.to_thread(self._write_sidecar, run.job.project_id)

    def _keep_ends(self) -> bool:
        """Forget what has ended; whether the database has taken how it did."""
        kept = True
        for job_id, task in list(self._tasks.items()):
            if not task.done():
                continue
            run = self._runs[job_id]
            task.result()
            if not run.kept:
                run.keep_end()
            if run.kept:
                del self._runs[job_id], self._tasks[job_id]
            kept = kept and run.kept
        return kept

    def _write_sidecar(self, project_id: str) -> None:
        try:
            self._store.write_sidecar(project_id)
        except StoreError as error:
            _log.warning("%s", error)

    async def _idle(self) -> None:
        if self._staff.pid is None:
            await came(self._filled, None)
            return
        if not await came(self._filled, self._settings.worker_idle_minutes * 60):
            await self._staff.dismiss()
