"""Step 4: one element over several values: queue, stop, judge; the winner is the next parent."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events, on

from tui.commands import bindings
from tui.engine.client import RefusedError
from tui.screens.pick import PickScreen
from tui.screens.sending import refuse
from tui.screens.sweep_table import SweepTableScreen
from tui.screens.sweeping import SWEEP_REFUSALS, ask_values, take_chosen
from tui.store.errors import StoreError
from tui.store.rounds import Verdict
from tui.workflow.iterating import adopt, judge
from tui.workflow.link import NoEngineError
from tui.workflow.rounds import GuardError
from tui.workflow.sweep_draft import listed
from tui.workflow.sweep_effects import keep_effect
from tui.workflow.sweeps import run_sweep, stop_sweep, win


class SweepScreen(SweepTableScreen):
    """A sweep and the commands on it; `start` queues what is missing."""

    PLACE = "sweep"
    BINDINGS = bindings("sweep")
    CSS_PATH = Path("sweep.tcss")
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("mark", "wins"),
        ("better", "better"),
        ("same", "same"),
        ("worse", "worse"),
        ("generate", "go on"),
        ("sweep", "values"),
        ("zoom", "zoom"),
        ("back", "back"),
    )

    def __init__(self, sweep_id: str, *, start: bool = False) -> None:
        super().__init__(sweep_id)
        self._starts = start

    @on(events.Mount)
    def open_sweep(self) -> None:
        """Show what is stored, and queue what is missing if asked to."""
        self._reload()
        if self._starts:
            self.action_generate()

    def change_to(self, sweep_id: str, *, start: bool = False) -> None:
        """Show another sweep, or this one with other values."""
        self._sweep_id, self._effects = sweep_id, {}
        self._reload()
        if start:
            self.action_generate()

    async def stop_running(self) -> bool:
        """End what waits or runs of this sweep; False where nothing does."""
        self.workers.cancel_group(self, "run-sweep")
        if self._view is None or not self._view.is_live:
            return False
        try:
            await stop_sweep(self.workspace, self.link, self._view.record)
        except (NoEngineError, RefusedError, StoreError) as error:
            refuse(self, error)
        else:
            self.notify("Stopped. What is made stays; g goes on with the rest.", markup=False)
        self._reload()
        return True

    def action_generate(self) -> None:
        """Queue what is missing."""
        self.run_worker(self._run(), exclusive=True, group="run-sweep", exit_on_error=False)

    def action_sweep(self) -> None:
        """Other values for the same element; what exists stays."""
        if self._view is not None:
            ask_values(self, self._view.record.sweep, sweep_id=self._sweep_id)

    def action_history(self) -> None:
        """The sweeps there are: to open, or to run again from the chosen parent."""

        def take(chosen: str | None) -> None:
            if chosen is not None:
                take_chosen(self, chosen, None)

        self.app.push_screen(PickScreen("Sweeps", listed(self.workspace)), take)

    def action_better(self) -> None:
        """This value made it better."""
        self._judge(Verdict.BETTER)

    def action_same(self) -> None:
        """This value made no difference."""
        self._judge(Verdict.SAME)

    def action_worse(self) -> None:
        """This value made it worse."""
        self._judge(Verdict.WORSE)

    def action_mark(self) -> None:
        """The picture under the cursor wins: it is the next parent."""
        column = self.column
        slot = None if column is None else column.slots[self.grid.row]
        if column is None or slot is None or slot.image is None:
            self.notify("There is no picture in this cell yet.", markup=False)
            return
        try:
            win(self.workspace, column, slot.image)
        except GuardError as error:
            refuse(self, error)
            return
        self._keep_effect()
        self.notify(f"{column.title} is the parent now: change the next thing.", markup=False)
        self.keepers.show_step("iterate")

    def action_open(self) -> None:
        """Parent and child of this column beside each other, in step 4."""
        column, view = self.column, self._view
        if view is None or column is None or column.job is None:
            self.notify("Choose a value that was drawn: h l move.", markup=False)
            return
        sweep, workspace = view.record.sweep, self.workspace
        if workspace.position.parent_id != sweep.parent:
            adopt(workspace, workspace.store.images.get(sweep.parent))
        workspace.store.positions.update(workspace.project.id, job_id=column.job.id)
        self.keepers.show_step("iterate")

    def _judge(self, verdict: Verdict) -> None:
        column, view = self.column, self._view
        if view is None or column is None or column.round is None or not column.made:
            self.notify("Choose a value of which there is a picture: h l move.", markup=False)
            return
        judge(self.workspace, column.round, verdict)
        self._keep_effect()
        self._reload()

    def _keep_effect(self) -> None:
        if self._view is not None:
            # As everywhere with the verdict: the log over all projects reads no picture.
            keep = partial(keep_effect, self.workspace, self._view, self.grid.column)
            self.app.run_worker(keep, thread=True, group="keep-effect", exit_on_error=False)

    def _changed(self) -> None:
        self._reload()

    async def _run(self) -> None:
        try:
            record = self.workspace.store.sweeps.get(self._sweep_id)
            await run_sweep(self.workspace, self.link, record, self._changed)
        except SWEEP_REFUSALS as error:
            refuse(self, error)
        self._reload()
