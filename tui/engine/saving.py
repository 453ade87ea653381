"""Pixels of a run that become images while the next batch is drawn."""

import asyncio
import logging
import time
from collections.abc import Callable

from tui.engine.jobs import JobRequest
from tui.engine.keeping import keep_enlarged, keep_image
from tui.engine.messages import ImageView
from tui.engine.worker_messages import Enlarged, SlotPixels
from tui.store.jobs import Job
from tui.store.store import Store

_log = logging.getLogger(__name__)


class Saves:
    """All that is being written for one run; `told` hears of each image when it is safe."""

    def __init__(
        self, store: Store, job: Job, request: JobRequest, told: Callable[[ImageView], None]
    ) -> None:
        self._store, self._job, self._request, self._told = store, job, request, told
        self._tasks: list[asyncio.Task[None]] = []
        self.seeds: set[int] = set()
        """Those whose images are safe."""

    @property
    def refused(self) -> bool:
        """Whether the disk has refused one of them."""
        return any(task.done() and task.exception() for task in self._tasks)

    def begin(self, made: SlotPixels | Enlarged, blob: bytes) -> None:
        """Write one image."""
        # The moment is taken here: they are written side by side, and their order would be chance.
        self._tasks.append(asyncio.create_task(self._save(made, blob, time.time())))

    async def settle(self) -> None:
        """Wait until all pixels that arrived are images, or were refused."""
        if self._tasks:
            # Unlike `gather`, it leaves them at work when the waiting is cancelled.
            await asyncio.wait(self._tasks)

    async def finish(self, *, quiet: bool = False) -> None:
        """The same, and forget them.

        Args:
            quiet: only log what was refused, after another error.

        Raises:
            StoreError, ImagingError: what `keep_image` raises.
        """
        await self.settle()
        tasks, self._tasks = self._tasks, []
        # All are asked: an error that nobody looks at is a warning of asyncio's.
        for error in [error for task in tasks if (error := task.exception())]:
            if not quiet:
                raise error
            _log.warning("job %s: %s", self._job.id, error)

    async def _save(self, made: SlotPixels | Enlarged, blob: bytes, created: float) -> None:
        store, job, request = self._store, self._job, self._request
        place = (store, job.id, job.project_id, request)
        if isinstance(made, Enlarged):
            image = await asyncio.to_thread(keep_enlarged, *place, made, blob, created)
        else:
            image = await asyncio.to_thread(keep_image, *place, made, blob, created)
        self.seeds.add(image.seed)
        self._told(image)
