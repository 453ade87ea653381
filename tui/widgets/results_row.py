"""What a repair made, as places on one line: before, then each result or how far it is."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget


class ResultsRow(Widget, can_focus=True):
    """`before  1  [2]  3 (4/20)  4 ·`; the screen moves it."""

    DEFAULT_CSS = """
    ResultsRow { height: 1; display: none; }
    ResultsRow.-some { display: block; }
    """

    places: reactive[tuple[str, ...]] = reactive(())
    """What stands beside each result's number; empty for a finished one."""
    at: reactive[int] = reactive(0)
    """0 is the image before the repair."""

    def watch_places(self) -> None:
        """Nothing is shown where there is nothing."""
        self.set_class(bool(self.places), "-some")

    def render(self) -> Text:
        """One line around the place that is looked at; … says that there is more."""
        style = "bold reverse" if self.has_focus else "bold"
        labels = ["before", *(f"{n} {says}".strip() for n, says in enumerate(self.places, 1))]
        first = 0
        while first < self.at and sum(map(len, labels[first : self.at + 1])) + 3 * (
            self.at - first + 1
        ) > max(8, self.size.width - 4):
            first += 1
        text = Text("… " if first else " ", no_wrap=True)
        for number, label in enumerate(labels[first:], first):
            here = number == self.at
            text.append(f"[{label}]" if here else f" {label} ", style=style if here else "")
        text.truncate(max(1, self.size.width), overflow="ellipsis")
        return text

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the cursor is elsewhere."""
        self.refresh()
