"""How much may be sent for pictures: never so much that keys have to wait for it."""

import asyncio
import time
from collections.abc import Callable

_LOOK = 0.004
"""Seconds between two looks at it."""
_ROOM = 16_384
"""Characters that may still be on their way when something more is sent."""


class Pace:
    """A budget of bytes a second, and a look at what the terminal has not taken yet."""

    def __init__(
        self,
        bytes_per_second: float = 0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """0 bytes a second is no limit."""
        self._rate, self._clock = bytes_per_second, clock
        self._left, self._seen = bytes_per_second, clock()
        self.backlog: Callable[[], int] = lambda: 0
        """Characters that were handed over and that the terminal has not taken."""

    @property
    def has_room(self) -> bool:
        """Whether something can be sent now that would not make anything wait."""
        if self.backlog() > _ROOM:
            return False
        if not self._rate:
            return True
        now = self._clock()
        # What was not used is kept for one second.
        self._left = min(self._rate, self._left + (now - self._seen) * self._rate)
        self._seen = now
        return self._left > 0

    async def room(self) -> None:
        """Wait until something can be sent."""
        # Nobody tells when the terminal has taken something: a thread of Textual's hands it over.
        while not self.has_room:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)

    def spend(self, count: int) -> None:
        """Bytes that were sent; more than there are delay what comes next."""
        self._left -= count
