"""The library's entries as pictures in a grid: a page of them at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from tui.domain.text import clean
from tui.store.errors import StoreError
from tui.store.library_entry import LibraryEntry
from tui.widgets.image_view import ImageView

_LEAST_WIDE, _LEAST_TALL = 20, 9
"""Columns and rows in which a picture can still be told from others."""
_MOST_ACROSS = 4


class EntryCell(Widget):
    """One picture, framed, with its name."""

    DEFAULT_CSS = """
    EntryCell { border: round $surface-lighten-2; border-title-color: $text-muted; }
    EntryCell.-current { border: double $accent; border-title-color: $accent; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: str = ""

    def compose(self) -> ComposeResult:
        """The picture."""
        yield ImageView()

    def show(
        self, entry: LibraryEntry | None, file: Callable[[LibraryEntry], Path], title: str
    ) -> None:
        """Show an entry, or nothing; a picture that is shown already is not read again."""
        # Not `display`: the others would move up.
        self.visible = entry is not None
        self.border_title = Text(clean(title, limit=100))
        if entry is None or entry.id == self._shown:
            return
        self._shown = entry.id
        view = self.query_one(ImageView)
        try:
            view.show_path(file(entry))
        except StoreError as error:
            view.show_word(str(error))


class EntryGrid(Widget):
    """Shows the page with the cursor; which entry that is, is said by whoever shows it."""

    DEFAULT_CSS = """
    EntryGrid { height: 1fr; layout: grid; overflow: hidden; }
    """

    def __init__(self, file: Callable[[LibraryEntry], Path]) -> None:
        """`file` is where an entry's picture is; it may raise StoreError."""
        super().__init__()
        self._file = file
        self._entries: Sequence[LibraryEntry] = ()
        self._marked: Sequence[str] = ()
        self._at = 0
        self.columns = 1
        """Pictures beside each other."""

    def show(self, entries: Sequence[LibraryEntry], marked: Sequence[str], at: int) -> None:
        """Show the page of these entries that the cursor is on, from 0."""
        self._entries, self._marked, self._at = entries, marked, at
        self._arrange()

    def on_resize(self, _event: events.Resize) -> None:
        """Another size may hold another number."""
        self._arrange()

    def _arrange(self) -> None:
        width, height = self.size
        if width < 1 or height < 1:
            return
        self.columns = min(_MOST_ACROSS, max(1, width // _LEAST_WIDE))
        rows = min(_MOST_ACROSS, max(1, height // _LEAST_TALL))
        count = self.columns * rows
        cells = list(self.query(EntryCell))
        if len(cells) < count:
            self.mount_all([EntryCell() for _ in range(count - len(cells))])
        if len(cells) < count or not all(cell.is_mounted for cell in cells):
            self.call_after_refresh(self._arrange)
            return
        self.styles.grid_size_columns, self.styles.grid_size_rows = self.columns, rows
        first = self._at // count * count
        for place, cell in enumerate(cells):
            cell.display = place < count
            number = first + place
            entry = self._entries[number] if number < len(self._entries) else None
            cell.set_class(number == self._at and entry is not None, "-current")
            cell.show(entry if place < count else None, self._file, self._title(entry, number))

    def _title(self, entry: LibraryEntry | None, number: int) -> str:
        if entry is None:
            return ""
        pointer = "▶ " if number == self._at else ""
        mark = f"✓{self._marked.index(entry.id) + 1} " if entry.id in self._marked else ""
        used = f" {entry.used_count}×" if entry.used_count else ""
        return f"{pointer}{mark}{entry.name}{used}"
