"""A row with a few values, one of them chosen: ( ) simple (•) stylised."""

from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """Left and right, or space, choose; nothing has to be opened."""

    DEFAULT_CSS = """
    Choice { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    value: reactive[str] = reactive("", init=False)

    @dataclass
    class Changed(Message):
        """Another value was chosen."""

        choice: "Choice"
        value: str

        @property
        def control(self) -> "Choice":
            """For selectors."""
            return self.choice

    def __init__(
        self, label: str, values: tuple[str, ...], value: str, *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.label, self.values = label, values
        self.set_reactive(Choice.value, value if value in values else values[0])

    def render(self) -> Text:
        """Label and values on one line."""
        style = "bold reverse" if self.has_focus else "dim"
        label = f" {self.label}".ljust(16)
        text = Text(label, style=style, no_wrap=True, overflow="ellipsis")
        for value in self.values:
            chosen = value == self.value
            text.append("(•) " if chosen else "( ) ", style="not dim not reverse not bold")
            text.append(f"{value}  ", style="not dim not reverse bold" if chosen else "not reverse")
        if text.cell_len - 2 > self.size.width:
            # The chosen one is always seen; that there are others, too.
            text = text[: len(label)]
            text.append(f"‹ {self.value} › ", style="not dim not reverse bold")
            place = f"{self.values.index(self.value) + 1} of {len(self.values)}"
            text.append(place, style="not reverse not bold dim")
        return text

    def step(self, by: int) -> None:
        """Choose the value that many places on."""
        self.value = self.values[(self.values.index(self.value) + by) % len(self.values)]
        self.post_message(self.Changed(self, self.value))

    def on_key(self, event: events.Key) -> None:
        """H l, arrows, space and enter choose."""
        by = {"h": -1, "left": -1, "l": 1, "right": 1, "space": 1, "enter": 1}.get(event.key)
        if by is not None:
            event.stop()
            self.step(by)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the cursor is elsewhere."""
        self.refresh()
