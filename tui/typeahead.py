"""Keys in order: each is dealt with before the next is looked at.

Textual hands a key to the widget that has the cursor when the key arrives. Keys that arrive in
one packet, as they do over a slow line, would all go to the same widget, also those behind an
enter or a tab that moves the cursor: text would land in the wrong field, or run commands.
"""

import asyncio
from collections import deque

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.driver import Driver
from textual.message_pump import MessagePump
from textual.widgets import Input

from tui.widgets.field import ESCAPED_DIGITS

_PATIENCE = 2.0
"""Seconds after which a widget that does not answer is waited for no longer."""


class InOrder(App[None], inherit_bindings=False):
    """An app whose keys and pastes wait until what came before has had its effect."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._ahead: deque[events.Key | events.Paste] = deque()
        self._settling: asyncio.Task[None] | None = None

    async def settled(self) -> None:
        """Wait until every key that came has had its effect."""
        while (settling := self._settling) is not None:
            await asyncio.wait([settling])

    async def on_event(self, event: events.Event) -> None:
        """Hold keys back while an earlier one is at work."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._settling is None:
            await self._deliver(event)
        elif event._sender not in (None, self):
            # A widget put it in the place of the key that is at work.
            self._ahead.appendleft(event)
        else:
            self._ahead.append(event)

    async def _deliver(self, event: events.Key | events.Paste) -> bool:
        """Hand one on; False if what comes next has to wait."""
        start = self.focused or self.screen
        await super().on_event(event)
        if isinstance(start, Input) and _is_text(event):
            return True
        self._settling = asyncio.create_task(self._settle(start))
        return False

    async def _settle(self, start: DOMNode) -> None:
        try:
            for node in start.ancestors_with_self:
                # Twice: what a widget tells itself in answer stands behind the first.
                if not (await _passed(node) and await _passed(node)):
                    break
            # A command may bring another screen, or a widget that is still being made.
            await _passed(self.screen, refreshed=True)
        finally:
            self._settling = None
            while self._ahead and self.is_running and await self._deliver(self._ahead.popleft()):
                pass


def _is_text(event: events.Key | events.Paste) -> bool:
    """Whether an input takes it as text, and so keeps the cursor."""
    if isinstance(event, events.Paste):
        return True
    return event.is_printable and event.character not in ESCAPED_DIGITS


async def _passed(pump: MessagePump, *, refreshed: bool = False) -> bool:
    """Wait until a widget, if it is still there, has dealt with its messages; False if it hangs."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def arrived() -> None:
        if not done.done():
            done.set_result(None)

    sent = pump.call_after_refresh(arrived) if refreshed else pump.call_later(arrived)
    if not sent:
        return True
    try:
        await asyncio.wait_for(done, _PATIENCE)
    except TimeoutError:
        return False
    return True
