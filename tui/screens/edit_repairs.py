"""Repairs on the edit screen: sent, followed, looked at, and one of their results taken."""

import asyncio
from collections.abc import Callable

from textual import on, work

from tui.domain.text import as_sentence
from tui.engine.messages import JobChanged
from tui.messages import EngineSaid, LinkChanged
from tui.screens.edit_rows import EditRowsScreen
from tui.screens.pick import PickScreen
from tui.screens.sending import REFUSALS, refuse, send_plan
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.widgets.field import Field
from tui.widgets.results_row import ResultsRow
from tui.workflow import editing, upscaling
from tui.workflow.edit_session import EditSession
from tui.workflow.repairing import Repair
from tui.workflow.rounds import Plan


class RepairsScreen(EditRowsScreen):
    """A screen with a `ResultsRow` for the newest repair of its image."""

    def __init__(self) -> None:
        super().__init__()
        self._repair: Repair | None = None
        self._before = False
        """Whether what was before is shown instead."""

    def reopen(self) -> None:
        """For screens: another image was chosen."""

    @property
    def results(self) -> ResultsRow:
        """The row of results."""
        return self.query_one("#results", ResultsRow)

    # The engine

    @on(EngineSaid)
    def follow_repair(self, message: EngineSaid) -> None:
        """Previews and results as they come."""
        if self._repair is None or not self._repair.hear(message.event, message.blob):
            return
        if isinstance(message.event, JobChanged) and message.event.error:
            self.say(message.event.error)
        self._look_at(self.results.at)
        self.refresh_frame()

    @on(LinkChanged)
    def ask_again(self, message: LinkChanged) -> None:
        """With an engine there again, look what it finished meanwhile."""
        if message.connected and self.session is not None and self._repair is not None:
            self._repair = Repair.latest(self.workspace, self.session.image)
            self._look_at(self.results.at)

    def action_generate(self) -> None:
        """Paint the masked area anew."""
        if self.session is None:
            self.say("There is no image to repair: choose one in Batch, with 3.")
        else:
            self._generate(self.session)

    @work(exclusive=True, group="generate", exit_on_error=False)
    async def _generate(self, session: EditSession) -> None:
        def plan() -> Plan:
            session.save()
            return editing.repair_plan(
                self.workspace, session.image, session.draft, session.editor.mask
            )

        await self._send(session, plan)

    async def _send(self, session: EditSession, plan: Callable[[], Plan]) -> None:
        """Queue it, and look at its first result."""
        if await send_plan(self, plan) is not None and session is self.session:
            self._repair = Repair.latest(self.workspace, session.image)
            self._look_at(1)
            self.results.focus()
            self.refresh_frame()

    def upscale(self) -> None:
        """Ask which model is to enlarge the image."""
        if self.session is not None:
            self._offer_upscalers(self.session)

    @work(exclusive=True, group="upscalers", exit_on_error=False)
    async def _offer_upscalers(self, session: EditSession) -> None:
        folder = self.workspace.store.home.upscalers
        found = await asyncio.to_thread(upscaling.upscalers, folder)

        def chosen(value: str | None) -> None:
            if value is None or session is not self.session:
                return
            model = found[int(value)]
            if isinstance(model, str):
                self.say(as_sentence(f"upscale · {model}"))
            else:
                self._enlarge(session, model.reference)

        rows = [(str(at), upscaling.line(session.image, each)) for at, each in enumerate(found)]
        self.app.push_screen(PickScreen("Enlarge the image", rows), chosen)

    @work(exclusive=True, group="generate", exit_on_error=False)
    async def _enlarge(self, session: EditSession, reference: str) -> None:
        def make() -> Plan | ImageRecord:
            session.save()
            return upscaling.upscale_plan(self.workspace, session.image, session.draft, reference)

        try:
            made = await asyncio.to_thread(make)
        except REFUSALS as error:
            refuse(self, error)
            return
        if isinstance(made, Plan):
            plan = made
            await self._send(session, lambda: plan)
        elif session is self.session:
            self.workspace.choose(made.id)
            self.notify("It was enlarged before: this is it; u goes back.", markup=False)
            self.reopen()

    def _take(self) -> None:
        session = self.session
        result = self._repair.result(self.results.at) if self._repair else None
        if session is None or result is None:
            self.say("This one is not finished: wait for it, or look at another with h l.")
            return
        try:
            editing.take(self.workspace, session.whole_draft, result)
        except StoreError as error:
            self.say(str(error))
            return
        self.notify(f"Result {self.results.at} is the image now; u goes back.", markup=False)
        self.reopen()

    def _look_at(self, at: int) -> None:
        places = self._repair.places if self._repair else ()
        self.results.places = places
        self.results.at = min(at, len(places))
        self._before = False
        self.show_picture()

    def action_open(self) -> None:
        """Take the result under the cursor."""
        if self.results.has_focus and self.results.at:
            self._take()

    def action_mark(self) -> None:
        """Put a light edit on or off, or take the result under the cursor."""
        if self.results.has_focus and self.results.at:
            self._take()
        else:
            super().action_mark()

    def action_reject(self) -> None:
        """Remove a light edit, or put the results away."""
        if self.results.has_focus:
            self._repair = None
            self._look_at(0)
            self.query_one("#paint", Field).focus()
            self.refresh_frame()
        else:
            super().action_reject()
