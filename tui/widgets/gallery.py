"""The candidates of a batch in a grid, with a cursor; more than fit are on further pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets.candidate_cell import CandidateCell
from tui.workflow.batches_view import Slot
from tui.workflow.grid import FRAME, Grid, grid_for, pages


class Gallery(Widget):
    """`show` takes the slots; `move` moves the cursor; the grid follows the terminal's size."""

    DEFAULT_CSS = """
    Gallery { height: 1fr; layout: grid; overflow: hidden; }
    """

    current: reactive[int] = reactive(0)
    """Which candidate is under the cursor, from 0."""

    @dataclass
    class Moved(Message):
        """Another candidate is under the cursor, or another page is shown."""

        gallery: "Gallery"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._slots: tuple[Slot, ...] = ()
        self._batch = ""
        self._aspect = 1.0
        self._grid = Grid(1, 1, FRAME + 1, FRAME + 1)

    @property
    def slot(self) -> Slot | None:
        """The candidate under the cursor."""
        return self._slots[self.current] if self.current < len(self._slots) else None

    @property
    def cells(self) -> list[CandidateCell]:
        """All cells, in the order of the batch."""
        return list(self.query(CandidateCell))

    @property
    def page(self) -> tuple[int, int]:
        """The page that is shown, from 1, and how many there are."""
        per_page = self._grid.per_page
        return self.current // per_page + 1, pages(len(self._slots), per_page)

    async def show(
        self,
        batch: str,
        slots: tuple[Slot, ...],
        aspect: float,
        numbers: Sequence[int] | None = None,
    ) -> None:
        """Show the candidates of a batch; the same batch keeps its cells and the cursor.

        `numbers` are those that the candidates go by, where they are not in their order.
        """
        same = batch == self._batch and len(slots) == len(self._slots)
        self._batch, self._slots, self._aspect = batch, slots, aspect
        if same:
            for cell, slot in zip(self.cells, slots, strict=True):
                cell.show_slot(slot)
            return
        await self.remove_children()
        numbers = numbers or range(1, len(slots) + 1)
        await self.mount_all(
            CandidateCell(slot, number) for slot, number in zip(slots, numbers, strict=True)
        )
        self.set_reactive(Gallery.current, min(self.current, max(0, len(slots) - 1)))
        self._arrange()

    def cell_of(self, seed: int) -> CandidateCell | None:
        """The cell of a seed."""
        return next((cell for cell in self.cells if cell.slot.seed == seed), None)

    def move(self, right: int, down: int) -> None:
        """Move the cursor; at the end of a row it goes on in the next one."""
        if self._slots:
            target = self.current + right + down * self._grid.columns
            if down and not 0 <= target < len(self._slots):
                return
            self.current = min(max(target, 0), len(self._slots) - 1)

    def watch_current(self) -> None:
        """Move the frame with ▶, and turn the page."""
        self._arrange()
        self.post_message(self.Moved(self))

    def on_resize(self, _event: events.Resize) -> None:
        """Another size may want another grid."""
        self._arrange()
        self.post_message(self.Moved(self))

    def _arrange(self) -> None:
        columns, rows = self.size
        if not self._slots or columns < 1 or rows < 1:
            return
        grid = self._grid = grid_for(len(self._slots), columns, rows, self._aspect)
        self.styles.grid_size_columns = grid.columns
        self.styles.grid_rows = f"{grid.height}"
        self.styles.grid_columns = f"{grid.width}"
        first = self.current // grid.per_page * grid.per_page
        for place, cell in enumerate(self.cells):
            seen = first <= place < first + grid.per_page
            cell.display = seen
            cell.set_current(place == self.current)
            if seen:
                cell.come_into_sight()
