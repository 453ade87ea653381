"""The line above the coach in which the tour speaks."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.text import clean


class TourLine(Widget):
    """At most two lines; the word Tour says whose they are."""

    DEFAULT_CSS = """
    TourLine { height: auto; max-height: 3; background: $boost; padding: 0 1; }
    """

    says: reactive[str] = reactive("", layout=True)

    def __init__(self, says: str) -> None:
        super().__init__()
        self.set_reactive(TourLine.says, says)

    def render(self) -> Text:
        """The line."""
        text = Text("Tour ", style="bold")
        return text.append(clean(self.says, limit=300), style="not bold")
