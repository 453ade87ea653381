"""Promises 2 and 3, with the engine's and the client's lives."""

import asyncio
import os
import random
import signal
import subprocess
import sys

from tui.engine.discovery import lock_is_held, read_info
from tui.engine.following import run_job
from tui.engine.messages import Event, Follow, JobIs, Submit
from tui.engine.supervisor import connect
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import (
    PROJECT,
    RUN_ENGINE,
    assert_kept,
    processes,
    record_files,
    request,
    start_python,
    until,
)

DIES_BEFORE_THE_ROW = f"""
import os, signal
from tui.store.images import Images
Images.add = lambda self, record: os.kill(os.getpid(), signal.SIGKILL)
{RUN_ENGINE}
"""


async def test_an_engine_that_is_killed_again_and_again_loses_and_doubles_nothing(
    home: Home,
) -> None:
    chance = random.Random(7)
    kills = [chance.randint(1, 9) for _ in range(3)]
    job = request(1, 2, 3, 4, 5, batch_size=1, steps=3)
    killed: list[int] = []
    count = 0

    def on_event(_event: Event, _blob: bytes) -> None:
        nonlocal count
        count += 1
        info = read_info(home)
        if info is not None and len(killed) < len(kills) and count >= kills[len(killed)]:
            count = 0
            killed.append(info.pid)
            os.kill(info.pid, signal.SIGKILL)

    view = await run_job(home, Submit(project=PROJECT, job=job), on_event)
    assert len(set(killed)) == len(kills), "each was another engine"
    assert view.state is JobState.DONE
    assert_kept(home, view, job.seeds)
    await until(lambda: len(processes(home)) == 2, "only one engine and its worker are left")


async def test_a_file_whose_row_was_lost_is_replaced_and_not_doubled(home: Home) -> None:
    engine = start_python(home, DIES_BEFORE_THE_ROW)
    await until(lambda: read_info(home) is not None, "the doomed engine runs")
    client = await connect(home)
    job = (await client.request(Submit(project=PROJECT, job=request(1, 2)), JobIs)).job.id
    await until(lambda: engine.poll() is not None, "it died before its first row")
    await client.close()
    assert engine.communicate() == ("", "")
    assert record_files(home)
    client = await connect(home)
    view = (await client.request(Follow(job=job), JobIs)).job
    while view.state is not JobState.DONE:
        await client.next_event()
        view = (await client.request(Follow(job=job), JobIs)).job
    assert_kept(home, view, (1, 2))
    await client.close()


def generate_and_kill() -> None:
    """`keepers generate`, killed when it hears that the model is being loaded."""
    command = [sys.executable, "-m", "tui", "generate", "--prompt", "a cat", "--count", "3"]
    with subprocess.Popen(
        [*command, "--steps", "6"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as generate:
        assert generate.stderr is not None
        heard = []
        for line in generate.stderr:
            heard.append(line)
            if "loading" in line:
                break
        generate.kill()
    assert "loading" in heard[-1], heard
    assert generate.returncode == -signal.SIGKILL


async def test_a_killed_client_does_not_end_its_job(home: Home) -> None:
    await asyncio.to_thread(generate_and_kill)
    assert lock_is_held(home)
    with open_store(home) as store:
        (job,) = store.jobs.list()
        await until(lambda: store.jobs.get(job.id).state is JobState.DONE, "the job is done")
        records = store.images.for_job(job.id)
        assert [record.seed for record in records] == [0, 1, 2]
        assert {record.path for record in records} == record_files(home)
