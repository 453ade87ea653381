"""The workers, one for each device, kept warm between jobs."""

import asyncio
from collections import Counter

from tui.engine.devices import ALL, device_labels, device_names, sharers
from tui.engine.pool import Pool
from tui.engine.post import Post
from tui.engine.status_messages import WorkerStatus
from tui.engine.turns import Turns


class Staff:
    """A post for each device of the settings; workers come to them when they are needed."""

    def __init__(self, pool: Pool, setting: str = "auto") -> None:
        self._pool, self._setting = pool, setting
        self._posts: list[Post] = []
        self.turns = Turns()
        """In which free posts are offered to the jobs that run."""
        if setting != ALL:
            self._set_up(gpus=0)

    @property
    def posts(self) -> tuple[Post, ...]:
        """All of them; where all GPUs were asked for, none until they were counted."""
        return tuple(self._posts)

    @property
    def is_spare(self) -> bool:
        """Whether one of several devices draws nothing, and another job may be begun for it."""
        if len(self._posts) < 2:
            return False
        sound = [post for post in self._posts if not post.is_suspect] or self._posts
        return any(not post.is_busy for post in sound)

    @property
    def pid(self) -> int | None:
        """Process id of the first living worker, or None without one."""
        return next(iter(self.pids), None)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the living workers."""
        return tuple(pid for post in self._posts if (pid := post.pid) is not None)

    @property
    def devices(self) -> dict[str, str]:
        """What living workers draw on, as the makers name it, by the label of their post."""
        living = (post for post in self._posts if post.pid is not None)
        return {post.label: post.loaded.device for post in living if post.loaded is not None}

    @property
    def held(self) -> dict[str, int]:
        """Bytes that our models hold of each GPU, by torch's name for it."""
        found = Counter[str]()
        for post in self._posts:
            if post.pid is not None and post.loaded is not None:
                found[post.loaded.place] += post.loaded.held
        return dict(found)

    def status(self) -> tuple[WorkerStatus, ...]:
        """What each living worker does."""
        return tuple(
            WorkerStatus(
                pid=pid,
                place=post.label,
                drawing=post.is_busy,
                model=post.model,
                device=post.loaded.device if post.loaded else "",
                precision=post.loaded.precision if post.loaded else "",
            )
            for post in self._posts
            if (pid := post.pid) is not None
        )

    async def open(self) -> tuple[Post, ...]:
        """All posts; where all GPUs are wanted, a first worker counts them.

        Raises:
            WorkerDiedError: it could not start.
        """
        if not self._posts:
            first = Post(self._pool, ALL, ALL)
            try:
                self._set_up((await first.worker()).gpus, first)
            except BaseException:
                await first.dismiss()
                raise
        return self.posts

    async def leave_out(self, post: Post) -> None:
        """Do without a device that is not there for as long as this engine runs."""
        self._posts.remove(post)
        await post.dismiss()

    async def dismiss(self) -> None:
        """End all workers: their memory goes back to the machine."""
        await asyncio.gather(*(post.dismiss() for post in self._posts))

    async def dismiss_idle(self, seconds: float) -> None:
        """End the workers that have drawn nothing for so long."""
        idle = [post for post in self._posts if post.pid and post.idle_seconds > seconds]
        await asyncio.gather(*(post.dismiss() for post in idle))

    def _set_up(self, gpus: int, first: Post | None = None) -> None:
        names = device_names(self._setting, gpus)
        self._posts = [
            Post(self._pool, name, label, sharing=sharing)
            for name, label, sharing in zip(
                names, device_labels(names), sharers(names), strict=True
            )
        ]
        if first is not None:
            # The worker that counted is bound to no device yet: it is the first one's.
            first.device, first.label = self._posts[0].device, self._posts[0].label
            first.sharing = self._posts[0].sharing
            self._posts[0] = first
