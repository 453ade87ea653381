"""An app that notes at which step a person is when they press a key."""

import time

from textual import events

from tui.commands import STEPS
from tui.typeahead import InOrder
from tui.workflow.step_clock import StepClock
from tui.workflow.workspace import Workspace


class TimeKeeping(InOrder, inherit_bindings=False):
    """Counts the time at each step; the screens that lie over a step count for it."""

    workspace: Workspace
    _clock: StepClock | None = None

    async def on_event(self, event: events.Event) -> None:
        """A key says that somebody is there."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            if self._clock is None:
                self._clock = StepClock(self.workspace.store)
            self._clock.pressed(self._where(), time.time())
        await super().on_event(event)

    def on_unmount(self) -> None:
        """What was counted last is kept too."""
        if self._clock is not None:
            self._clock.keep()

    def _where(self) -> tuple[str, int] | None:
        places = [getattr(screen, "PLACE", "") for screen in self.screen_stack]
        step = next((place for place in reversed(places) if place in STEPS), None)
        if step is None or not self.workspace.is_open:
            return None
        return self.workspace.project.id, STEPS.index(step) + 1
