"""One item of the check: a sign, a short name, and what was answered or found."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.check import Answer, CheckItem
from tui.domain.text import clean
from tui.workflow.evidence import Evidence

SIGNS: dict[Answer, str] = {
    Answer.OPEN: "?",
    Answer.CLEAN: "✓",
    Answer.FIXED: "✓",
    Answer.ACCEPTED: "~",
}
"""What stands before an item; an open one whose evidence asks for a look has a “!”."""

_NAME_WIDTH = 14


class CheckRow(Widget, can_focus=True):
    """A row under the cursor when it has the focus; answering is the screen's affair."""

    DEFAULT_CSS = """
    CheckRow { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    CheckRow:focus { background: $boost; }
    """

    item: reactive[CheckItem] = reactive(CheckItem("", ""), init=False)
    evidence: reactive[Evidence | None] = reactive(None)

    def __init__(self, item: CheckItem) -> None:
        super().__init__(id=f"item-{item.id}")
        self.set_reactive(CheckRow.item, item)

    @property
    def sign(self) -> str:
        """One character for the answer."""
        if self.item.answer is Answer.OPEN and self.evidence is not None and self.evidence.look:
            return "!"
        return SIGNS[self.item.answer]

    def render(self) -> Text:
        """One line, cut with a sign."""
        short, _, rest = clean(self.item.question).partition(": ")
        # A brief's own points are told apart by what they ask, not by their kind.
        kind, _, number = self.item.id.partition("-")
        own = kind in ("must", "avoid")
        name = f"{kind.capitalize()} {number}" if own else short
        style = "bold reverse" if self.has_focus else "bold"
        text = Text(f" {self.sign} ", style="bold", no_wrap=True, overflow="ellipsis")
        text.append(f"{name:{_NAME_WIDTH}}"[:_NAME_WIDTH], style=style)
        text.append(" ")
        if own:
            text.append(f"{rest}  ", style="not bold")
        text.append(self._says(), style="not bold" if self.item.answer is Answer.OPEN else "dim")
        return text

    def _says(self) -> str:
        item = self.item
        if item.answer is Answer.ACCEPTED:
            return clean(f"accepted, because {item.reason}")
        found = "" if self.evidence is None else self.evidence.line
        parts = ("" if item.answer is Answer.OPEN else item.answer.value, item.reason, found)
        return clean(" · ".join(part for part in parts if part))

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the cursor is elsewhere."""
        self.refresh()
