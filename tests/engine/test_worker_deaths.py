import asyncio
import os
import signal

from tui.engine.client import Client
from tui.engine.messages import Follow, JobChanged, JobIs, JobSays, StepDone
from tui.engine.supervisor import connect
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import DEADLINE, assert_kept, event, processes, request, run, status, submit


async def kill_worker(client: Client) -> None:
    pid = (await status(client)).worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def test_a_killed_worker_costs_only_the_batch_it_had(home: Home) -> None:
    client = await connect(home)
    undisturbed, _ = await run(home, request(3, 4, 5, 6, batch_size=2, steps=4))
    again = request(3, 4, 5, 6, batch_size=2, steps=4, again=True)
    job = await submit(client, again)
    await event(client, StepDone, job, lambda step: step.batch == 1)
    await kill_worker(client)
    said = await event(client, JobSays, job, lambda said: "killed" in said.text)
    assert said.text.endswith("; trying again")
    await event(client, JobChanged, job, lambda now: now.state is JobState.DONE)
    view = (await client.request(Follow(job=job), JobIs)).job
    assert_kept(home, view, (3, 4, 5, 6))
    assert [i.recipe for i in view.images] == [i.recipe for i in undisturbed.images]
    with open_store(home) as store:
        pixels = [
            [store.images.get(image.id).pixels for image in each.images]
            for each in (view, undisturbed)
        ]
        assert pixels[0] == pixels[1]
        assert store.jobs.get(job).deaths == 1
    await client.close()


async def test_a_job_that_kills_two_workers_is_set_aside(home: Home) -> None:
    client = await connect(home)
    bad = await submit(client, request(1, steps=500))
    good = await submit(client, request(2))
    await event(client, StepDone, bad)
    await kill_worker(client)
    # Steps of the first worker may still be on their way: those of the second come after this.
    await event(client, JobSays, bad, lambda said: "trying again" in said.text)
    await event(client, StepDone, bad)
    await kill_worker(client)
    ended = await event(client, JobChanged, bad, lambda now: now.state is JobState.SET_ASIDE)
    assert ended.error.startswith("set aside after it ended 2 workers: the worker was killed, most")
    assert ended.error.endswith("; try fewer or smaller images, or another model")
    view = (await client.request(Follow(job=bad), JobIs)).job
    assert (view.state, view.error, view.images) == (JobState.SET_ASIDE, ended.error, ())
    await event(client, JobChanged, good, lambda now: now.state is JobState.DONE)
    view = (await client.request(Follow(job=good), JobIs)).job
    assert_kept(home, view, (2,))

    # A worker that dies between two jobs is nobody's death.
    await kill_worker(client)
    async with asyncio.timeout(DEADLINE):
        while (now := await status(client)).worker_pid is not None:
            pass
    assert (now.worker, now.model) == ("none", "")
    assert len(processes(home)) == 1
    view, heard = await run(home, request(7))
    assert_kept(home, view, (7,))
    assert [each.text for each, _ in heard if isinstance(each, JobSays)] == [
        "starting a worker",
        "loading starter",
    ]
    with open_store(home) as store:
        assert store.jobs.get(view.id).deaths == 0
    await client.close()
