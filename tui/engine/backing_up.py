"""The engine outlives every interface, so it is the one that sees to the daily backup."""

import asyncio
import logging

from tui.store.errors import StoreError
from tui.store.keeping_safe import keep_safe
from tui.store.store import Store

FIRST_SECONDS = 60.0
"""After the start: what somebody waits for comes first."""
BETWEEN_SECONDS = 3600.0

_log = logging.getLogger(__name__)


async def back_up_daily(store: Store) -> None:
    """Until cancelled: look every hour whether today has a backup, and make one."""
    wait = FIRST_SECONDS
    while True:
        await asyncio.sleep(wait)
        wait = BETWEEN_SECONDS
        try:
            await asyncio.to_thread(keep_safe, store)
        except StoreError as error:
            _log.warning("%s", error)
