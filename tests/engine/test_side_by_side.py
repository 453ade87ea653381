"""Jobs side by side: one that leaves a device free lets the next one begin there."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.cli.helpers import KEEPERS
from tui.domain.versioned import to_json
from tui.engine.client import Client
from tui.engine.dispatcher import Dispatcher
from tui.engine.messages import (
    Cancel,
    Done,
    Event,
    Follow,
    JobChanged,
    JobIs,
    JobSays,
    JobView,
    StepDone,
)
from tui.engine.pool import WorkerDiedError
from tui.engine.queue_messages import AskQueue, MoveJob, PauseQueue, Queue, QueuedJob, RetryJob
from tui.engine.staff import Staff
from tui.engine.supervisor import connect
from tui.engine.worker_messages import FromWorker, RunBatch, ToWorker
from tui.store.jobs import ENDED, JobState
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import open_store
from tui.workflow.queue import left, work_words

from .helpers import (
    DEADLINE,
    PROJECT,
    assert_kept,
    event,
    levels,
    request,
    run,
    status,
    submit,
    until,
)
from .test_branches import SMALL
from .test_races import ScriptedWorker

LONG: dict[str, Any] = {"steps": 1000, "width": 256, "height": 256}
"""A job that takes minutes, for as long as a test needs it."""


@pytest.fixture
async def two(pair: Home) -> AsyncIterator[Client]:
    """A connection to an engine with two devices; whatever runs is cancelled afterwards."""
    client = await connect(pair)
    yield client
    for job in (await client.request(AskQueue(), Queue)).jobs:
        if job.state not in ENDED:
            await client.request(Cancel(job=job.id), Done)
            await state_of(client, job.id, JobState.CANCELLED)
    await client.close()


async def state_of(client: Client, job: str, state: JobState) -> JobView:
    """The job when it is in this state."""
    view = (await client.request(Follow(job=job), JobIs)).job
    while view.state is not state:
        await event(client, JobChanged, job)
        view = (await client.request(Follow(job=job), JobIs)).job
    return view


async def begun(client: Client, seed: int, **changes: Any) -> str:
    """A new job of one batch, a long one unless told otherwise, with a step behind it."""
    job = await submit(client, request(seed, **(changes or LONG)))
    await event(client, StepDone, job)
    return job


async def listed(client: Client, job: str) -> QueuedJob:
    queue = await client.request(AskQueue(), Queue)
    return next(each for each in queue.jobs if each.id == job)


async def devices_of(client: Client, job: str) -> list[str]:
    return [batch.device for batch in (await listed(client, job)).at_work]


async def heard_until(client: Client, fits: Callable[[Event], bool]) -> list[Event]:
    """All events up to the first that fits."""
    heard: list[Event] = []
    async with asyncio.timeout(DEADLINE):
        while not heard or not fits(heard[-1]):
            heard.append((await client.next_event())[0])
    return heard


def turns(heard: list[Event], *jobs: str) -> list[tuple[str, JobState]]:
    """What became of these jobs, in order."""
    return [
        (each.job, each.state)
        for each in heard
        if isinstance(each, JobChanged) and each.job in jobs
    ]


async def test_two_jobs_of_one_batch_run_at_the_same_time(pair: Home, two: Client) -> None:
    await run(pair, request(1, **LONG | {"steps": 2}))
    first, second = [await begun(two, seed) for seed in (2, 3)]
    # Both go on.
    await event(two, StepDone, first)
    await event(two, StepDone, second)
    now, queue = await status(two), await two.request(AskQueue(), Queue)
    assert now.jobs == (first, second)
    assert [worker.drawing for worker in now.workers] == [True, True]
    assert queue.devices == 2
    assert [job.id for job in queue.jobs[:2]] == [first, second]
    for job, device in zip(queue.jobs, ("cpu 1", "cpu 2"), strict=False):
        assert (job.state, job.batches, job.at_once) == (JobState.RUNNING, 1, 1)
        assert work_words(queue, job).startswith(f"{device}: step ")
        assert not job.device.startswith("2 ×")
        assert (left(job) or 0) > 0
    told = await asyncio.create_subprocess_exec(
        KEEPERS, "engine", "status", stdout=asyncio.subprocess.PIPE
    )
    lines = (await told.communicate())[0].decode().splitlines()
    assert "doing: 2 jobs; 0 waiting" in lines
    for device in ("cpu 1", "cpu 2"):
        assert [line for line in lines if line.startswith("  ▶ ") and f"; {device}: step" in line]


async def test_pixels_do_not_depend_on_what_is_drawn_beside_them(pair: Home, two: Client) -> None:
    alone, _ = await run(pair, request(11, 12, steps=6, **SMALL))
    beside = await begun(two, 13)
    assert await devices_of(two, beside) == ["cpu 1"]
    again, _ = await run(pair, request(11, 12, steps=6, again=True, **SMALL))
    assert (await listed(two, beside)).state is JobState.RUNNING
    assert [image.recipe for image in again.images] == [image.recipe for image in alone.images]
    for one, other in zip(alone.images, again.images, strict=True):
        assert bool((levels(one.path) == levels(other.path)).all())


async def test_cancelling_one_leaves_the_other_and_lets_the_next_begin(
    pair: Home, two: Client
) -> None:
    first, second = [await begun(two, seed) for seed in (21, 22)]
    third = await submit(two, request(23, **SMALL))
    before = {worker.pid for worker in (await status(two)).workers}
    assert (await listed(two, third)).state is JobState.QUEUED
    await two.request(Cancel(job=first), Done)
    assert (await state_of(two, first, JobState.CANCELLED)).images == ()
    assert_kept(pair, await state_of(two, third, JobState.DONE), (23,))
    assert (await listed(two, second)).state is JobState.RUNNING
    await event(two, StepDone, second)
    assert {worker.pid for worker in (await status(two)).workers} == before
    # Put back, it begins beside the other one again; stopping after its image stops it alone.
    await two.request(RetryJob(job=first), Done)
    await event(two, StepDone, first)
    await two.request(Cancel(job=first, finish_images=True), Done)
    assert (await listed(two, first)).stopping
    assert not (await listed(two, second)).stopping


async def test_a_killed_worker_is_the_death_of_its_own_job_alone(pair: Home, two: Client) -> None:
    # Both workers are there before either job has a step behind it.
    await run(pair, request(29, 30, batch_size=1, **SMALL))
    first, second = [await begun(two, seed, steps=150, **SMALL) for seed in (31, 32)]
    assert await devices_of(two, second) == ["cpu 2"]
    one, other = (await status(two)).workers
    assert other.place == "cpu 2"
    os.kill(other.pid, signal.SIGKILL)
    said = await event(two, JobSays, second, lambda said: said.is_trouble)
    assert "; another takes over from cpu 2, or it tries again in 60 seconds if" in said.text
    assert_kept(pair, await state_of(two, first, JobState.DONE), (31,))
    assert_kept(pair, await state_of(two, second, JobState.DONE), (32,))
    assert one.pid in [worker.pid for worker in (await status(two)).workers]
    with open_store(pair) as store:
        assert [store.jobs.get(job).deaths for job in (first, second)] == [0, 1]


async def test_one_free_device_goes_through_the_queue_in_its_order(two: Client) -> None:
    await begun(two, 41)
    running = await begun(two, 42, steps=60, **SMALL)
    # The wider one may have a device only when it is its turn, and then both batches pass there.
    wide = await submit(two, request(43, 44, batch_size=1, **SMALL))
    later, last = [await submit(two, request(seed, **SMALL)) for seed in (45, 46)]
    await two.request(MoveJob(job=last, by=-1), Done)
    await two.request(PauseQueue(paused=True), Done)
    await state_of(two, running, JobState.DONE)
    waiting = [await listed(two, job) for job in (wide, last, later)]
    assert {job.state for job in waiting} == {JobState.QUEUED}
    await two.request(PauseQueue(paused=False), Done)
    heard = await heard_until(two, lambda said: turns([said], later) == [(later, JobState.DONE)])
    found = turns(heard, wide, later, last)
    assert [job for job, state in found if state is JobState.RUNNING] == [wide, last, later]
    assert [job for job, state in found if state is JobState.DONE] == [wide, last, later]
    drawn = [
        each.device for each in heard if isinstance(each, StepDone) and each.job in (wide, last)
    ]
    assert len(set(drawn)) == 1


async def test_the_next_one_begins_when_the_one_before_has_handed_all_out(two: Client) -> None:
    wide = await submit(two, request(51, 52, 53, batch_size=1, steps=120, **SMALL))
    behind = await submit(two, request(54, **SMALL))
    before = await heard_until(two, lambda said: bool(turns([said], behind)))
    assert (await listed(two, wide)).state is JobState.RUNNING
    ended = {
        each.batch for each in before if isinstance(each, StepDone) and each.step == each.steps
    }
    assert len(ended) == 2, "both devices were the first one's for as long as it had batches"
    await state_of(two, behind, JobState.DONE)
    await state_of(two, wide, JobState.DONE)


async def test_what_asks_for_the_same_images_waits_and_finds_them(pair: Home, two: Client) -> None:
    job = request(61, 62, steps=60, **SMALL)
    first = await submit(two, job)
    await event(two, StepDone, first)
    second = await submit(two, job)
    view = await state_of(two, second, JobState.DONE)
    assert [image.found for image in view.images] == [True, True]
    assert_kept(pair, (await two.request(Follow(job=first), JobIs)).job, (61, 62))


async def test_a_killed_engine_goes_on_with_both(make_home: Callable[..., Home]) -> None:
    home = make_home(device="cpu,cpu", threads=1)
    client = await connect(home)
    # The first one draws alone while a worker starts for the second.
    first = await begun(client, 71)
    second = await begun(client, 72, steps=150, **SMALL)
    third = await submit(client, request(73, **SMALL))
    assert (await status(client)).jobs == (first, second)
    os.kill((await status(client)).pid, signal.SIGKILL)
    await client.close()
    client = await connect(home)
    await event(client, StepDone, first)
    for job, seed in ((second, 72), (third, 73)):
        assert_kept(home, await state_of(client, job, JobState.DONE), (seed,))
    assert (await listed(client, first)).state is JobState.RUNNING
    await client.close()


class Mortal(ScriptedWorker):
    """Dies of every batch that it is to draw on a device of this kind."""

    def __init__(self, bad: str, *, waits: bool = False) -> None:
        super().__init__(waits=waits)
        self._bad, self._is_dying = bad, False

    async def send(self, message: ToWorker) -> None:
        if isinstance(message, RunBatch) and message.device.startswith(self._bad):
            self._is_dying = True
            self.alive = False
        else:
            await super().send(message)

    async def next_event(self) -> tuple[FromWorker, bytes]:
        if self._is_dying:
            raise WorkerDiedError("it died")
        return await super().next_event()


class MortalPool:
    async def start_worker(self) -> Mortal:
        return Mortal("cuda")


class HeldPool:
    async def start_worker(self) -> Mortal:
        return Mortal("cuda", waits=True)


async def test_bad_devices_cost_each_job_one_worker_at_most(home: Home) -> None:
    with open_store(home) as store:
        jobs = [store.jobs.add(PROJECT, to_json(request(seed))).id for seed in range(81, 91)]
        staff = Staff(MortalPool(), "cuda:0,cuda:1,cpu")
        dispatcher = Dispatcher(store, Settings(), staff, lambda *_, **__: None)
        running = asyncio.create_task(dispatcher.run())
        await until(lambda: not dispatcher.is_busy, "the queue is empty")
        first, *others = [store.jobs.get(job) for job in jobs]
        # It alone can meet both, for nobody knows of them yet.
        assert first.deaths in (1, 2)
        assert {job.state for job in others} == {JobState.DONE}
        assert {job.deaths for job in others} <= {0, 1}
        made = [image.seed for job in others for image in store.images.for_job(job.id)]
        assert made == [*range(82, 91)]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_one_that_waits_for_a_device_can_be_cancelled(home: Home) -> None:
    """Its own has ended its worker, and the other one is another job's."""
    pool = HeldPool()
    with open_store(home) as store:
        long, bad = [store.jobs.add(PROJECT, to_json(request(seed))).id for seed in (91, 92)]
        dispatcher = Dispatcher(store, Settings(), Staff(pool, "cpu,cuda"), lambda *_, **__: None)
        running = asyncio.create_task(dispatcher.run())
        await until(lambda: store.jobs.get(bad).deaths == 1, "its worker has died")
        assert [run.job.id for run in dispatcher.runs] == [long, bad]
        await dispatcher.cancel(bad, finish_images=True)
        await until(lambda: store.jobs.get(bad).state is JobState.CANCELLED, "it has ended")
        assert store.jobs.get(long).state is JobState.RUNNING
        await dispatcher.cancel(long, finish_images=False)
        await until(lambda: store.jobs.get(long).state is JobState.DONE, "the other one has, too")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
