"""One batch on one device, from its order to its end."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.engine.jobs import Batch
from tui.engine.pool import Worker
from tui.engine.post import Post
from tui.engine.worker_messages import (
    BatchDone,
    BatchFailed,
    BatchStopped,
    CancelBatch,
    FromWorker,
    RunBatch,
)

_numbers = itertools.count(1)


class BatchFailedError(Exception):
    """The worker lives, but cannot draw this; the message is for the person."""

    def __init__(self, sentence: str, *, no_device: bool = False) -> None:
        super().__init__(sentence)
        self.no_device = no_device
        """Whether its device is not there."""


class StoppedError(Exception):
    """The batch was cancelled, or not begun any more."""


@dataclass(eq=False)
class BatchRun:
    """A batch that was handed to a post."""

    post: Post
    index: int
    """Its place among the batches of the job's run, from 0."""
    batch: Batch
    number: int = field(default_factory=lambda: next(_numbers))
    """By which a worker knows it."""
    _worker: Worker | None = None
    """The one that draws it now."""

    @property
    def is_drawing(self) -> bool:
        """Whether a worker draws it, or would go on doing so if nobody ended that."""
        return self._worker is not None

    async def draw(
        self,
        order: RunBatch,
        hear: Callable[["BatchRun", FromWorker, bytes], None],
        says: Callable[[str], None],
    ) -> None:
        """Have it drawn.

        Args:
            order: what the worker is asked.
            hear: told of everything that the worker says of it but its end.
            says: told in words what is waited for.

        Raises:
            WorkerDiedError: the worker did not start, or died.
            BatchFailedError: it cannot be drawn here.
            StoppedError: it was cancelled.
        """
        if self.post.pid is None:
            says("starting a worker")
        self._worker = worker = await self.post.worker()
        await worker.send(order)
        while True:
            message, blob = await worker.next_event()
            if getattr(message, "batch", self.number) != self.number:
                continue  # the tail of a batch that was cancelled
            if isinstance(message, BatchDone | BatchStopped | BatchFailed):
                break
            hear(self, message, blob)
        if isinstance(message, BatchFailed) and message.device_broken:
            # However the job goes on: with this worker every batch that follows would fail.
            await self.post.dismiss()
        self._worker = None
        if isinstance(message, BatchDone):
            self.post.rests_with(message.held)
        if isinstance(message, BatchStopped):
            raise StoppedError
        if isinstance(message, BatchFailed):
            raise BatchFailedError(message.sentence, no_device=message.no_device)

    async def cancel(self, task: asyncio.Task[None]) -> None:
        """End it at its worker's next step; where there is no worker yet, at once.

        Args:
            task: the one that awaits `draw`.
        """
        if self._worker is None:
            task.cancel()
        else:
            await self._worker.send(CancelBatch(self.number))
