"""How dark and light a picture is, as a small plot; its colours, too, where there is room."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.bars import towers
from tui.imaging.histogram import Histogram

_ROWS = 2
_COLOURED = 44
"""Columns from which the colours have room, too."""


class HistogramPlot(Widget):
    """Blocks and words alone say it: colour only helps."""

    DEFAULT_CSS = """
    HistogramPlot { height: 2; display: none; }
    HistogramPlot.-some { display: block; }
    """

    levels: reactive[Histogram | None] = reactive(None)

    def watch_levels(self) -> None:
        """Nothing is shown where there is nothing."""
        self.set_class(self.levels is not None, "-some")

    def render(self) -> Text:
        """The light over two rows, then a row for each colour.

        Heights go by the square root, so that small areas show beside large even ones.
        """
        text = Text(no_wrap=True, overflow="crop")
        if self.levels is None:
            return text
        upper, lower = towers([share**0.5 for share in self.levels.light], _ROWS)
        text.append(f"      {upper}\n dark {lower} light")
        if self.size.width >= _COLOURED:
            for name in ("red", "green", "blue"):
                (row,) = towers([share**0.5 for share in getattr(self.levels, name)], 1)
                text.append(f"\n{name:>5} ")
                text.append(row, style=name)
        return text
