"""Moments too short to be met by real workers: a scripted one stands in for them."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tui.domain.recipe import Recipe, Route
from tui.domain.versioned import to_json
from tui.engine import handing_out, job_run, saving
from tui.engine.dispatcher import Dispatcher
from tui.engine.handing_out import GRACE_SECONDS
from tui.engine.job_run import JobRun
from tui.engine.keeping import keep_image
from tui.engine.messages import Event, ImageFinished
from tui.engine.staff import Staff
from tui.engine.worker_messages import (
    BatchDone,
    CancelBatch,
    FromWorker,
    RunBatch,
    SlotPixels,
    ToWorker,
)
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import Store, open_store

from .helpers import PROJECT, request, until


class ScriptedWorker:
    """Draws noise at once, or waits with the end of a batch until it is cancelled."""

    pid = 1
    gpus = 0
    alive = True

    def __init__(self, *, waits: bool) -> None:
        self.heard: list[ToWorker] = []
        self._waits = waits
        self._events: asyncio.Queue[tuple[FromWorker, bytes]] = asyncio.Queue()

    async def send(self, message: ToWorker) -> None:
        self.heard.append(message)
        if isinstance(message, RunBatch):
            for slot in message.wanted:
                pixels = np.random.default_rng(slot).integers(0, 255, (8, 8, 3), np.uint8)
                self._events.put_nowait((slot_pixels(message, slot), pixels.tobytes()))
        if isinstance(message, CancelBatch) or not self._waits:
            self._events.put_nowait((self._done(message.batch), b""))

    def _done(self, batch: int) -> BatchDone:
        return BatchDone(batch, 0.1)

    async def next_event(self) -> tuple[FromWorker, bytes]:
        return await self._events.get()

    async def stop(self) -> None:
        self.alive = False


class ScriptedPool:
    def __init__(self, *workers: ScriptedWorker) -> None:
        self._workers = list(workers)

    async def start_worker(self) -> ScriptedWorker:
        return self._workers.pop(0) if len(self._workers) > 1 else self._workers[0]


def slot_pixels(order: RunBatch, slot: int) -> SlotPixels:
    recipe = Recipe(
        intent=order.intent.with_seed(order.seeds[slot]), route=Route.TEXT_TO_IMAGE, prompt="",
        negative_prompt="", pipeline="", scheduler="", model_revision="", slot=slot,
        batch_size=len(order.seeds), precision="float32", device="cpu", threads=1, versions={},
    )  # fmt: skip
    return SlotPixels(order.batch, slot, recipe, 8, 8, 0.1)


Made = tuple[JobRun, list[Event], Store]


@pytest.fixture
def make_run(home: Home) -> Any:
    stores = []

    def make(worker: ScriptedWorker, *seeds: int) -> Made:
        store = open_store(home)
        stores.append(store)
        events: list[Event] = []
        job = store.jobs.add(PROJECT, to_json(request(*seeds, batch_size=1)))

        def announce(event: Event, blob: bytes = b"", *, key: object = None) -> None:
            events.append(event)

        staff = Staff(ScriptedPool(worker))
        return JobRun(store, Settings(), staff, announce, job), events, store

    yield make
    for store in stores:
        store.close()


async def test_a_cancel_that_meets_the_end_of_a_batch_begins_no_other(
    make_run: Callable[..., Made],
) -> None:
    worker = ScriptedWorker(waits=True)
    run, _, store = make_run(worker, 1, 2, 3)
    running = asyncio.create_task(run.run())
    await until(lambda: bool(worker.heard), "the first batch is drawn")
    await run.cancel(finish_images=False)
    assert await asyncio.wait_for(running, GRACE_SECONDS / 2) is JobState.CANCELLED
    assert [type(message) for message in worker.heard] == [RunBatch, CancelBatch]
    assert [image.seed for image in store.images.for_job(run.job.id)] == [1]
    assert worker.alive


class DeafWorker(ScriptedWorker):
    """Hears of a cancel only when its step is over, as while torch compiles it: not at all."""

    async def send(self, message: ToWorker) -> None:
        if not isinstance(message, CancelBatch):
            await super().send(message)


async def test_a_worker_that_does_not_heed_a_cancel_is_ended_and_the_next_job_has_another(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (job_run, handing_out):
        monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)
    workers = [DeafWorker(waits=True), ScriptedWorker(waits=False)]
    staff = Staff(ScriptedPool(*workers))
    with open_store(home) as store:
        deaf, next_job = [store.jobs.add(PROJECT, to_json(request(seed))) for seed in (1, 2)]
        run = JobRun(store, Settings(), staff, lambda *_, **__: None, deaf)
        running = asyncio.create_task(run.run())
        await until(lambda: bool(workers[0].heard), "it is drawn")
        await run.cancel(finish_images=False)
        assert await asyncio.wait_for(running, 30) is JobState.CANCELLED
        assert not workers[0].alive
        assert store.jobs.get(deaf.id).deaths == 0
        after = JobRun(store, Settings(), staff, lambda *_, **__: None, next_job)
        assert await asyncio.wait_for(after.run(), 30) is JobState.DONE
        assert workers[1].alive


async def test_leaving_waits_for_images_that_are_being_written(
    make_run: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> Any:
        begun.set()
        assert may_end.wait(60)
        return keep_image(*arguments)

    monkeypatch.setattr(saving, "keep_image", slow)
    run, events, store = make_run(ScriptedWorker(waits=False), 1)
    running = asyncio.create_task(run.run())
    await asyncio.to_thread(begun.wait, 60)
    running.cancel()
    await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len([event for event in events if isinstance(event, ImageFinished)]) == 1
    assert len(store.images.for_job(run.job.id)) == 1
    assert store.jobs.get(run.job.id).state is JobState.QUEUED


async def test_images_are_as_old_as_their_pixels_whichever_is_written_first(
    make_run: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    second_is_safe = threading.Event()

    def kept(*arguments: Any) -> Any:
        is_first = arguments[4].recipe.intent.seed == 1
        assert not is_first or second_is_safe.wait(60)
        image = keep_image(*arguments)
        if not is_first:
            second_is_safe.set()
        return image

    monkeypatch.setattr(saving, "keep_image", kept)
    run, events, store = make_run(ScriptedWorker(waits=False), 1, 2)
    assert await run.run() is JobState.DONE
    told = [event.image.seed for event in events if isinstance(event, ImageFinished)]
    assert told == [2, 1]
    assert [image.seed for image in store.images.for_job(run.job.id)] == [1, 2]


async def test_an_error_nobody_thought_of_ends_the_job_and_not_the_queue(
    make_run: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("\x1b[2Jdivision")

    monkeypatch.setattr(saving, "keep_image", broken)
    run, _, store = make_run(ScriptedWorker(waits=False), 1, 2)
    assert await run.run() is JobState.FAILED
    error = store.jobs.get(run.job.id).error
    assert error.startswith("the engine could not run this: ZeroDivisionError: ")
    assert error.isprintable()


async def test_a_job_that_was_deleted_while_it_ran_stops_nothing(
    make_run: Callable[..., Made], home: Home
) -> None:
    worker = ScriptedWorker(waits=False)
    run, _, store = make_run(worker, 1)
    with store.database.transaction() as connection:
        connection.execute("DELETE FROM jobs")
    other = store.jobs.add(PROJECT, to_json(request(2)))
    assert await run.run() is JobState.FAILED
    assert run.kept
    dispatcher = Dispatcher(store, Settings(), Staff(ScriptedPool(worker)), lambda *_, **__: None)
    running = asyncio.create_task(dispatcher.run())
    await until(lambda: store.jobs.get(other.id).state is JobState.DONE, "the next job runs")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("later", range(4))
async def test_an_engine_leaves_also_when_something_comes_at_that_moment(
    home: Home, later: int
) -> None:
    staff = Staff(ScriptedPool(ScriptedWorker(waits=False)))
    await staff.posts[0].worker()
    with open_store(home) as store:
        dispatcher = Dispatcher(store, Settings(), staff, lambda *_, **__: None)
        running = asyncio.create_task(dispatcher.run())
        await _turns(10)
        dispatcher.wake()
        await _turns(later)
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=5)
        assert done


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)
