"""A question with two answers, by keyboard."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.domain.text import clean


class AskScreen(ModalScreen[bool]):
    """y or enter says yes; n, q or escape says no."""

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = clean(question, limit=500)

    def compose(self) -> ComposeResult:
        """The question and the keys."""
        with Vertical():
            yield Static(Content(self._question))
            yield Static(Content("y yes   n no"))

    def on_key(self, event: events.Key) -> None:
        """Answer."""
        event.stop()
        if event.key in ("y", "enter"):
            self.dismiss(True)
        elif event.key in ("n", "q", "escape", "ctrl+c"):
            self.dismiss(False)
