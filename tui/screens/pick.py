"""Choose one of many by typing a part of it: palette, history, flaws, library."""

import re
from collections.abc import Sequence

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.domain.text import clean
from tui.widgets.field import FieldInput


class PickScreen(ModalScreen[str | None]):
    """Type to narrow, arrows to move, enter to choose; with `free`, what was typed counts too."""

    DEFAULT_CSS = """
    PickScreen FieldInput { display: block; height: 1; }
    PickScreen OptionList { height: auto; max-height: 14; border: none; padding: 0; }
    """

    def __init__(self, title: str, rows: Sequence[tuple[str, str]], *, free: bool = False) -> None:
        """Rows are pairs of the value that is returned and the line that is shown."""
        super().__init__()
        self._title, self._rows, self._free = title, list(rows), free

    def compose(self) -> ComposeResult:
        """Title, what is typed, and the rows that match."""
        with Vertical():
            yield Static(Content(clean(self._title)))
            yield FieldInput("")
            yield OptionList()

    def on_mount(self) -> None:
        """Show all rows, ready to type."""
        self._narrow("")
        self.query_one(FieldInput).focus()

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show the rows that contain every word."""
        self._narrow(event.value)

    @on(Input.Submitted)
    def choose(self, event: Input.Submitted) -> None:
        """The highlighted row, or what was typed."""
        rows = self.query_one(OptionList)
        if rows.highlighted is not None and rows.option_count:
            self.dismiss(rows.get_option_at_index(rows.highlighted).id)
        elif self._free and clean(event.value):
            self.dismiss(clean(event.value))

    def on_key(self, event: events.Key) -> None:
        """Arrows move in the rows, escape leaves."""
        rows = self.query_one(OptionList)
        if event.key in ("down", "up"):
            event.stop()
            if event.key == "down":
                rows.action_cursor_down()
            else:
                rows.action_cursor_up()
        elif event.key in ("escape", "ctrl+c"):
            event.stop()
            self.dismiss(None)

    def _narrow(self, typed: str) -> None:
        words = typed.lower().split()
        rows = self.query_one(OptionList)
        rows.clear_options()
        found = [row for row in self._rows if all(word in row[1].lower() for word in words)]
        rows.add_options(
            Option(Text(_columns(line), no_wrap=True, overflow="ellipsis"), id=value)
            for value, line in found[:200]
        )
        if found:
            rows.highlighted = 0


def _columns(line: str) -> str:
    """A harmless line that keeps the runs of spaces between its columns."""
    return "".join(
        part if part.isspace() else clean(part) for part in re.split(r"( {2,})", line) if part
    )
