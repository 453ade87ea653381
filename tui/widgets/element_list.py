"""The elements of a wish, a row each: where, what, and ≠ where it differs from the parent."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.text import clean
from tui.workflow.elements import Row


class ElementList(Widget, can_focus=True):
    """A cursor over rows, phrases below their layer; ↑ and ↓ say that there are more."""

    DEFAULT_CSS = """
    ElementList { height: 1fr; min-height: 2; }
    """

    cursor: reactive[int] = reactive(0)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: list[Row] = []

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show(self, rows: list[Row]) -> None:
        """Show other rows, the cursor stays where it was."""
        self.rows = rows
        self.cursor = min(self.cursor, max(0, len(rows) - 1))
        self.refresh()

    def move(self, by: int) -> bool:
        """Move the cursor; False at the end."""
        target = self.cursor + by
        if not 0 <= target < len(self.rows):
            return False
        self.cursor = target
        return True

    def render(self) -> Text:
        """The rows around the cursor."""
        height = max(1, self.size.height)
        first = max(0, min(self.cursor - height // 2, len(self.rows) - height))
        text = Text(no_wrap=True, overflow="ellipsis")
        for place, row in enumerate(self.rows[first : first + height], first):
            if place > first:
                text.append("\n")
            text.append_text(self._line(place, row, first, height))
        return text

    def _line(self, place: int, row: Row, first: int, height: int) -> Text:
        under = place == self.cursor
        sign = "▶" if under else " "
        more = "↑" if place == first and first else ""
        more = "↓" if place == first + height - 1 and place < len(self.rows) - 1 else more
        style = "bold reverse" if under and self.has_focus else ("bold" if under else "")
        line = Text(f"{sign}{'≠' if row.change else ' '}", style=style)
        what = clean(row.text, limit=200)
        if row.change is not None and not row.change.after:
            what = f"(removed: {clean(row.change.before, limit=200)})"
        if row.is_new:
            line.append(row.where)
            line.append("  + add", style="dim")
        elif row.place < 0:
            line.append(f"{row.where}  ")
            line.append(what or "the model's own", style="bold" if row.change else "")
        else:
            line.append(f"  {what}", style="bold" if row.change else "")
        line.truncate(max(1, self.size.width - 2), overflow="ellipsis")
        line.append(f" {more}" if more else "", style="not bold not reverse dim")
        return line

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the cursor is elsewhere."""
        self.refresh()
