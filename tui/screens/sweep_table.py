"""Step 4: a sweep as it is shown: the table, what happens in it, a closer look.

What is shown is derived from what is stored, each time anew: see `workflow.sweeps`.
"""

from collections.abc import Iterable
from pathlib import Path

from rich.text import Text
from textual import events, on, work
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tui.domain.sweep import SweepError
from tui.engine.messages import ImageFinished, JobChanged, JobSays, PreviewMade, StepDone
from tui.messages import EngineSaid
from tui.screens.frame import FrameScreen
from tui.screens.look import LookScreen, Shown, TwoUpScreen
from tui.screens.sending import refuse
from tui.screens.shown_file import FileScreen
from tui.store.errors import StoreError
from tui.widgets.sweep_grid import SweepGrid
from tui.workflow.sweep_effects import column_effect, pairs
from tui.workflow.sweep_words import advice, cell_line, window_line
from tui.workflow.sweeps import ColumnView, SweepView, view_of


class SweepTableScreen(FileScreen, FrameScreen):
    """Values as columns, seeds as rows, and the cell under the cursor in words."""

    def __init__(self, sweep_id: str) -> None:
        super().__init__()
        self._sweep_id = sweep_id
        self._view: SweepView | None = None
        self._effects: dict[int, float] = {}
        self._says = ""

    def body(self) -> Iterable[Widget]:
        """The table; the cell under the cursor in words; how far it is, and what part is seen."""
        yield SweepGrid(id="grid")
        yield Static(id="about")
        yield Static(id="state")

    def coach(self) -> str:
        """What to do now."""
        return advice(self._view, self._effects)

    @property
    def grid(self) -> SweepGrid:
        """The table."""
        return self.query_one("#grid", SweepGrid)

    @property
    def column(self) -> ColumnView | None:
        """The column under the cursor."""
        return None if self._view is None else self._view.columns[self.grid.column]

    @on(events.ScreenResume)
    def see_changes(self) -> None:
        """Something may have been said of the pictures elsewhere."""
        if self._view is not None and self.query(SweepGrid):
            self._reload()

    def on_resize(self, event: events.Resize) -> None:
        """Low terminals have no room for words."""
        self.set_class(event.size.height < 16, "-low")

    @on(EngineSaid)
    def follow_jobs(self, message: EngineSaid) -> None:
        """Previews into their cells; anything else is read again from what is stored."""
        event = message.event
        place = None if self._view is None else self._view.column_of(event.job)
        if place is None or not self.query(SweepGrid):
            return
        match event:
            case PreviewMade(seed=seed, step=step, steps=steps):
                if cell := self.grid.cell(place, seed):
                    cell.preview(message.blob, step, steps)
            case StepDone(step=step, steps=steps, seeds=seeds):
                self._says = ""
                for cell in self.grid.cells_of(place):
                    if cell.slot.seed in seeds:
                        cell.set_doing(f"{step}/{steps}")
            case JobSays(text=text):
                self._says = text
                self._show_words()
            case ImageFinished() | JobChanged():
                self._reload()
            case _:
                pass

    # Moving, and a closer look

    def action_left(self) -> None:
        """The value before."""
        self.grid.move(-1, 0)

    def action_right(self) -> None:
        """The next value."""
        self.grid.move(1, 0)

    def action_up(self) -> None:
        """The seed before."""
        self.grid.move(0, -1)

    def action_down(self) -> None:
        """The next seed."""
        self.grid.move(0, 1)

    def action_zoom(self) -> None:
        """Look closely; h l go to the same seed of the other values."""
        shown = self._shown_of_row()
        if self.grid.column in shown:
            place = list(shown).index(self.grid.column)
            self.app.push_screen(LookScreen(list(shown.values()), place))

    def action_two_up(self) -> None:
        """The parent's twin and this picture, as large as the terminal."""
        shown, place = self._shown_of_row(), self.grid.column
        if place and place in shown and 0 in shown:
            self.app.push_screen(TwoUpScreen(shown[0], shown[place]))

    def shown_file(self) -> Path | None:
        """The picture's under the cursor."""
        shown = self._shown_of_row().get(self.grid.column)
        return None if shown is None else shown.path

    # How it is shown

    @on(SweepGrid.Moved)
    def show_current(self) -> None:
        """Another cell is under the cursor."""
        self._show_words()

    @work(thread=True, exclusive=True, exit_on_error=False, group="read-sweep")
    def _reload(self) -> None:
        try:
            view = view_of(self.workspace, self.workspace.store.sweeps.get(self._sweep_id))
        except (StoreError, SweepError) as error:
            self.app.call_from_thread(refuse, self, error)
            return
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self.call_later, self._show, view)

    async def _show(self, view: SweepView) -> None:
        if not self.query(SweepGrid):
            return
        self._view = view
        await self.grid.show(view)
        for place, column in enumerate(view.columns):
            for cell in self.grid.cells_of(place):
                cell.set_waiting(live=column.is_live)
        self.grid.show_effects(self._effects)
        self._show_words()
        self.refresh_frame()
        self._measure(view)

    @work(thread=True, exclusive=True, exit_on_error=False, group="measure-sweep")
    def _measure(self, view: SweepView) -> None:
        """The effect of each column, as far as it is made; a pair is measured once."""
        found: dict[int, float] = {}
        for place in range(1, len(view.columns)):
            amount = column_effect(pairs(view, place))
            if get_current_worker().is_cancelled:
                return
            if amount is not None:
                found[place] = amount
        self.app.call_from_thread(self._show_effects, found)

    def _show_effects(self, found: dict[int, float]) -> None:
        if self.query(SweepGrid):
            self._effects = found
            self.grid.show_effects(found)
            self._show_words()
            self.refresh_frame()

    def _show_words(self) -> None:
        view = self._view
        if view is None or not self.query("#state"):
            return
        grid = self.grid
        about = cell_line(view.columns[grid.column], grid.row, self._effects.get(grid.column))
        state = window_line(view, *grid.seen, self._says)
        for name, words in (("#about", about), ("#state", state)):
            text = Text(f" {words}", no_wrap=True, overflow="ellipsis")
            self.query_one(name, Static).update(text)

    def _shown_of_row(self) -> dict[int, Shown]:
        """The pictures of the seed under the cursor, by the place of their column."""
        if self._view is None:
            return {}
        row, found = self.grid.row, {}
        for place, column in enumerate(self._view.columns):
            path = column.slots[row].path
            if path is not None:
                found[place] = Shown(path, cell_line(column, row, self._effects.get(place)))
        return found
