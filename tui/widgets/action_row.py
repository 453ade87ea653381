"""A row that does something when Enter or space is pressed on it."""

from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget


class ActionRow(Widget, can_focus=True):
    """A line such as `+ add a light edit`."""

    DEFAULT_CSS = """
    ActionRow { height: 1; color: $text-muted; }
    ActionRow:focus { text-style: bold reverse; color: $text; }
    """

    @dataclass
    class Pressed(Message):
        """It is to be done."""

        row: "ActionRow"

        @property
        def control(self) -> "ActionRow":
            """For selectors."""
            return self.row

    def __init__(self, label: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label

    def render(self) -> Text:
        """The label on one line."""
        return Text(f" {self._label}", no_wrap=True, overflow="ellipsis")

    def on_key(self, event: events.Key) -> None:
        """Enter and space press it."""
        if event.key in ("enter", "space"):
            event.stop()
            self.post_message(self.Pressed(self))
