"""The batches of a run, each handed to a device that is free for it when it is the run's turn."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from tui.engine.batch_run import BatchFailedError, BatchRun, StoppedError
from tui.engine.jobs import Batch
from tui.engine.pool import WorkerDiedError
from tui.engine.post import Post
from tui.engine.staff import Staff
from tui.engine.waiting import came

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

    def bear(
        self, fault: WorkerDiedError | BatchFailedError, post: Post, *, alone: bool, waits: bool
    ) -> None:
        """Take note of a fault, after which its batch is drawn elsewhere.

        Args:
            fault: what happened.
            post: where.
            alone: there is nothing else, so that it is drawn there again.
            waits: nothing else is free, so that it is drawn there again unless that changes soon.

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
        self._unfit: set[Post] = set()
        """What could not draw a batch: left out of this job while there are others."""
        self._lost: set[Post] = set()
        """Where a worker died of a batch: left out likewise, but not for ever."""
        self._stopped = self._is_ending = False
        self._changed = asyncio.Event()

    @property
    def is_whole(self) -> bool:
        """Whether all batches are drawn."""
        return not (self._todo or self._running or self._stopped)

    @property
    def wants_device(self) -> bool:
        """Whether a device that is free is of use to it, or may be once a fault is dealt with."""
        return self._is_ending or (
            self._has_more and any(not post.is_busy for post in self._usable())
        )

    @property
    def _has_more(self) -> bool:
        return bool(self._todo) and not self._stopped and self._run.may_begin()

    async def draw_all(self) -> None:
        """Draw until nothing is left or nothing more may begin; `is_whole` tells which.

        However it ends, no batch of it is at work afterwards.
        """
        turns = self._staff.turns
        turns.join(self)
        try:
            await self._draw_all()
        except Exception:
            self._stopped = True
            # The others end at their next step, with their models still loaded.
            await self.cancel()
            if self._running:
                await asyncio.wait(self._running, timeout=GRACE_SECONDS)
            raise
        finally:
            turns.leave(self)
            try:
                await self._break_off()
            finally:
                turns.offer()

    async def cancel(self) -> None:
        """Have all that is drawn end at the next step, and what waits for a worker at once."""
        self.look_again()
        for task, run in list(self._running.items()):
            await run.cancel(task)

    def look_again(self) -> None:
        """What the run answers has changed: it may wait for a device that it needs no longer."""
        self._changed.set()

    def begin(self) -> None:
        """Hand batches to free devices; what is left waits for the next turn."""
        if not self._has_more:
            if not self._running:
                self.look_again()
            return
        if not self._running and all(map(self._rests, self._staff.posts)):
            self._unfit.clear()
            self._lost.clear()
        # Who has the model already is not kept waiting for one who would have to load it.
        free = sorted(
            (post for post in self._usable() if not post.is_busy),
            key=lambda post: (post.pid is None, post.model != self._model),
        )
        for post, (index, batch) in zip(free, list(self._todo), strict=False):
            self._todo.popleft()
            post.take()
            run = BatchRun(post, index, batch)
            task = asyncio.create_task(self._run.draw(run))
            task.add_done_callback(lambda _: self.look_again())
            self._running[task] = run

    async def _draw_all(self) -> None:
        while True:
            self._changed.clear()
            for task in [task for task in self._running if task.done()]:
                self._is_ending = True
                try:
                    await self._end(task, self._running.pop(task))
                finally:
                    self._is_ending = False
            # Not for itself alone: a device that it cannot use may be another's.
            self._staff.turns.offer()
            if not self._running and not self._has_more:
                return
            await came(self._changed, self._rest_seconds())

    async def _end(self, task: asyncio.Task[None], run: BatchRun) -> None:
        post = run.post
        try:
            task.result()
            post.has_drawn()
        except (StoppedError, asyncio.CancelledError):
            self._stopped = True
        except WorkerDiedError as death:
            post.has_lost()
            await post.dismiss()
            others = self._others(post)
            await self._again(run, death, others)
        except BatchFailedError as failure:
            # What one device cannot draw, its like cannot either.
            others = [each for each in self._others(post) if each.device != post.device]
            if not others:
                raise
            if failure.no_device:
                # Before anything is waited for: of two runs, each could leave out the other's last.
                await self._staff.leave_out(post)
            await self._again(run, failure, others)
        except Exception:
            if run.is_drawing:
                await post.dismiss()
            raise
        finally:
            # Not before the old worker's memory is back: another job may take it at once.
            post.leave()

    async def _again(
        self, run: BatchRun, fault: WorkerDiedError | BatchFailedError, others: list[Post]
    ) -> None:
        if not self._run.may_go_on():
            self._stopped = True
            return
        post, has_died = run.post, isinstance(fault, WorkerDiedError)
        is_free = any(not each.is_busy for each in others)
        waits = has_died and bool(others) and not (is_free or post.is_broken)
        self._run.bear(fault, post, alone=not others, waits=waits)
        if others:
            (self._lost if has_died else self._unfit).add(post)
        batch = await self._run.missing(run.batch)
        if batch is not None:
            self._todo.appendleft((run.index, batch))

    def _usable(self) -> list[Post]:
        """Where its next batch may be drawn."""
        posts = [post for post in self._staff.posts if not self._rests(post)]
        if self._unfit or self._lost:
            # A job may kill few workers: where others lost theirs is not its second try.
            posts = [post for post in posts if post.died is None or post in self._lost] or posts
        return posts

    def _rests(self, post: Post) -> bool:
        """Whether it is left out.

        Another device is the better second try after a death, but not one that is waited for while
        this one does nothing: one death does not tell whether the job or the device was to blame.
        """
        return post in self._unfit or (post in self._lost and (post.is_suspect or post.is_broken))

    def _rest_seconds(self) -> float | None:
        """How long until a device is tried again; None if there is nothing to wait for."""
        rests = (post.suspect_seconds for post in self._lost if not post.is_broken)
        return min((seconds for seconds in rests if seconds > 0), default=None)

    def _others(self, post: Post) -> list[Post]:
        return [each for each in self._staff.posts if each is not post]

    async def _break_off(self) -> None:
        """A worker that still draws for this run cannot be handed to the next one."""
        running, self._running = self._running, {}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        busy = [run.post for run in running.values() if run.is_drawing]
        try:
            await asyncio.gather(*(post.dismiss() for post in busy))
        finally:
            for run in running.values():
                run.post.leave()
