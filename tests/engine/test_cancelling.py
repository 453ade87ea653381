from tui.engine.client import Client
from tui.engine.messages import Cancel, Done, Follow, JobChanged, JobIs, JobSays, JobView, StepDone
from tui.engine.supervisor import connect
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import assert_kept, event, levels, processes, request, run, status, submit, until


async def cancelled(client: Client, job: str, *, finish_images: bool = False) -> JobView:
    await client.request(Cancel(job=job, finish_images=finish_images), Done)
    view = (await client.request(Follow(job=job), JobIs)).job
    if view.state is not JobState.CANCELLED:
        await event(client, JobChanged, job, lambda now: now.state is JobState.CANCELLED)
        view = (await client.request(Follow(job=job), JobIs)).job
    assert (view.state, view.error) == (JobState.CANCELLED, "")
    return view


async def test_cancelling_during_the_steps_leaves_the_worker_sound(
    warm: Home, client: Client
) -> None:
    undisturbed, _ = await run(warm, request(101, 102, steps=3))
    worker = (await status(client)).worker_pid
    job = await submit(client, request(103, 104, steps=500))
    await event(client, StepDone, job)
    view = await cancelled(client, job)
    assert view.images == ()
    after, _ = await run(warm, request(101, 102, steps=3, again=True))
    assert_kept(warm, after, (101, 102))
    for one, other in zip(undisturbed.images, after.images, strict=True):
        assert (levels(one.path) == levels(other.path)).all()
    assert (await status(client)).worker_pid == worker


async def test_cancelling_while_a_worker_starts_and_while_it_loads(home: Home) -> None:
    client = await connect(home)
    job = await submit(client, request(1))
    await event(client, JobSays, job, lambda said: said.text == "starting a worker")
    await cancelled(client, job)
    await until(lambda: len(processes(home)) == 1, "the worker that was starting is gone")
    job = await submit(client, request(1))
    await event(client, JobSays, job, lambda said: said.text == "loading starter")
    await cancelled(client, job)
    worker = (await status(client)).worker_pid
    view, _ = await run(home, request(1))
    assert_kept(home, view, (1,))
    # On a machine so slow that loading takes longer than the grace it is another one.
    assert worker is None or (await status(client)).worker_pid == worker
    await client.close()


async def test_a_job_that_waits_can_be_cancelled(warm: Home, client: Client) -> None:
    first = await submit(client, request(111, steps=12))
    second = await submit(client, request(112))
    await event(client, JobChanged, first, lambda now: now.state is JobState.RUNNING)
    assert (await cancelled(client, second)).images == ()
    view = (await client.request(Follow(job=first), JobIs)).job
    if view.state is not JobState.DONE:
        await event(client, JobChanged, first, lambda now: now.state is JobState.DONE)
        view = (await client.request(Follow(job=first), JobIs)).job
    assert_kept(warm, view, (111,))
    with open_store(warm) as store:
        assert store.jobs.get(second).started is None
    # Cancelling what has ended changes nothing.
    await client.request(Cancel(job=first), Done)
    assert (await client.request(Follow(job=first), JobIs)).job.state is JobState.DONE


async def test_the_images_being_drawn_may_be_finished_first(warm: Home, client: Client) -> None:
    job = await submit(client, request(121, 122, 123, 124, batch_size=2, steps=6))
    await event(client, StepDone, job)
    view = await cancelled(client, job, finish_images=True)
    assert_kept(warm, view, (121, 122))


async def test_finishing_what_is_the_last_batch_is_being_done(warm: Home, client: Client) -> None:
    job = await submit(client, request(131, 132, steps=6))
    await event(client, StepDone, job)
    await client.request(Cancel(job=job, finish_images=True), Done)
    await event(client, JobChanged, job, lambda now: now.state is JobState.DONE)
    view = (await client.request(Follow(job=job), JobIs)).job
    assert_kept(warm, view, (131, 132))


async def test_images_that_were_finished_before_a_cancel_are_kept(
    warm: Home, client: Client
) -> None:
    job = await submit(client, request(141, 142, batch_size=1, steps=40))
    await event(client, StepDone, job, lambda step: step.batch == 1)
    view = await cancelled(client, job)
    assert_kept(warm, view, (141,))
    resumed, _ = await run(warm, request(141, 142, batch_size=1, steps=40))
    assert [image.found for image in resumed.images] == [True, False]
