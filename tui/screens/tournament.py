"""Step 3: a tournament. Two pictures at a time, which is closer; then all of them in order."""

from collections.abc import Iterable
from pathlib import Path

from rich.text import Text
from textual import events, on
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.candidate import Closeness
from tui.domain.tournament import Closer, Standing
from tui.engine.messages import ImageFinished
from tui.messages import EngineSaid
from tui.screens.frame import FrameScreen
from tui.screens.look import LookScreen, Shown, TwoUpScreen
from tui.screens.sending import refuse
from tui.store.errors import StoreError
from tui.widgets.gallery import Gallery
from tui.widgets.pair_view import PairView
from tui.workflow.batches_view import BatchView, Slot, batch_of, slot_line
from tui.workflow.marking import Marking
from tui.workflow.ranking import (
    answer,
    question,
    question_line,
    ranking_line,
    standing_of,
    take_back,
    what_now,
)


class TournamentScreen(FrameScreen):
    """Each answer is kept as it is given: leaving and coming back goes on with the next one."""

    PLACE = "tournament"
    BINDINGS = bindings("tournament")
    CSS_PATH = Path("tournament.tcss")
    FOOTER = (
        ("left", "left"),
        ("right", "right"),
        ("same", "same"),
        ("undo", "undo"),
        ("zoom", "zoom"),
        ("blink", "blink"),
        ("back", "back"),
    )
    RANKED_FOOTER = (
        ("mark", "closest"),
        ("left", "left"),
        ("right", "right"),
        ("undo", "undo"),
        ("zoom", "zoom"),
        ("back", "back"),
    )

    def __init__(self, batch: BatchView, known: dict[int, str], marking: Marking) -> None:
        """`known`, image ids by seed, and `marking` are those of the batch's screen."""
        super().__init__()
        self._batch, self._known, self._marking = batch, known, marking
        self._standing = Standing((), None, 0, 0)

    def body(self) -> Iterable[Widget]:
        """How far it is; below, the pair, and at the end the ranking."""
        yield Static(id="head")
        yield PairView(measures=False)
        yield Gallery()

    def coach(self) -> str:
        """What is asked, with the brief in view; at the end, what to do with the ranking."""
        if self._standing.pair is None:
            return what_now(self._standing)
        return question(self.workspace.project.brief)

    def footer(self) -> tuple[tuple[str, str], ...]:
        """The keys of a question, or of a ranking."""
        return self.FOOTER if self._standing.pair is not None else self.RANKED_FOOTER

    @on(events.Mount)
    async def begin(self) -> None:
        """Go on where it was left."""
        await self._reload()

    def on_resize(self, event: events.Resize) -> None:
        """Low terminals have no room for words between the pictures and the keys."""
        self.set_class(event.size.height < 16, "-low")

    @on(EngineSaid)
    async def take_in(self, message: EngineSaid) -> None:
        """A picture that is made meanwhile takes part."""
        event = message.event
        if isinstance(event, ImageFinished) and event.job == self._batch.job_id:
            self._known[event.image.seed] = event.image.id
            await self._reload()

    # Commands

    async def action_left(self) -> None:
        """The left one is closer; in the ranking, the one before."""
        await self._answer_or_move(Closer.LEFT, -1)

    async def action_right(self) -> None:
        """The right one is closer; in the ranking, the next one."""
        await self._answer_or_move(Closer.RIGHT, 1)

    def action_up(self) -> None:
        """In the ranking, the one above."""
        self.query_one(Gallery).move(0, -1)

    def action_down(self) -> None:
        """In the ranking, the one below."""
        self.query_one(Gallery).move(0, 1)

    async def action_same(self) -> None:
        """Neither is closer."""
        await self._answer_or_move(Closer.SAME, 0)

    async def action_undo(self) -> None:
        """Take the last answer back, also one of an earlier visit."""
        try:
            taken = take_back(self.workspace, self._batch.said)
        except StoreError as error:
            refuse(self, error)
            return
        if taken is None:
            self.notify("No answer is left to take back.", markup=False)
            return
        await self._reload()
        if self._standing.pair != (taken.left, taken.right):
            numbers = " and ".join(str(self._numbers[one]) for one in (taken.left, taken.right))
            self.notify(f"The answer about {numbers} is taken back.", markup=False)

    def action_mark(self) -> None:
        """Mark the one under the cursor of the ranking as the closest, and go back."""
        slot = self.query_one(Gallery).slot
        if self._standing.pair is not None or slot is None or slot.image is None:
            self.notify("Answer first: space marks the closest once all are ranked.", markup=False)
            return
        if slot.marks.closeness is not Closeness.CLOSEST:
            self._marking.closest(self._batch, slot.image)
        self.action_back()

    def action_open(self) -> None:
        """Look closely."""
        self.action_zoom()

    def action_zoom(self) -> None:
        """Look closely at the two, or at all in their order."""
        place = 0 if self._standing.pair is not None else self.query_one(Gallery).current
        self.app.push_screen(LookScreen(self._in_sight(), place))

    def action_two_up(self) -> None:
        """The two as large as the terminal; in the ranking, the first and this one."""
        shown = self._in_sight()
        other = 1 if self._standing.pair is not None else max(1, self.query_one(Gallery).current)
        self.app.push_screen(TwoUpScreen(shown[0], shown[other]))

    def action_blink(self) -> None:
        """Both in the same place, in turn."""
        if self._standing.pair is not None:
            self.query_one(PairView).toggle_blink()

    # How it is shown

    @property
    def _slots(self) -> dict[str, Slot]:
        return {slot.image.id: slot for slot in self._batch.slots if slot.image is not None}

    @property
    def _numbers(self) -> dict[str, int]:
        slots = enumerate(self._batch.slots, 1)
        return {slot.image.id: number for number, slot in slots if slot.image is not None}

    @property
    def _ids(self) -> list[str]:
        """The two that are asked about, or all in their order."""
        found = self._standing
        return list(found.pair or (one for together in found.ranking for one in together))

    def _in_sight(self) -> list[Shown]:
        slots, numbers = self._slots, self._numbers
        return [
            Shown(self.workspace.file(image), slot_line(slots[one], numbers[one]))
            for one in self._ids
            if (image := slots[one].image) is not None
        ]

    async def _answer_or_move(self, closer: Closer, right: int) -> None:
        pair = self._standing.pair
        if pair is None:
            self.query_one(Gallery).move(right, 0)
            return
        try:
            answer(self.workspace, pair, closer)
        except StoreError as error:
            refuse(self, error)
            return
        await self._reload()

    async def _reload(self) -> None:
        """Show what is to be asked now, or the ranking."""
        self._batch = batch_of(self.workspace, self._batch.job_id, self._known) or self._batch
        found = self._standing = standing_of(self.workspace, self._batch.said)
        if not self.query(Gallery):
            return  # the screen is going
        self.set_class(found.pair is None, "-ranked")
        if found.pair is not None:
            head = question_line(found)
            left, right = self._in_sight()
            self.query_one(PairView).show(left, right)
        else:
            head = ranking_line(found, self._numbers)
            await self._show_ranking()
        self.query_one("#head", Static).update(Text(f" {head}", no_wrap=True, overflow="ellipsis"))
        self.refresh_frame()

    async def _show_ranking(self) -> None:
        gallery, ids = self.query_one(Gallery), self._ids
        intent, numbers = self._batch.request.intent, [self._numbers[one] for one in ids]
        slots = tuple(self._slots[one] for one in ids)
        # Another order is another batch to the gallery: its cells stand in their order.
        await gallery.show(f"{numbers}", slots, intent.width / intent.height, numbers)
        gallery.current = 0
