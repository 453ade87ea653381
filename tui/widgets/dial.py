"""A row with a value: h and l step it, Enter types it, space puts it on or off."""

from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.domain.text import clean
from tui.widgets.field import Field


class Dial(Field):
    """A field whose value is shown in other words than those it is typed in."""

    @dataclass
    class Stepped(Message):
        """One step more, or less."""

        dial: "Dial"
        by: int

        @property
        def control(self) -> "Dial":
            """For selectors."""
            return self.dial

    def __init__(
        self, label: str, value: str, words: str = "", *, id: str | None = None, classes: str = ""
    ) -> None:
        super().__init__(label, value, id=id, classes=classes)
        self.words = words or value

    def put(self, value: str, words: str = "", note: str = "") -> None:
        """Another value, and how it is shown."""
        self.words = words or value
        self.note = note
        if self.value == value:
            self.watch_value()
        else:
            self.value = value

    def relabel(self, label: str) -> None:
        """Call it something else."""
        self.label = label
        if self.is_mounted:
            self.query_one(".label", Static).update(Content(f" {label}"))

    def on_key(self, event: events.Key) -> None:
        """Step; all else is a field's."""
        by = {"h": -1, "left": -1, "l": 1, "right": 1}.get(event.key)
        if by is not None and not self.typing:
            event.stop()
            # A field would have its turn with the same key.
            event.prevent_default()
            self.post_message(self.Stepped(self, by))

    def _take(self, text: str) -> None:
        # Half a number is no value: whoever listens for `Left` takes it when it is whole.
        self.set_reactive(Field.value, text)

    def _shown(self) -> Text:
        return Text(clean(self.words), no_wrap=True, overflow="ellipsis")
