"""The keys that work on a screen, from the registry."""

from collections.abc import Mapping

from rich.table import Table
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.commands import commands_in, key_names, keys_of


class HelpScreen(ModalScreen[None]):
    """A table of keys; j k scroll, anything else closes."""

    DEFAULT_CSS = """
    HelpScreen VerticalScroll { height: auto; max-height: 100%; }
    """

    def __init__(self, place: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._place, self._keymap = place, keymap

    def compose(self) -> ComposeResult:
        """Key, name and sentence of each command."""
        table = Table(box=None, padding=(0, 1), show_header=False)
        for command in commands_in(self._place):
            table.add_row(key_names(keys_of(command, self._keymap)), command.name, command.tooltip)
        with Vertical(), VerticalScroll():
            yield Static(table)

    def on_key(self, event: events.Key) -> None:
        """Scroll or close."""
        event.stop()
        scroll = self.query_one(VerticalScroll)
        if event.key in ("j", "down"):
            scroll.scroll_down(animate=False)
        elif event.key in ("k", "up"):
            scroll.scroll_up(animate=False)
        else:
            self.dismiss(None)
