"""Step 4: the one change: edit an element, put one back, draw it."""

from textual import on

from tui.domain.branch import Amount
from tui.screens.comparing import ComparingScreen
from tui.screens.line import LineScreen
from tui.screens.options import OptionsScreen
from tui.screens.sending import refuse, send_plan
from tui.screens.splitting import split_changes
from tui.screens.sweeping import sweep_element
from tui.widgets.amount_row import AmountRow
from tui.widgets.element_list import ElementList
from tui.workflow.branching import amount_words, set_amount
from tui.workflow.elements import Row, edit, put_back
from tui.workflow.iterating import next_plan
from tui.workflow.parents import differences
from tui.workflow.rounds import GuardError, Plan, refusal


class ChangingScreen(ComparingScreen):
    """The commands on the element under the cursor of an element list."""

    def _reload(self) -> None:
        """Show the iteration as it is stored now."""
        raise NotImplementedError

    @on(AmountRow.Changed, "#amount")
    def keep_amount(self, event: AmountRow.Changed) -> None:
        """How much may change, for the next batch and those after it."""
        set_amount(self.workspace, Amount(event.value))
        self._show_amount()

    def _show_amount(self) -> None:
        words = amount_words(self.workspace)
        self.query_one(AmountRow).show(self.workspace.options.amount, words)

    def action_open(self) -> None:
        """Edit the element under the cursor."""
        row = self.query_one(ElementList).row
        if row is None:
            return

        def take(text: str | None) -> None:
            if text is not None:
                self._change(row, text)

        what = f"Another phrase for the {row.where}" if row.is_new else f"Change the {row.where}"
        hint = "enter take · esc leave"
        if row.place >= 0 and not row.is_new:
            hint += " · empty takes it away"
        if row.place >= 0:
            hint += " · ctrl+↑↓ weight"
        self.app.push_screen(LineScreen(what, row.text, hint, weighs=row.place >= 0), take)

    def action_undo(self) -> None:
        """Put an element back: the one under the cursor if it differs, else the last that does."""
        row, found = self.query_one(ElementList).row, differences(self.workspace)
        if not found:
            self.notify("Nothing differs from the parent.", markup=False)
            return
        element = row.change if row is not None and row.change in found else found[-1]
        assert element is not None
        put_back(self.workspace, element)
        self.app.clear_notifications()
        self._reload()

    def action_generate(self) -> None:
        """Draw the change with the same seeds."""
        self._send(rewrite=False)

    def action_rewrite(self) -> None:
        """Draw although several things differ."""
        self._send(rewrite=True)

    def action_split(self) -> None:
        """Take several changes apart, each into a round of its own."""
        split_changes(self, self._reload)

    def action_sweep(self) -> None:
        """Several values of the element under the cursor."""
        row = self.query_one(ElementList).row
        if row is not None:
            sweep_element(self, row)

    def action_options(self) -> None:
        """One setting may be the change, too."""
        self.app.push_screen(OptionsScreen())

    def _change(self, row: Row, text: str) -> None:
        try:
            edit(self.workspace, row, text)
        except GuardError as error:
            refuse(self, error, seconds=5)
            return
        self._reload()
        found = differences(self.workspace)
        if len(found) > 1:
            sentence = refusal(found)
            self.notify(f"{sentence}.", severity="warning", markup=False, timeout=12)

    def _send(self, *, rewrite: bool) -> None:
        async def sending() -> None:
            shown = self._round

            def make() -> Plan:
                return next_plan(self.workspace, shown, rewrite=rewrite)

            if await send_plan(self, make) is not None:
                self.call_later(self._reload)

        self.run_worker(sending(), exclusive=True, group="send", exit_on_error=False)
