"""Memory is tidied while nobody types.

Python looks through all objects once in a while, whenever enough new ones were made: 40 ms in this
interface, in the middle of a key press. Here that waits for a pause between key presses.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PAUSE = 2.0
"""Seconds without a key that count as a pause."""
_YOUNG, _MIDDLE = 700, 10
"""As in Python: objects, and small collections, between two collections of the younger ones."""
_DUE = 10
"""Collections of the middle-aged between two full ones, in pauses."""
_OVERDUE = 100
"""The same where no pause comes."""


class Tidying:
    """Full collections in pauses only, from `start` to `end`.

    Args:
        clock: Seconds that never go backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pressed = clock()
        self._before = gc.get_threshold()

    def start(self) -> None:
        """What the program has loaded so far stays, and need not be looked at again."""
        gc.freeze()
        gc.set_threshold(_YOUNG, _MIDDLE, _OVERDUE)

    def pressed(self) -> None:
        """A key was pressed."""
        self._pressed = self._clock()

    def tidy(self) -> bool:
        """Collect if it is due and the person pauses; whether it did."""
        if gc.get_count()[2] < _DUE or self._clock() - self._pressed < PAUSE:
            return False
        gc.collect()
        return True

    def end(self) -> None:
        """Collections come as before."""
        gc.set_threshold(*self._before)
        gc.unfreeze()


@contextmanager
def tidying() -> Iterator[Tidying]:
    """One that has started, and ends with the block."""
    tidy = Tidying()
    tidy.start()
    try:
        yield tidy
    finally:
        tidy.end()
