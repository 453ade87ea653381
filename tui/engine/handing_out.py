"""The batches of a run, each handed to the first device that is free for it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from tui.engine.batch_run import BatchFailedError, BatchRun, StoppedError
from tui.engine.jobs import Batch
from tui.engine.pool import WorkerDiedError
from tui.engine.post import Post
from tui.engine.staff import Staff

GRACE_SECONDS = 5.0
"""How long a cancelled batch may take to notice before its worker is killed."""


class Run(Protocol):
    """What the batches belong to."""

    def may_begin(self) -> bool:
        """Whether another batch may be begun."""

    def may_go_on(self) -> bool:
        """Whether what was broken off by a fault is to be drawn again."""

    async def draw(self, batch: BatchRun) -> None:
        """Draw one; it raises what `BatchRun.draw` raises."""

    async def missing(self, batch: Batch) -> Batch | None:
        """What is still missing of a batch that was broken off; None if nothing is."""

    def bear(self, fault: WorkerDiedError | BatchFailedError, post: Post, *, alone: bool) -> None:
        """Take note of a fault, after which its batch is drawn elsewhere; alone, there again.

        Raises:
            Exception: it was one too many, and ends the run.
        """


class HandingOut:
    """A queue of batches, and the posts that draw them.

    Which device draws what follows from who is free; the batches themselves were cut before, from
    the job alone. So pixels do not depend on it where devices are equal.
    """

    def __init__(self, run: Run, staff: Staff, model: str, batches: Sequence[Batch]) -> None:
        self._run, self._staff, self._model = run, staff, model
        self._todo = deque(enumerate(batches))
        self._running: dict[asyncio.Task[None], BatchRun] = {}
        self._resting: set[Post] = set()
        """Where something went wrong: left out of this job while there are others."""
        self._stopped = False

    @property
    def is_whole(self) -> bool:
        """Whether all batches are drawn."""
        return not (self._todo or self._running or self._stopped)

    async def draw_all(self) -> None:
        """Draw until nothing is left or nothing more may begin; `is_whole` tells which.

        However it ends, no batch of it is at work afterwards.
        """
        try:
            await self._draw_all()
        except Exception:
            # The others end at their next step, with their models still loaded.
            await self.cancel()
            if self._running:
                await asyncio.wait(self._running, timeout=GRACE_SECONDS)
            raise
        finally:
            await self._break_off()

    async def cancel(self) -> None:
        """Have all that is drawn end at the next step, and what waits for a worker at once."""
        for task, run in list(self._running.items()):
            await run.cancel(task)

    async def _draw_all(self) -> None:
        while True:
            if self._run.may_begin() and not self._stopped:
                self._begin()
            if not self._running:
                return
            ended, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                await self._end(task, self._running.pop(task))

    def _begin(self) -> None:
        if not self._running and all(post in self._resting for post in self._staff.posts):
            self._resting.clear()
        posts = (post for post in self._staff.posts if post not in self._resting)
        # Who has the model already is not kept waiting for one who would have to load it.
        free = sorted(
            (post for post in posts if not post.is_busy),
            key=lambda post: (post.pid is None, post.model != self._model),
        )
        for post, (index, batch) in zip(free, list(self._todo), strict=False):
            self._todo.popleft()
            post.take()
            run = BatchRun(post, index, batch)
            self._running[asyncio.create_task(self._run.draw(run))] = run

    async def _end(self, task: asyncio.Task[None], run: BatchRun) -> None:
        run.post.leave()
        try:
            task.result()
        except (StoppedError, asyncio.CancelledError):
            self._stopped = True
        except WorkerDiedError as death:
            await run.post.dismiss()
            await self._again(run, death, self._others(run.post))
        except BatchFailedError as failure:
            # What one device cannot draw, its like cannot either.
            others = [post for post in self._others(run.post) if post.device != run.post.device]
            if not others:
                raise
            await self._again(run, failure, others)
            if failure.no_device:
                await self._staff.leave_out(run.post)
        except Exception:
            if run.is_drawing:
                await run.post.dismiss()
            raise

    async def _again(
        self, run: BatchRun, fault: WorkerDiedError | BatchFailedError, others: list[Post]
    ) -> None:
        if not self._run.may_go_on():
            self._stopped = True
            return
        self._run.bear(fault, run.post, alone=not others)
        if others:
            self._resting.add(run.post)
        batch = await self._run.missing(run.batch)
        if batch is not None:
            self._todo.appendleft((run.index, batch))

    def _others(self, post: Post) -> list[Post]:
        return [each for each in self._staff.posts if each is not post]

    async def _break_off(self) -> None:
        """A worker that still draws for this run cannot be handed to the next one."""
        running, self._running = self._running, {}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for run in running.values():
            run.post.leave()
        busy = [run.post for run in running.values() if run.is_drawing]
        await asyncio.gather(*(post.dismiss() for post in busy))
