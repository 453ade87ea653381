"""A device, and the worker that draws on it."""

import contextlib
import time

import msgspec

from tui.engine.pool import Pool, Worker
from tui.engine.worker_messages import ModelLoaded

SUSPECT_SECONDS = 60.0
"""How long a device whose worker died is no reason to begin another job."""


class Post:
    """At most one worker, started when it is needed, kept warm, given up when idle or dead."""

    def __init__(self, pool: Pool, device: str, label: str, *, sharing: int = 1) -> None:
        self._pool = pool
        self._worker: Worker | None = None
        self._last_used = time.monotonic()
        self.device = device
        """As the settings name it."""
        self.label = label
        """The same, with a number where several are on one device."""
        self.sharing = sharing
        """Workers that share the processor's threads with it, itself among them."""
        self.loaded: ModelLoaded | None = None
        """What the worker said when it had loaded its model."""
        self.model = ""
        """Name of that model."""
        self.is_busy = False
        """Whether a batch is drawn here, or a worker started for one."""
        self.died: float | None = None
        """When a worker died of its batch here, on the monotonic clock; None since one was done."""
        self._deaths = 0
        """Workers that have died of their batches here since one was done."""

    @property
    def pid(self) -> int | None:
        """The worker's process id, or None without a living one."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    @property
    def idle_seconds(self) -> float:
        """How long nothing was drawn here."""
        return 0.0 if self.is_busy else time.monotonic() - self._last_used

    @property
    def is_suspect(self) -> bool:
        """Whether the last batch here has just ended its worker: the device may be what is bad."""
        return self.suspect_seconds > 0

    @property
    def suspect_seconds(self) -> float:
        """How long it is suspect still."""
        return 0.0 if self.died is None else self.died + SUSPECT_SECONDS - time.monotonic()

    @property
    def is_broken(self) -> bool:
        """Whether several batches in a row have ended their workers here, and none was done."""
        return self._deaths > 1

    async def worker(self) -> Worker:
        """The warm worker, or a new one.

        Raises:
            WorkerDiedError: it could not start.
        """
        if self._worker is not None and not self._worker.alive:
            # It died between two batches, and neither of them is to blame.
            await self.dismiss()
        if self._worker is None:
            self._worker = await self._pool.start_worker()
        return self._worker

    def take(self) -> None:
        """Keep it for one batch."""
        self.is_busy = True

    def leave(self) -> None:
        """The batch has ended: from now on it is idle."""
        self.is_busy, self._last_used = False, time.monotonic()

    def has_drawn(self) -> None:
        """A batch is done here: the device is sound."""
        self.died, self._deaths = None, 0

    def has_lost(self) -> None:
        """A batch has ended its worker here."""
        self.died, self._deaths = time.monotonic(), self._deaths + 1

    def rests_with(self, held: int) -> None:
        """A batch is done, and its model may hold less of the device than when it was loaded."""
        if self.loaded is not None:
            self.loaded = msgspec.structs.replace(self.loaded, held=held)

    async def dismiss(self) -> None:
        """End the worker: its memory goes back to the machine."""
        worker, self._worker, self.loaded, self.model = self._worker, None, None, ""
        if worker is not None:
            with contextlib.suppress(ProcessLookupError):
                await worker.stop()
