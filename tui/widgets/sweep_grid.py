"""A sweep as a table of pictures: values as columns, seeds as rows; what does not fit is paged."""

from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tui.domain.text import clean
from tui.widgets.candidate_cell import CandidateCell
from tui.widgets.image_view import ImageView
from tui.workflow.batches_view import Slot, slot_words
from tui.workflow.grid import FRAME, Grid, table_for
from tui.workflow.sweep_words import head_lines
from tui.workflow.sweeps import SweepView

_ROW_HEAD = 8
"""Columns of the seeds at the left."""
_HEAD = 2
"""Rows of the values above."""
_PINNED = 3
"""Columns from which on the parent's own stays in sight."""


class SweepCell(CandidateCell):
    """One picture of the table; ★ where it is the parent."""

    def __init__(self, slot: Slot, *, is_parent: bool) -> None:
        super().__init__(slot, 0)
        self._is_parent = is_parent

    def set_waiting(self, *, live: bool) -> None:
        """Whether its picture is still to come; of what was broken off no preview stays."""
        if live:
            self.set_doing(self.doing or "waiting")
        elif self.slot.image is None:
            self.set_doing("")
            self.query_one(ImageView).show(None)

    def refresh_words(self) -> None:
        """Title and flaws."""
        title = "▶" if self.has_class("-current") else ""
        title += "★" if self._is_parent else ""
        title += self.doing.removeprefix("step ") if self.slot.image is None else ""
        self.border_title = Text(clean(title, limit=60))
        self.border_subtitle = Text(clean(slot_words(self.slot), limit=60))


class SweepGrid(Widget):
    """`show` takes a sweep; `move` moves the cursor; the table follows the terminal's size."""

    DEFAULT_CSS = """
    SweepGrid { height: 1fr; layout: grid; overflow: hidden; }
    SweepGrid Static { height: 100%; width: 100%; text-wrap: nowrap; text-overflow: ellipsis; }
    SweepGrid .-current { text-style: bold reverse; }
    """

    column: reactive[int] = reactive(0)
    """Under the cursor, from 0; the parent's own is the first."""
    row: reactive[int] = reactive(0)

    @dataclass
    class Moved(Message):
        """Another cell is under the cursor, or another part is seen."""

        grid: "SweepGrid"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: SweepView | None = None
        self._effects: dict[int, float] = {}
        self._corner = Static(Text(" seed", style="dim"))
        self._heads: list[Static] = []
        self._seeds: list[Static] = []
        self._cells: list[list[SweepCell]] = []
        self._grid = Grid(1, 1, FRAME + 1, FRAME + 1)

    @property
    def seen(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First and end, from 0, of the values and of the seeds that are shown."""
        values = [place - 1 for place in self._columns if place] or [-1]
        end = values[-1] + 1
        return (max(0, end - len(values)), end), self._rows

    @property
    def _rows(self) -> tuple[int, int]:
        return _page(self.row, self._grid.rows, len(self._seeds))

    @property
    def _columns(self) -> list[int]:
        """The columns that are shown; the parent's stays at the left where there is room."""
        total, wide = len(self._heads), self._grid.columns
        if wide < _PINNED or wide >= total:
            return list(range(*_page(self.column, wide, total)))
        first, end = _page(max(0, self.column - 1), wide - 1, total - 1)
        return [0, *range(first + 1, end + 1)]

    async def show(self, view: SweepView) -> None:
        """Show a sweep as it stands; the same values and seeds keep their cells."""
        before, self._view = self._view, view
        if before is None or _shape(before) != _shape(view):
            await self._build(view)
        for place, column in enumerate(view.columns):
            for row, slot in enumerate(column.slots):
                self._cells[row][place].show_slot(slot)
        self._label()
        self._arrange()

    def show_effects(self, effects: dict[int, float]) -> None:
        """Show what was measured, by the place of a column."""
        self._effects = effects
        self._label()

    def cell(self, column: int, seed: int) -> SweepCell | None:
        """The cell of a column and a seed."""
        cells = [row[column] for row in self._cells if column < len(row)]
        return next((cell for cell in cells if cell.slot.seed == seed), None)

    def cells_of(self, column: int) -> list[SweepCell]:
        """The cells of a column, from the first seed to the last."""
        return [row[column] for row in self._cells if column < len(row)]

    def move(self, right: int, down: int) -> None:
        """Move the cursor; it stops at the edges."""
        if self._cells:
            self.column = min(max(self.column + right, 0), len(self._heads) - 1)
            self.row = min(max(self.row + down, 0), len(self._seeds) - 1)

    def watch_column(self) -> None:
        """Move the frame with ▶, and turn the page."""
        self._moved()

    def watch_row(self) -> None:
        """Move the frame with ▶, and turn the page."""
        self._moved()

    def on_resize(self, _event: events.Resize) -> None:
        """Another size shows another part."""
        self._moved()

    async def _build(self, view: SweepView) -> None:
        await self.remove_children()
        parent = view.record.sweep.parent
        self._corner = Static(Text("\n seed", style="dim"))
        self._heads = [Static() for _ in view.columns]
        self._seeds, self._cells = [], []
        children: list[Widget] = [self._corner, *self._heads]
        for row, seed in enumerate(view.record.sweep.seeds):
            slots = [column.slots[row] for column in view.columns]
            ids = [None if slot.image is None else slot.image.id for slot in slots]
            self._seeds.append(Static(Text(f"\n {seed}", no_wrap=True, overflow="ellipsis")))
            self._cells.append(
                [
                    SweepCell(slot, is_parent=image == parent)
                    for slot, image in zip(slots, ids, strict=True)
                ]
            )
            children += [self._seeds[-1], *self._cells[-1]]
        self._effects = {}
        self.set_reactive(SweepGrid.column, min(self.column, max(0, len(self._heads) - 1)))
        self.set_reactive(SweepGrid.row, min(self.row, max(0, len(self._seeds) - 1)))
        await self.mount_all(children)

    def _moved(self) -> None:
        self._label()
        self._arrange()
        self.post_message(self.Moved(self))

    def _label(self) -> None:
        if self._view is None:
            return
        pairs = zip(self._heads, self._view.columns, strict=True)
        for place, (head, column) in enumerate(pairs):
            value, below = head_lines(column, self._effects.get(place))
            sign = "▶" if place == self.column else " "
            head.update(Text(f"{sign}{value}\n {below}", no_wrap=True, overflow="ellipsis"))
            head.set_class(place == self.column, "-current")

    def _arrange(self) -> None:
        width, height = self.size
        if self._view is None or not self._cells or width < 1 or height < 1:
            return
        base = self._view.record.sweep.base
        aspect = base.width / base.height
        row_head = _ROW_HEAD if width >= 2 * _ROW_HEAD else 0
        grid = self._grid = table_for(
            len(self._heads), len(self._seeds), width, height - _HEAD, aspect, row_head
        )
        shown, (top, bottom) = self._columns, self._rows
        self.styles.grid_size_columns = len(shown) + bool(row_head)
        rows = f"{grid.height} " * (bottom - top)
        self.styles.grid_rows = f"{_HEAD} {rows}".strip()
        columns = f"{grid.width} " * len(shown)
        self.styles.grid_columns = f"{row_head or ''} {columns}".strip()
        self._corner.display = bool(row_head)
        for place, head in enumerate(self._heads):
            head.display = place in shown
        for row, (seed, cells) in enumerate(zip(self._seeds, self._cells, strict=True)):
            seed.display = bool(row_head) and top <= row < bottom
            for place, cell in enumerate(cells):
                cell.display = top <= row < bottom and place in shown
                cell.set_current((row, place) == (self.row, self.column))
                if cell.display:
                    cell.come_into_sight()


def _page(cursor: int, size: int, total: int) -> tuple[int, int]:
    """The page on which the cursor is; the last one is full, too."""
    size = max(1, min(size, total))
    first = max(0, min(cursor // size * size, total - size))
    return first, first + size


def _shape(view: SweepView) -> tuple[object, ...]:
    sweep = view.record.sweep
    return sweep.where, sweep.before, sweep.values, sweep.seeds, sweep.parent
