"""Who draws a batch again that was broken off, where scripted workers stand for several GPUs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from tui.domain.versioned import to_json
from tui.engine import dispatcher as dispatching
from tui.engine import post as posts
from tui.engine.dispatcher import Dispatcher
from tui.engine.messages import Event, JobSays
from tui.engine.pool import WorkerDiedError
from tui.engine.staff import Staff
from tui.engine.worker_messages import (
    BatchDone,
    BatchFailed,
    CancelBatch,
    FromWorker,
    RunBatch,
    ToWorker,
)
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import Store, open_store

from .helpers import PROJECT, request, until
from .test_races import ScriptedWorker, slot_pixels

PATIENCE = 30.0
"""Seconds after which something that should happen at once will not."""


class Scene:
    """Two GPUs; a batch draws at once unless its seed, or the second GPU, says otherwise."""

    def __init__(self, store: Store) -> None:
        self.store, self.said = store, list[str]()
        self.long, self.refused = frozenset[int](), frozenset[int]()
        self.deaths = Counter[int]()
        """How often a seed ends its worker on the second GPU; -1 for every seed, without end."""
        self.staff = Staff(self, "cuda:0,cuda:1")
        self.queue = Dispatcher(store, Settings(), self.staff, self._hear)

    async def start_worker(self) -> "SceneWorker":
        return SceneWorker(self)

    def add(self, *seeds: int) -> str:
        job = self.store.jobs.add(PROJECT, to_json(request(*seeds, batch_size=1))).id
        self.queue.wake()
        return job

    def state(self, job: str) -> JobState:
        return self.store.jobs.get(job).state

    def _hear(self, event: Event, blob: bytes = b"", *, key: object = None) -> None:
        if isinstance(event, JobSays) and event.is_trouble:
            self.said.append(event.text)


class SceneWorker(ScriptedWorker):
    def __init__(self, scene: Scene) -> None:
        super().__init__(waits=False)
        self._scene = scene

    async def send(self, message: ToWorker) -> None:
        scene = self._scene
        if isinstance(message, CancelBatch):
            self._events.put_nowait((self._done(message.batch), b""))
        if not isinstance(message, RunBatch):
            return
        (seed,) = message.seeds
        says: FromWorker = BatchDone(message.batch, 0.1)
        if message.device == "cuda:1":
            if scene.deaths[-1] or scene.deaths[seed]:
                scene.deaths[seed] -= 1
                self.alive = False
                return
            if seed in scene.refused:
                says = BatchFailed(message.batch, "it does not fit here")
        if isinstance(says, BatchDone):
            self._events.put_nowait((slot_pixels(message, 0), bytes(8 * 8 * 3)))
        if seed not in scene.long:
            self._events.put_nowait((says, b""))

    async def next_event(self) -> tuple[FromWorker, bytes]:
        if not self.alive:
            raise WorkerDiedError("it died")
        return await super().next_event()


@pytest.fixture
async def scene(home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    for module in (posts, dispatching):
        monkeypatch.setattr(module, "SUSPECT_SECONDS", 0.1)
    with open_store(home) as store:
        made = Scene(store)
        running = asyncio.create_task(made.queue.run())
        yield made
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def comes(condition: Callable[[], bool], what: str) -> None:
    await until(condition, what, PATIENCE)


async def test_where_all_others_are_long_busy_the_same_device_has_a_second_try(
    scene: Scene,
) -> None:
    scene.long = frozenset([1])
    scene.deaths[2] = 1
    long, killed = scene.add(1), scene.add(2)
    await comes(lambda: scene.state(killed) is JobState.DONE, "it is drawn after all")
    assert scene.state(long) is JobState.RUNNING
    assert scene.store.jobs.get(killed).deaths == 1
    (said,) = scene.said
    assert said.endswith("takes over from cuda:1, or it tries again in 60 seconds if none is free")
    # What has drawn since is as good as any other.
    assert not scene.staff.posts[1].is_suspect
    scene.deaths[3] = 2
    bad = scene.add(3)
    await comes(lambda: scene.state(bad) is JobState.SET_ASIDE, "two workers are enough")


async def test_a_device_that_kills_one_worker_after_the_other_is_nobody_s_second_try(
    scene: Scene,
) -> None:
    scene.long, scene.deaths[-1] = frozenset([1]), 1
    long, first = scene.add(1), scene.add(2)
    await comes(lambda: scene.state(first) is JobState.SET_ASIDE, "nobody knew")
    second = scene.add(3)
    await comes(lambda: scene.store.jobs.get(second).deaths == 1, "it met the device, too")
    assert scene.said[-1] == "it died; another takes over from cuda:1"
    await comes(lambda: not scene.staff.posts[1].is_suspect, "a death is forgotten")
    await scene.queue.cancel(long, finish_images=False)
    await comes(lambda: scene.state(second) is JobState.DONE, "it waited for the sound one")
    assert scene.store.jobs.get(second).deaths == 1


async def test_a_device_that_a_long_job_cannot_use_is_the_next_one_s(scene: Scene) -> None:
    scene.long, scene.refused = frozenset([1]), frozenset([2])
    wide = scene.add(1, 2, 3)
    await comes(lambda: bool(scene.said), "the second device has failed")
    assert scene.said == ["cuda:1 is left out: it does not fit here"]
    behind = scene.add(4)
    await comes(lambda: scene.state(behind) is JobState.DONE, "it is drawn there")
    assert scene.state(wide) is JobState.RUNNING
