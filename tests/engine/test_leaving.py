import os
import signal
from collections.abc import Callable

from tui.engine.discovery import lock_is_held, read_info, socket_path
from tui.engine.messages import Done, JobIs, StepDone, StopEngine
from tui.engine.messages import Follow as Ask
from tui.engine.supervisor import connect
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import assert_kept, event, processes, request, run, status, submit, until


def nothing_is_left(home: Home) -> bool:
    folder = socket_path(home).parent
    folder.rmdir()  # made by asking; it must have been empty
    return not (lock_is_held(home) or home.engine_file.exists() or processes(home))


async def test_an_engine_that_nobody_needs_leaves(make_home: Callable[..., Home]) -> None:
    home = make_home(engine_idle_minutes=0.001)
    client = await connect(home)
    await client.close()
    await until(lambda: not processes(home), "the idle engine leaves")
    assert nothing_is_left(home)


async def test_an_engine_leaves_when_its_home_vanishes(home: Home) -> None:
    client = await connect(home)
    root = home.data.parent
    root.rename(root.with_name("away"))
    await until(lambda: not processes(home), "the engine without a home leaves")
    assert not root.exists()
    await client.close()


async def test_the_worker_is_dismissed_when_idle_and_comes_back(
    make_home: Callable[..., Home],
) -> None:
    home = make_home(worker_idle_minutes=0.001)
    first, _ = await run(home, request(1))
    assert_kept(home, first, (1,))
    await until(lambda: len(processes(home)) == 1, "the idle worker leaves")
    client = await connect(home)
    now = await status(client)
    assert (now.worker, now.worker_pid, now.model, now.device) == ("none", None, "", "")
    second, _ = await run(home, request(2))
    assert_kept(home, second, (2,))
    await client.close()


async def test_sigterm_puts_the_running_job_back_and_leaves_nothing(home: Home) -> None:
    client = await connect(home)
    job = await submit(client, request(1, 2, 3, batch_size=1, steps=6))
    await event(client, StepDone, job, lambda step: step.batch == 1)
    info = read_info(home)
    assert info is not None
    os.kill(info.pid, signal.SIGTERM)
    await until(lambda: not processes(home), "engine and worker leave")
    assert nothing_is_left(home)
    await client.close()
    with open_store(home) as store:
        stored = store.jobs.get(job)
        assert (stored.state, stored.deaths, stored.error) == (JobState.QUEUED, 0, "")
        assert [image.seed for image in store.images.for_job(job)] == [1]
    # The next engine takes the job up without being asked.
    client = await connect(home)
    view = (await client.request(Ask(job=job), JobIs)).job
    while view.state is not JobState.DONE:
        await client.next_event()
        view = (await client.request(Ask(job=job), JobIs)).job
    assert_kept(home, view, (1, 2, 3))
    await client.close()


async def test_stop_is_answered_before_the_engine_leaves(home: Home) -> None:
    client = await connect(home)
    await client.request(StopEngine(), Done)
    await until(lambda: not processes(home), "the engine leaves")
    await client.close()
