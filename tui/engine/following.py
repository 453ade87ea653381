"""Follows one job to its end, also across an engine that dies and is started again."""

import asyncio
from collections.abc import Callable

from tui.engine.client import Client, EngineGoneError
from tui.engine.messages import (
    Cancel,
    Done,
    Event,
    Follow,
    JobChanged,
    JobIs,
    JobSays,
    JobView,
    Submit,
)
from tui.engine.supervisor import connect
from tui.store.jobs import ENDED
from tui.store.paths import Home

RECONNECTS = 5
"""Engines that may die under one job before its follower gives up; the queue keeps the job."""

OnEvent = Callable[[Event, bytes], None]


async def run_job(
    home: Home, submit: Submit, on_event: OnEvent, *, previews: bool = False
) -> JobView:
    """Submit a job and follow it to its end; cancelling this coroutine cancels the job.

    Args:
        home: whose engine draws.
        submit: the job.
        on_event: told of everything that happens to the job, previews with their JPEG.
        previews: whether previews are wanted.

    Raises:
        RefusedError: the engine said no; nothing was queued.
        StoreError: no engine could be had.
        EngineGoneError: it died too often.
    """
    client = await connect(home, previews=previews)
    try:
        job = await _submitted(client, submit)
        if client.welcome is not None and client.welcome.paused:
            says = "the queue is paused: “keepers engine resume” lets it go on"
            on_event(JobSays(job=job.id, text=says, is_trouble=True), b"")
        if client.difference:
            on_event(JobSays(job=job.id, text=client.difference, is_trouble=True), b"")
        for attempt in range(RECONNECTS + 1):
            try:
                return await _until_ended(client, job.id, on_event)
            except EngineGoneError:
                if attempt == RECONNECTS:
                    raise
                await client.close()
                client = await connect(home, previews=previews)
            except asyncio.CancelledError:
                await client.request(Cancel(job=job.id), Done)
                raise
    finally:
        await client.close()
    raise AssertionError("unreachable")


async def _submitted(client: Client, submit: Submit) -> JobView:
    """Queue the job; when this is cancelled before the answer came, the job is cancelled too."""
    asked = asyncio.ensure_future(client.request(submit, JobIs))
    try:
        return (await asyncio.shield(asked)).job
    except asyncio.CancelledError:
        await client.request(Cancel(job=(await asked).job.id), Done)
        raise


async def _until_ended(client: Client, job_id: str, on_event: OnEvent) -> JobView:
    job = (await client.request(Follow(job=job_id), JobIs)).job
    while job.state not in ENDED:
        event, blob = await client.next_event()
        if event.job != job_id:
            continue
        on_event(event, blob)
        if isinstance(event, JobChanged) and event.state in ENDED:
            job = (await client.request(Follow(job=job_id), JobIs)).job
    return job
