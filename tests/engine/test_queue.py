"""The queue of a real engine: reordered, cancelled, put back, paused; every interface sees it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

import pytest

from tui.engine.client import Client, RefusedError
from tui.engine.following import run_job
from tui.engine.messages import (
    Cancel,
    Done,
    Event,
    Follow,
    ImageFinished,
    JobChanged,
    JobIs,
    JobSays,
    StepDone,
    Submit,
)
from tui.engine.queue_messages import (
    AskQueue,
    MoveJob,
    PauseQueue,
    Queue,
    QueueChanged,
    QueuedJob,
    RetryJob,
)
from tui.engine.supervisor import connect, stop_engine
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import PROJECT, assert_kept, event, request, run, status, submit


async def queue(client: Client) -> Queue:
    return await client.request(AskQueue(), Queue)


async def listed(client: Client, job: str) -> QueuedJob:
    return next(each for each in (await queue(client)).jobs if each.id == job)


async def ended(client: Client, *jobs: str) -> list[str]:
    """The jobs in the order in which they were done."""
    found: list[str] = []
    while len(found) < len(jobs):
        said, _ = await client.next_event()
        if isinstance(said, JobChanged) and said.state is JobState.DONE and said.job in jobs:
            found.append(said.job)
    return found


@pytest.fixture
async def other(warm: Home) -> AsyncIterator[Client]:
    """Another interface."""
    opened = await connect(warm)
    yield opened
    await opened.close()


@contextlib.asynccontextmanager
async def busy(client: Client, seed: int) -> AsyncIterator[str]:
    """Something that runs for as long as this lasts."""
    job = await submit(client, request(seed, steps=900))
    await event(client, StepDone, job)
    try:
        yield job
    finally:
        await client.request(Cancel(job=job), Done)


async def test_what_waits_runs_in_the_order_it_was_given(
    warm: Home, client: Client, other: Client
) -> None:
    async with busy(client, 2001) as running:
        jobs = [await submit(client, request(seed)) for seed in (2002, 2003, 2004)]
        first, second, third = jobs
        await event(other, QueueChanged, "")
        await client.request(MoveJob(job=third, by=-2), Done)
        await other.request(MoveJob(job=first, by=1), Done)
        order = [running, third, second, first]
        for each in (client, other):
            assert [job.id for job in (await queue(each)).jobs][:4] == order
        with pytest.raises(RefusedError, match="move one that waits"):
            await client.request(MoveJob(job=running, by=1), Done)
        now = await listed(other, running)
        assert (now.state, now.wanted, now.images, now.drawing) == (JobState.RUNNING, 1, 0, 1)
        assert 1 <= now.step < now.all_steps == 900
        assert (now.model, now.device != "", now.project_name) == ("starter", True, "Tests")
    assert await ended(client, *jobs) == [third, second, first]


async def test_one_that_waits_is_cancelled_and_put_back(warm: Home, client: Client) -> None:
    async with busy(client, 2011):
        job, behind = [await submit(client, request(seed)) for seed in (2012, 2013)]
        await client.request(Cancel(job=job), Done)
        assert (await listed(client, job)).state is JobState.CANCELLED
        await client.request(RetryJob(job=job), Done)
        with pytest.raises(RefusedError, match="has not ended"):
            await client.request(RetryJob(job=job), Done)
    assert await ended(client, job, behind) == [behind, job]
    with pytest.raises(RefusedError, match="nothing is missing"):
        await client.request(RetryJob(job=job), Done)
    now = await listed(client, job)
    assert (now.state, now.images, now.wanted) == (JobState.DONE, 1, 1)


@pytest.mark.parametrize("again", [False, True])
async def test_put_back_it_makes_only_what_is_missing(
    warm: Home, client: Client, again: bool
) -> None:
    first = 2101 if again else 2121
    seeds = tuple(range(first, first + 4))
    job = await submit(client, request(*seeds, batch_size=1, steps=40, again=again))
    made = await event(client, ImageFinished, job)
    await client.request(Cancel(job=job, finish_images=True), Done)
    assert (await listed(client, job)).stopping
    await event(client, JobChanged, job, lambda now: now.state is JobState.CANCELLED)
    before = await listed(client, job)
    assert 1 <= before.images < 4
    await client.request(RetryJob(job=job), Done)
    heard: list[Event] = []
    while not (heard and isinstance(heard[-1], JobChanged) and heard[-1].state is JobState.DONE):
        heard.append((await client.next_event())[0])
    new = [each for each in heard if isinstance(each, ImageFinished) and not each.image.found]
    assert len(new) == 4 - before.images
    view = (await client.request(Follow(job=job), JobIs)).job
    assert_kept(warm, view, seeds)
    assert view.images[0].id == made.image.id


async def test_a_bad_job_is_listed_and_does_not_block_the_next(warm: Home, client: Client) -> None:
    with open_store(warm) as store:
        bad = store.jobs.add(PROJECT, '{"version": 99}').id
    good = await submit(client, request(2201, subject="an \x1b[2Jowl\u202e"))
    assert await ended(client, good) == [good]
    failed, done = await listed(client, bad), await listed(client, good)
    assert (failed.state, failed.wanted) == (JobState.FAILED, 0)
    assert "newer Keepers" in failed.error
    assert done.subject.isprintable()
    assert "owl" in done.subject


async def test_the_time_an_image_takes_is_known_from_those_that_were_made(
    warm: Home, client: Client
) -> None:
    await run(warm, request(2301, steps=4))
    async with busy(client, 2302):
        job = await submit(client, request(2303, steps=6))
        double = await submit(client, request(2304, steps=12))
        unknown = await submit(client, request(2305, steps=6, width=256, height=192))
        one, two, three = [await listed(client, each) for each in (job, double, unknown)]
        for each in (job, double, unknown):
            await client.request(Cancel(job=each), Done)
    assert one.seconds is not None
    assert one.seconds > 0
    assert two.seconds == pytest.approx(2 * one.seconds)
    assert three.seconds is None


async def test_a_pause_lets_what_runs_finish_and_survives_the_engine(home: Home) -> None:
    client = await connect(home)
    running = await submit(client, request(1, steps=60))
    await event(client, StepDone, running)
    await client.request(PauseQueue(paused=True), Done)
    waits = await submit(client, request(2))
    await event(client, JobChanged, running, lambda now: now.state is JobState.DONE)
    assert (await status(client)).paused
    assert (await listed(client, waits)).state is JobState.QUEUED
    await client.close()
    assert await stop_engine(home)
    client = await connect(home)
    assert client.welcome is not None
    # Nothing runs, and nothing will: another version may take this engine's place.
    assert (client.welcome.paused, client.welcome.busy) == (True, False)
    now = await status(client)
    assert (now.paused, now.running, now.queued, now.worker) == (True, "", 1, "none")
    await client.request(PauseQueue(paused=False), Done)
    await event(client, JobChanged, waits, lambda now: now.state is JobState.DONE)
    await client.close()


async def test_an_engine_leaves_also_while_a_job_is_being_cancelled(home: Home) -> None:
    client = await connect(home)
    job, behind = [await submit(client, request(seed, steps=900)) for seed in (1, 2)]
    await event(client, StepDone, job)
    worker = (await status(client)).worker_pid
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)  # it does not get to hear of the cancel
    await client.request(Cancel(job=job), Done)
    await client.close()
    assert await stop_engine(home)
    with open_store(home) as store:
        assert store.jobs.get(job).state is JobState.CANCELLED
        assert store.jobs.get(behind).state is JobState.QUEUED


async def test_who_waits_for_a_paused_queue_is_told(warm: Home, client: Client) -> None:
    await client.request(PauseQueue(paused=True), Done)
    said: asyncio.Queue[Event] = asyncio.Queue()
    wish = Submit(project=PROJECT, job=request(2401))
    following = asyncio.create_task(run_job(warm, wish, lambda event, _: said.put_nowait(event)))
    told = await said.get()
    assert isinstance(told, JobSays)
    assert "keepers engine resume" in told.text
    await client.request(PauseQueue(paused=False), Done)
    assert (await following).state is JobState.DONE
