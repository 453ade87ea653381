"""Two pictures beside each other, and below them in words how their recipes differ."""

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from tui.domain.text import clean
from tui.screens.look import Shown, TwoUpScreen


class RecipesScreen(TwoUpScreen):
    """Zoom and movement go for both pictures; the words scroll by pages."""

    DEFAULT_CSS = """
    RecipesScreen #recipes { height: auto; max-height: 30%; scrollbar-size-vertical: 1; }
    RecipesScreen #recipes Static { height: auto; padding: 0 1; }
    """

    def __init__(self, left: Shown, right: Shown, differences: Sequence[str]) -> None:
        super().__init__(left, right)
        self._differences = differences

    def body(self) -> Iterable[Widget]:
        """The pair, then a line for each difference."""
        yield from super().body()
        words = Text("\n".join(f"≠ {clean(each, limit=300)}" for each in self._differences))
        with VerticalScroll(id="recipes"):
            yield Static(words)

    def on_mount(self) -> None:
        """The words take page up and page down."""
        super().on_mount()
        self.query_one("#recipes").focus()
