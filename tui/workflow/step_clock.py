"""The time a person is at each step, told by their keys; who presses none is away."""

from collections.abc import Sequence
from contextlib import suppress

from tui.store.errors import StoreError
from tui.store.stays import Stay
from tui.store.store import Store

AWAY = 300.0
"""Seconds without a key after which nobody was there, all that time."""
_OFTEN = 30.0
"""Seconds of a stay after which it is on disk; a crash loses no more of it."""
STEPS = 7


class StepClock:
    """Keeps a stay for as long as the keys go to one step of one project.

    That it cannot be kept must never stand in anybody's way: no method raises.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._where: tuple[str, int] | None = None
        self._last: float | None = None
        self._began = self._seconds = self._kept = 0.0
        self._number: int | None = None

    def pressed(self, where: tuple[str, int] | None, now: float) -> None:
        """A key was pressed.

        Args:
            where: project and step that the person was at when they pressed it, or None for
                neither.
            now: seconds since 1970.
        """
        since = 0.0 if self._last is None else now - self._last
        since = since if 0 < since <= AWAY else 0.0
        self._last = now
        if where != self._where:
            self.keep()
            self._where, self._began, self._number = where, now - since, None
            self._seconds = self._kept = 0.0
        self._seconds += since
        if self._seconds - self._kept >= _OFTEN:
            self.keep()

    def keep(self) -> None:
        """Put what is counted on disk."""
        if self._where is None or self._seconds <= self._kept:
            return
        project, step = self._where
        with suppress(StoreError):
            if self._number is None:
                stay = Stay(project, step, self._began, self._seconds)
                self._number = self._store.stays.add(stay)
            else:
                self._store.stays.update(self._number, self._seconds)
            self._kept = self._seconds


def by_step(stays: Sequence[Stay], until: float | None = None) -> tuple[float, ...]:
    """Seconds at each of the seven steps, of the stays that began until then."""
    seconds = [0.0] * STEPS
    for stay in stays:
        if 1 <= stay.step <= STEPS and (until is None or stay.began <= until):
            seconds[stay.step - 1] += stay.seconds
    return tuple(seconds)
