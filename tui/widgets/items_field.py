"""A list that grows as it is typed: a row for each item, and one with a + for the next."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from tui.widgets.field import Field

_LABEL = 14
MOST_ITEMS = 50
"""More points than anybody can hold a picture against."""


class ItemsField(Widget):
    """Enter on the + adds an item, Enter again the next one; an emptied item goes."""

    DEFAULT_CSS = """
    ItemsField { height: auto; }
    """

    @dataclass
    class Changed(Message):
        """Other items stand in the list."""

        items_field: "ItemsField"
        items: tuple[str, ...]

        @property
        def control(self) -> "ItemsField":
            """For selectors."""
            return self.items_field

    def __init__(self, label: str, items: Iterable[str] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.label = label
        self._first = tuple(items)
        self._removed: list[tuple[int, str]] = []
        self.removed_at = 0.0
        """When an item was taken out last, on the monotonic clock."""

    def compose(self) -> ComposeResult:
        """A row for each item, and the one that waits for the next."""
        for text in (*self._first, ""):
            yield Field("", text, placeholder="+")

    def on_mount(self) -> None:
        """Number the rows."""
        self._number()

    @property
    def rows(self) -> list[Field]:
        """All rows; the last one is the empty one with the +."""
        return [row for row in self.query(Field) if not row.has_class("-going")]

    @property
    def items(self) -> tuple[str, ...]:
        """What is in the list."""
        return tuple(row.value for row in self.rows if row.value)

    def remove_item(self, row: Field) -> bool:
        """Take a row out; False for the one with the +, which stays."""
        rows = self.rows
        place = rows.index(row)
        if row is rows[-1]:
            return False
        if row.value:
            self._removed.append((place, row.value))
            self.removed_at = time.monotonic()
        had_focus = row.has_focus
        row.add_class("-going")
        row.remove()
        if had_focus:
            self.rows[place].focus()
        self._number()
        self._tell()
        return True

    def put_back(self) -> bool:
        """Bring back the item that was removed last; False if there is none."""
        if not self._removed:
            return False
        place, text = self._removed.pop()
        rows = self.rows
        row = Field("", text, placeholder="+")
        self.mount(row, before=rows[min(place, len(rows) - 1)])
        row.call_after_refresh(self._arrived, row)
        return True

    @on(Field.Changed)
    def take_typed(self, event: Field.Changed) -> None:
        """Tell of the new items; the + row grows another one below it."""
        event.stop()
        rows = self.rows
        if event.field is rows[-1] and event.value and len(rows) <= MOST_ITEMS:
            self.mount(Field("", placeholder="+"))
            self._number()
        self._tell()

    @on(Field.Left)
    def tidy(self, event: Field.Left) -> None:
        """Enter goes on to the next item; what was emptied goes."""
        event.stop()
        row, rows = event.field, self.rows
        if row not in rows:
            return
        if not row.value:
            self.remove_item(row)
        elif event.submitted and row is not rows[-1]:
            rows[-1].focus()
            rows[-1].start_typing()

    def _arrived(self, row: Field) -> None:
        self._number()
        row.focus()
        self._tell()

    def _number(self) -> None:
        """The label before the first row, a number before each."""
        rows = self.rows
        for number, row in enumerate(rows, 1):
            sign = str(number) if row is not rows[-1] else ""
            row.retitle(f"{self.label if number == 1 else '':{_LABEL}}{sign:>2}")

    def _tell(self) -> None:
        self.post_message(self.Changed(self, self.items))
