"""The interface's line to the engine: a wish that comes early waits, one in vain is refused."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable

import pytest

from tui.engine.discovery import read_info
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.workflow.link import EngineLink, NoEngineError

from .helpers import PROJECT, request, until


@contextlib.asynccontextmanager
async def kept_up(link: EngineLink) -> AsyncIterator[None]:
    running = asyncio.create_task(link.run())
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def link_to(home: Home) -> EngineLink:
    return EngineLink(home, on_event=lambda *_: None, on_change=lambda *_: None)


async def test_a_job_waits_for_an_engine_that_is_being_started(home: Home) -> None:
    link = link_to(home)
    waiting = asyncio.create_task(link.submit(PROJECT, request(1)))
    async with kept_up(link):
        job = await waiting
        assert job.state in (JobState.QUEUED, JobState.RUNNING)


async def test_a_job_waits_for_the_engine_that_takes_the_place_of_a_dead_one(home: Home) -> None:
    link = link_to(home)
    async with kept_up(link):
        await until(lambda: not link.trouble, "there is an engine")
        info = read_info(home)
        assert info is not None
        os.kill(info.pid, signal.SIGKILL)
        await until(lambda: bool(link.trouble), "it is gone")
        assert (await link.submit(PROJECT, request(2))).id
        after = read_info(home)
        assert after is not None
        assert after.pid != info.pid


async def test_a_job_is_refused_at_once_where_no_engine_can_start(
    make_home: Callable[..., Home],
) -> None:
    link = link_to(make_home(precision="float7"))
    async with kept_up(link):
        with pytest.raises(NoEngineError, match=r'"precision" is "float7": give'):
            await link.submit(PROJECT, request(3))
