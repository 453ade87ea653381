"""The tour: the real program, pressed by a script until the person presses a key."""

import asyncio
from collections.abc import Sequence

from textual import events

from tui.app import KeepersApp
from tui.store.settings import Settings
from tui.store.store import Store
from tui.terminal.choosing import Choice
from tui.widgets.frame import CoachLine
from tui.widgets.tour_line import TourLine
from tui.workflow.options import Options
from tui.workflow.tour import FAREWELL, OPTIONS, STOPS, WAIT_FOR_IMAGES, YOURS, Stop

_POLL = 0.02
_LETTER, _KEY, _LOOK = 0.03, 0.7, 2.5
"""Seconds after a typed letter, after any other key, and to look at images that came."""
_NO_SCREEN = 10.0
_NO_JOB = 10.0
"""Seconds without a screen, or without work, after which the tour goes on without."""


class TourApp(KeepersApp, inherit_bindings=False):
    """Keepers, in a home that nobody needs."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        stops: Sequence[Stop] = STOPS,
        options: Options = OPTIONS,
        pace: float = 1.0,
        choice: Choice | None = None,
    ) -> None:
        """A pace of 2 is half as fast; 0 does not wait for the reader at all."""
        super().__init__(store, settings, choice)
        self._stops, self._options, self._pace = tuple(stops), options, pace
        self._pressed: events.Key | None = None
        self._key_came = asyncio.Event()
        self.patience = _NO_SCREEN
        """Seconds to wait for a screen before its stop is left out."""
        self.playing = True
        """Whether the tour presses the keys."""
        self.visited: list[str] = []
        """The screens it has been on."""

    def on_mount(self) -> None:  # type: ignore[override]
        """Begin; the app itself shows the first screen."""
        self.run_worker(self._play(), group="tour", exit_on_error=False)

    async def on_event(self, event: events.Event) -> None:
        """A key of the person's ends the tour, and does nothing else."""
        is_key = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if is_key and self.playing and event is not self._pressed:
            self.playing = False
            self.workers.cancel_group(self, "tour")
            self._tell(YOURS)
            return
        await super().on_event(event)
        if event is self._pressed:
            self._key_came.set()

    async def _play(self) -> None:
        for number, stop in enumerate(self._stops, 1):
            if not await self._arrived(stop.place):
                continue
            if not self.visited:
                self.workspace.save_options(self._options)
            self.visited.append(stop.place)
            self._tell(f"{number}/{len(self._stops)}  {stop.says}  Any key: it is yours.")
            await self._rest(stop.reading)
            before = len(self.workspace.images())
            for key in stop.keys:
                if key == WAIT_FOR_IMAGES:
                    await self._wait_for_images(before)
                    before = len(self.workspace.images())
                elif key.startswith("type "):
                    for letter in key.removeprefix("type "):
                        await self._press(letter, letter, _LETTER)
                else:
                    await self._press(key, None, _KEY)
        self.playing = False
        self._tell(FAREWELL)

    async def _arrived(self, place: str) -> bool:
        """Whether its screen is shown; the one before may still be working on it."""
        waited = 0.0
        while getattr(self.screen, "PLACE", "") != place or not self.screen.is_mounted:
            if waited > self.patience:
                return False
            await asyncio.sleep(_POLL)
            waited += _POLL
        return True

    async def _press(self, key: str, character: str | None, seconds: float) -> None:
        self._pressed = events.Key("space" if key == " " else key, character)
        self._key_came.clear()
        self.post_message(self._pressed)
        await self._key_came.wait()
        await self.settled()
        await self._rest(seconds)

    async def _wait_for_images(self, before: int) -> None:
        idle = 0.0
        while idle < _NO_JOB:
            made = len(self.workspace.images()) > before
            if made and not self.is_working:
                await self._rest(_LOOK)
                return
            idle = 0.0 if self.is_working else idle + 0.1
            await asyncio.sleep(0.1)

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._pace)

    def _tell(self, says: str) -> None:
        """Say it above the coach of the screen in front."""
        for screen in self.screen_stack:
            for line in screen.query(TourLine):
                line.remove()
        for screen in reversed(self.screen_stack):
            if screen.query(CoachLine):
                screen.mount(TourLine(says), before=screen.query_one(CoachLine))
                return
