"""For steps 2 and 3: what went wrong before, read in the background and told by the coach."""

import asyncio

from textual import work

from tui.domain.flaw_memory import FlawMemory, Judged
from tui.domain.prompt import Layers
from tui.screens.frame import FrameScreen
from tui.store.errors import StoreError
from tui.workflow.flaws import flaws_to_expect, judged_pictures


class RememberingScreen(FrameScreen):
    """A screen that knows the flaws of earlier pictures, some moments after `recall`."""

    def __init__(self) -> None:
        super().__init__()
        self._judged: tuple[Judged, ...] = ()

    @work(exclusive=True, group="flaws", exit_on_error=False)
    async def recall(self) -> None:
        """Read what was said of all pictures."""
        try:
            self._judged = await asyncio.to_thread(judged_pictures, self.workspace.store)
        except StoreError:
            return  # a memory that cannot be read is none; the database's trouble is told elsewhere
        self.recalled()

    def recalled(self) -> None:
        """For screens: it is known now."""

    def expected_flaws(self, layers: Layers) -> tuple[FlawMemory, ...]:
        """What went wrong with these layers before, with this model or kind."""
        return flaws_to_expect(self.workspace, self._judged, layers)
