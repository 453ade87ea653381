"""A job over several devices: two workers on the processor stand for two GPUs."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.engine.client import Client
from tui.engine.devices import counted, device_labels, device_names, sharers
from tui.engine.messages import (
    Cancel,
    Done,
    EngineStatus,
    Follow,
    ImageFinished,
    JobChanged,
    JobIs,
    JobSays,
    JobView,
    StepDone,
)
from tui.engine.queue_messages import AskQueue, Queue
from tui.engine.staff import Staff
from tui.engine.supervisor import connect
from tui.imaging.metadata import read_provenance
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.settings import SettingsError, load_settings
from tui.store.store import open_store
from tui.workflow.queue import left, work_words

from .helpers import (
    DEADLINE,
    assert_kept,
    event,
    levels,
    processes,
    request,
    run,
    status,
    submit,
    until,
)
from .test_branches import SMALL, branch, draw, pixels_of, same
from .test_races import ScriptedPool, ScriptedWorker


async def both_draw(client: Client, job: str) -> EngineStatus:
    """Wait until two batches are at work, each with a step behind it."""
    seen: set[int] = set()

    def fits(step: StepDone) -> bool:
        seen.add(step.batch)
        return step.at_once == 2 and len(seen) == 2

    await event(client, StepDone, job, fits)
    return await status(client)


async def ended(client: Client, job: str, state: JobState) -> JobView:
    """The job when it is in this state."""
    view = (await client.request(Follow(job=job), JobIs)).job
    while view.state is not state:
        await event(client, JobChanged, job)
        view = (await client.request(Follow(job=job), JobIs)).job
    return view


async def test_pixels_do_not_depend_on_who_draws_what(
    warm: Home, shared_pair: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = request(1, 2, 3, 4, 5, batch_size=2, steps=8, threads=1, again=True, **SMALL)
    alone, _ = await run(warm, job)
    pair = shared_pair
    monkeypatch.setenv("KEEPERS_HOME", str(pair.data.parent))
    view, heard = await run(pair, job)
    assert_kept(pair, view, (1, 2, 3, 4, 5))
    assert same(pixels_of(view), pixels_of(alone))
    assert [image.recipe for image in view.images] == [image.recipe for image in alone.images]
    steps = [each for each, _ in heard if isinstance(each, StepDone)]
    assert {each.at_once for each in steps} >= {2}
    assert Counter((each.seeds, each.step) for each in steps) == Counter(
        (seeds, step) for seeds in ((1, 2), (3, 4), (5,)) for step in range(1, 9)
    )
    assert [each.done for each in steps] == list(range(1, 25))
    assert {each.of for each in steps} == {24}
    # A branch begins with what either of them kept, and goes on wherever a device is free.
    pixels, told = await draw(pair, branch(job, job.intent, 4))
    assert same(pixels, pixels_of(view))
    assert min(told) == 4


async def test_a_killed_worker_s_batch_goes_to_one_that_is_idle_by_then(pair: Home) -> None:
    client = await connect(pair)
    job = await submit(client, request(11, 12, 13, batch_size=1, steps=20, **SMALL))
    _first, second = (await both_draw(client, job)).workers
    assert (second.place, second.drawing) == ("cpu 2", True)
    queue = await client.request(AskQueue(), Queue)
    listed = next(each for each in queue.jobs if each.id == job)
    assert [batch.device for batch in listed.at_work] == ["cpu 1", "cpu 2"]
    assert (listed.at_once, listed.batches) == (2, 3)
    assert "cpu 2: batch 2 of 3, step " in work_words(queue, listed)
    assert left(listed) is not None
    # While it stands still the other one draws all the rest.
    os.kill(second.pid, signal.SIGSTOP)
    made = [(await event(client, ImageFinished, job)).image.seed for _ in range(2)]
    assert sorted(made) == [11, 13]
    os.kill(second.pid, signal.SIGKILL)
    said = await event(client, JobSays, job, lambda said: said.is_trouble)
    assert "killed" in said.text
    assert said.text.endswith("; another takes over from cpu 2")
    view = await ended(client, job, JobState.DONE)
    assert_kept(pair, view, (11, 12, 13))
    assert len((await status(client)).workers) == 1
    with open_store(pair) as store:
        assert store.jobs.get(job).deaths == 1
    again, heard = await run(pair, request(11, 12, 13, batch_size=1, steps=20, again=True, **SMALL))
    assert same(pixels_of(view), pixels_of(again))
    assert "starting a worker on cpu 2" in [e.text for e, _ in heard if isinstance(e, JobSays)]
    await client.close()


async def test_cancelling_reaches_both_and_leaves_them_sound(pair: Home) -> None:
    client = await connect(pair)
    undisturbed, _ = await run(pair, request(21, 22, batch_size=1, **SMALL))
    job = await submit(client, request(23, 24, 25, batch_size=1, steps=900, **SMALL))
    before = {worker.pid for worker in (await both_draw(client, job)).workers}
    await client.request(Cancel(job=job), Done)
    assert (await ended(client, job, JobState.CANCELLED)).images == ()
    after, _ = await run(pair, request(21, 22, batch_size=1, again=True, **SMALL))
    assert same(pixels_of(undisturbed), pixels_of(after))
    now = await status(client)
    assert {worker.pid for worker in now.workers} == before
    assert not any(worker.drawing for worker in now.workers)
    await client.close()


async def test_stopping_after_these_images_finishes_what_both_draw(pair: Home) -> None:
    client = await connect(pair)
    job = await submit(client, request(31, 32, 33, 34, batch_size=1, steps=30, **SMALL))
    await both_draw(client, job)
    await client.request(Cancel(job=job, finish_images=True), Done)
    view = await ended(client, job, JobState.CANCELLED)
    assert_kept(pair, view, (31, 32))
    await client.close()


async def test_a_small_job_keeps_its_shape_and_takes_one_device(pair: Home) -> None:
    view, heard = await run(pair, request(41, 42, batch_size=2, **SMALL))
    assert {each.at_once for each, _ in heard if isinstance(each, StepDone)} == {1}
    assert read_provenance(view.images[1].path).recipe.slot == 1


async def test_a_device_that_is_not_there_is_left_out(make_home: Callable[..., Home]) -> None:
    home = make_home(device="cuda:776, cuda:777, cpu")
    view, heard = await run(home, request(1, 2, 3, batch_size=1))
    assert_kept(home, view, (1, 2, 3))
    said = [each.text for each, _ in heard if isinstance(each, JobSays) and each.is_trouble]
    assert len(said) == 2
    for number, text in zip((776, 777), sorted(said), strict=True):
        assert text.startswith(f"cuda:{number} is left out: the device “cuda:{number}” is not here")
    await until(lambda: len(processes(home)) == 2, "only the engine and one worker are left")
    again, heard = await run(home, request(1, 2, 3, batch_size=1, again=True))
    assert not any(isinstance(each, JobSays) for each, _ in heard)
    assert all(
        bool((levels(one.path) == levels(other.path)).all())
        for one, other in zip(view.images, again.images, strict=True)
    )


async def test_all_is_what_the_environment_shows(
    make_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    home = make_home(device="all")
    view, heard = await run(home, request(1))
    assert_kept(home, view, (1,))
    assert [each.text for each, _ in heard if isinstance(each, JobSays)] == [
        "starting a worker",
        "loading starter",
    ]


async def test_a_worker_beside_a_long_batch_gives_its_memory_back(
    make_home: Callable[..., Home],
) -> None:
    home = make_home(device="cpu,cpu", worker_idle_minutes=0.001)
    client = await connect(home)
    short, long = (
        await submit(client, request(1, 2, batch_size=1, **SMALL)),
        await submit(client, request(3, steps=900, **SMALL)),
    )
    async with asyncio.timeout(DEADLINE):
        # The first to start would be alone, too.
        while (now := await status(client)).running != long or len(now.workers) != 1:
            await client.next_event()
    (worker,) = now.workers
    assert worker.drawing
    assert len(processes(home)) == 2
    await client.request(Cancel(job=long), Done)
    assert_kept(home, await ended(client, short, JobState.DONE), (1, 2))
    await ended(client, long, JobState.CANCELLED)
    with open_store(home) as store:
        recipe = store.images.for_job(short)[0].recipe
        assert recipe is not None
        # Two on one processor share it.
        assert recipe.threads == max(1, shared_threads())
    await client.close()


def shared_threads() -> int:
    """Half of what torch would take in this process's place."""
    import torch

    return torch.get_num_threads() // 2


@given(st.lists(st.sampled_from(["cpu", "cuda:0", "cuda:1", "cuda:12"]), min_size=1, max_size=9))
def test_every_device_that_is_named_has_a_label_of_its_own(names: list[str]) -> None:
    assert device_names(" , ".join(names), 3) == tuple(names)
    labels = device_labels(names)
    assert len(set(labels)) == len(names)
    assert all(label.split()[0] == name for label, name in zip(labels, names, strict=True))


async def test_workers_on_gpus_share_the_processor_s_threads() -> None:
    assert sharers(("auto",)) == (1,)
    assert sharers(("cpu", "cuda:0", "cpu", "cuda:1", "cuda:1")) == (2, 3, 2, 3, 3)
    worker = ScriptedWorker(waits=False)
    worker.gpus = 8
    # The worker that counts them is one of them.
    posts = await Staff(ScriptedPool(worker), "all").open()
    assert [post.sharing for post in posts] == [8] * 8


def test_names_of_devices(make_home: Callable[..., Home]) -> None:
    assert device_names("all", 2) == ("cuda:0", "cuda:1")
    assert device_names("all", 0) == ("cpu",)
    assert device_names("auto", 8) == ("auto",)
    assert device_labels(("cpu", "cuda:0", "cpu")) == ("cpu 1", "cuda:0", "cpu 2")
    assert counted(["A100", "L4", "A100"]) == "2 × A100 and L4"
    for device in ("cuda:0,cuda:1", "all", "cpu, cpu", "cuda:7"):
        assert load_settings(make_home(device=device)).device == device
    for device in ("cuda:0,", "cuda,cuda", "auto,cpu", "all,cpu", ",".join(["cpu"] * 65)):
        with pytest.raises(SettingsError, match='"device" is '):
            load_settings(make_home(device=device))
