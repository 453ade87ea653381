"""Whose turn it is when a device is free: the jobs that run, in the order of the queue."""

from collections.abc import Callable
from typing import Protocol


class Taker(Protocol):
    """Something that has batches for devices."""

    def begin(self) -> None:
        """Begin on free devices whatever can begin now; never waits."""


class Turns:
    """A line in which every free device is offered to the first one before the second."""

    def __init__(self) -> None:
        self._line: list[Taker] = []
        self.offered: Callable[[], None] = lambda: None
        """Called after each offer: what is free by then, nobody in the line can use."""

    def join(self, taker: Taker) -> None:
        """Stand behind all others."""
        self._line.append(taker)

    def leave(self, taker: Taker) -> None:
        """Be offered nothing more."""
        self._line.remove(taker)

    def offer(self) -> None:
        """Let each begin what it can; to be called whenever a device, or a batch, is free again."""
        for taker in tuple(self._line):
            taker.begin()
        self.offered()
