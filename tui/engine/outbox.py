"""What waits to be sent to one client: everything in order, but of previews only the latest.

A client behind a slow link must not make the engine hold megabytes of outdated previews, and
must not lose a single other message.
"""

import asyncio
from collections import deque

MOST_WAITING = 10_000
"""Messages after which a client that reads nothing is given up."""


class ClientTooSlowError(Exception):
    """The client has not read for so long that it is disconnected."""


class Outbox:
    """A queue of frames with replaceable entries."""

    def __init__(self) -> None:
        self._order: deque[tuple[object, bytes]] = deque()
        self._latest: dict[object, bytes] = {}
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._order)

    def put(self, data: bytes) -> None:
        """Add a frame that must arrive.

        Raises:
            ClientTooSlowError: too many wait already.
        """
        if len(self._order) >= MOST_WAITING:
            raise ClientTooSlowError
        self._order.append((None, data))
        self._filled.set()

    def put_latest(self, key: object, data: bytes) -> None:
        """Add a frame, in the place of one with the same key that still waits."""
        if key not in self._latest:
            self._order.append((key, b""))
        self._latest[key] = data
        self._filled.set()

    async def get(self) -> bytes:
        """The next frame, when there is one."""
        while not self._order:
            self._filled.clear()
            await self._filled.wait()
        key, data = self._order.popleft()
        return data if key is None else self._latest.pop(key)
