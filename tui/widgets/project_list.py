"""The projects of one shelf, a row each, in as many columns as the width allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.domain.text import clean
from tui.workflow.projects_overview import Row, cells

_HEAD = {"name": "", "step": "step", "images": "images", "used": "last used", "disk": "disk"}
_WIDTHS = {"step": 10, "images": 6, "used": 12, "disk": 7}
_GAP = 2
_NARROWEST_NAME = 14
_GOES_FIRST = ("disk", "images", "used")
"""Columns that a narrow screen does without, in this order."""


class ProjectList(Widget):
    """Keeps its place when the rows change; enter chooses."""

    DEFAULT_CSS = """
    ProjectList { width: 2fr; height: 1fr; }
    ProjectList #head { height: 1; color: $text-muted; padding: 0 1; }
    ProjectList OptionList, ProjectList OptionList:focus {
        height: 1fr; border: none; padding: 0; background: transparent;
        scrollbar-size-vertical: 1;
    }
    ProjectList OptionList > .option-list--option { padding: 0 1; }
    ProjectList OptionList > .option-list--option-highlighted { text-style: bold reverse; }
    ProjectList #empty { height: auto; padding: 1 2; display: none; }
    ProjectList.-empty OptionList, ProjectList.-empty #head { display: none; }
    ProjectList.-empty #empty { display: block; }
    """

    @dataclass
    class Opened(Message):
        """A row was chosen by enter."""

        row: Row

    @dataclass
    class Moved(Message):
        """Another row, or none, is under the cursor."""

        row: Row | None

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: tuple[Row, ...] = ()
        self._sizes: Mapping[str, int] = {}

    def compose(self) -> ComposeResult:
        """Heading, rows, and what to do where there are none."""
        yield Static(id="head")
        yield OptionList()
        yield Static(id="empty")

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        place = self._options.highlighted
        return None if place is None or place >= len(self._rows) else self._rows[place]

    def show(
        self, rows: Sequence[Row], sizes: Mapping[str, int], empty: str, select: str = ""
    ) -> None:
        """Show other rows.

        Args:
            rows: from the top.
            sizes: bytes by project id, as far as they are known.
            empty: what to say without any rows.
            select: the id of the project to put the cursor on; else it stays where it is.
        """
        before, place = self.current, self._options.highlighted or 0
        self._rows, self._sizes = tuple(rows), sizes
        self.query_one("#empty", Static).update(Content(clean(empty, limit=500)))
        ids = [row.project.id for row in self._rows]
        kept = select or (before.project.id if before is not None else "")
        if kept in ids:
            place = ids.index(kept)
        self._draw(place)
        # Without rows the list still has the keys: it is what commands start from.
        self.set_class(not ids, "-empty")
        self.post_message(self.Moved(self.current))

    def take_keys(self) -> None:
        """Let j and k move here."""
        self._options.focus()

    def move(self, by: int) -> None:
        """To the next row, or the one before."""
        self.take_keys()
        if by > 0:
            self._options.action_cursor_down()
        else:
            self._options.action_cursor_up()

    def on_resize(self, _event: events.Resize) -> None:
        """The columns follow the width."""
        self._draw(self._options.highlighted or 0)

    @on(OptionList.OptionSelected)
    def open_row(self, event: OptionList.OptionSelected) -> None:
        """Enter on a row."""
        event.stop()
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    @on(OptionList.OptionHighlighted)
    def tell_moved(self, event: OptionList.OptionHighlighted) -> None:
        """The cursor is on another row."""
        event.stop()
        self.post_message(self.Moved(self.current))

    @property
    def _options(self) -> OptionList:
        return self.query_one(OptionList)

    def _draw(self, place: int) -> None:
        options = self._options
        columns = _columns(self.size.width - 3)
        self.query_one("#head", Static).update(_joined(_HEAD, columns))
        with self.prevent(OptionList.OptionHighlighted):
            options.clear_options()
            options.add_options(
                Option(_joined(cells(row, self._sizes.get(row.project.id)), columns))
                for row in self._rows
            )
            if self._rows:
                options.highlighted = min(place, len(self._rows) - 1)


def _columns(width: int) -> dict[str, int]:
    """Cells for each column that fits; the name has what is left."""
    widths = dict(_WIDTHS)
    for name in _GOES_FIRST:
        if width - sum(widths.values()) - _GAP * len(widths) >= _NARROWEST_NAME:
            break
        del widths[name]
    rest = width - sum(widths.values()) - _GAP * len(widths)
    return {"name": max(1, rest), **widths}


def _joined(values: Mapping[str, str], columns: Mapping[str, int]) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    for name, width in columns.items():
        cell = Text(values[name], no_wrap=True)
        cell.truncate(width, overflow="ellipsis")
        padding = " " * (width - cell.cell_len)
        line.append_text(Text(padding) + cell if name in ("images", "disk") else cell + padding)
        line.append(" " * _GAP)
    line.rstrip()
    return line
