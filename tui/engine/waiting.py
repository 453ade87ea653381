"""Waiting for an event, but not for ever."""

import asyncio
import contextlib


async def came(event: asyncio.Event, seconds: float | None) -> bool:
    """Whether it was set within that time; None waits as long as it takes.

    Not `wait_for`: in Python 3.11 that forgets a cancel which meets what it waits for.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
