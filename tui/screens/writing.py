"""Keeping what is typed: noted at once, on disk a moment later, off the interface's thread."""

from textual import work
from textual.timer import Timer

from tui.screens.frame import FrameScreen
from tui.store.errors import StoreError

_WRITE_SECONDS = 0.2
_AGAIN_SECONDS = 2.0
"""How long until a disk that refused is tried again."""


class WritingScreen(FrameScreen):
    """A screen on which something is typed into the open project."""

    def __init__(self) -> None:
        super().__init__()
        self._timer: Timer | None = None
        self.refused = ""
        """Why the disk does not take it, in a sentence."""

    def on_unmount(self) -> None:
        """Nothing waits for the timer when the screen goes."""
        if self.workspace.unsaved:
            self._write()

    def write_soon(self, seconds: float = _WRITE_SECONDS) -> None:
        """Write within that time; a timer that runs goes on, for somebody who never pauses."""
        if self._timer is None:
            self._timer = self.set_timer(seconds, self._write_now)

    def written(self) -> None:
        """For screens: it is on disk, or was refused."""

    def _write_now(self) -> None:
        self._timer = None
        self._write_off_loop()

    @work(thread=True, exit_on_error=False, group="save")
    def _write_off_loop(self) -> None:
        refused = self._write()
        self.app.call_from_thread(self._done, refused)

    def _write(self) -> str:
        try:
            self.workspace.write()
        except StoreError as error:
            return str(error)
        return ""

    def _done(self, refused: str) -> None:
        if not self.is_mounted:
            return
        self.refused = refused
        if refused:
            self.write_soon(_AGAIN_SECONDS)
        self.written()
        self.refresh_frame()
