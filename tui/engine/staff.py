"""The worker that is kept warm between jobs, and given up when it is idle or dead."""

import contextlib

from tui.engine.pool import Pool, Worker
from tui.engine.worker_messages import ModelLoaded


class Staff:
    """At most one worker, started when it is needed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._worker: Worker | None = None
        self.loaded: ModelLoaded | None = None
        """What the worker said when it had loaded its model."""
        self.model = ""
        """Name of that model."""

    @property
    def pid(self) -> int | None:
        """The worker's process id, or None without a living one."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    async def worker(self) -> Worker:
        """The warm worker, or a new one.

        Raises:
            WorkerDiedError: it could not start.
        """
        if self._worker is not None and not self._worker.alive:
            # It died between two jobs, and neither of them is to blame.
            await self.dismiss()
        if self._worker is None:
            self._worker = await self._pool.start_worker()
        return self._worker

    async def dismiss(self) -> None:
        """End the worker: its memory goes back to the machine."""
        worker, self._worker, self.loaded, self.model = self._worker, None, None, ""
        if worker is not None:
            with contextlib.suppress(ProcessLookupError):
                await worker.stop()
