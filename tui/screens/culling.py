"""Step 3: what a person does to single candidates: mark, name flaws and merits, look closely."""

from functools import cached_property
from pathlib import Path

from tui.screens.frame import FrameScreen
from tui.screens.line import LineScreen
from tui.screens.look import LookScreen, Shown, TwoUpScreen
from tui.screens.pick import PickScreen
from tui.screens.shown_file import FileScreen
from tui.screens.tournament import TournamentScreen
from tui.store.images import ImageRecord
from tui.widgets.gallery import Gallery
from tui.workflow.batches_view import BatchView, slot_line
from tui.workflow.marking import Marking, words_to_choose


class CullingScreen(FileScreen, FrameScreen):
    """The commands on the candidate under the cursor of a gallery."""

    def __init__(self) -> None:
        super().__init__()
        self._batch: BatchView | None = None
        self._known: dict[int, str] = {}
        """Image ids by seed that the engine named."""

    @cached_property
    def _marking(self) -> Marking:
        """Its memory for undo is this visit's."""
        return Marking(self.workspace)

    async def _reload(self, job_id: str | None = None) -> None:
        """Show the batch as it is stored now."""
        raise NotImplementedError

    async def action_mark(self) -> None:
        """The closest of the batch: one, or none."""
        image = self._image()
        if image is not None and self._batch is not None:
            self._marking.closest(self._batch, image)
            await self._reload()

    async def action_reject(self) -> None:
        """Reject, or take that back."""
        image = self._image()
        if image is not None:
            self._marking.reject(image)
            await self._reload()

    def action_flaw(self) -> None:
        """Name what is wrong."""
        self._pick_word("flaws", "Which flaw? Type to narrow, or a word of your own.")

    def action_merit(self) -> None:
        """Name what works."""
        self._pick_word("merits", "What works? Type to narrow, or a word of your own.")

    def action_comment(self) -> None:
        """Write a comment."""
        image = self._image()
        if image is None:
            return

        async def take(text: str | None) -> None:
            if text is not None:
                self._marking.comment(image, text)
                await self._reload()

        before = self.workspace.marks(image).comment
        self.app.push_screen(LineScreen("Comment on this picture", before), take)

    async def action_undo(self) -> None:
        """Take the last mark back."""
        if not self._marking.undo():
            self.notify("No mark of this visit is left to take back.", markup=False)
        await self._reload()

    def action_open(self) -> None:
        """Look closely."""
        self.action_zoom()

    def action_zoom(self) -> None:
        """Look closely, at this one and its neighbours."""
        image = self._image()
        if image is None or self._batch is None:
            return
        pictures = [
            (slot.seed, self._shown(number))
            for number, slot in enumerate(self._batch.slots)
            if slot.image is not None
        ]
        place = [seed for seed, _ in pictures].index(image.seed or 0)
        self.app.push_screen(LookScreen([shown for _, shown in pictures], place))

    def action_two_up(self) -> None:
        """The closest and this one beside each other."""
        image, batch = self._image(), self._batch
        if image is None or batch is None:
            return
        closest = batch.closest
        if closest is None or closest.id == image.id:
            self.notify(
                "Mark the closest with space and move to another one: v shows the two.",
                markup=False,
            )
            return
        places = [slot.image.id if slot.image else "" for slot in batch.slots]
        here = self.query_one(Gallery).current
        self.app.push_screen(TwoUpScreen(self._shown(places.index(closest.id)), self._shown(here)))

    def action_tournament(self) -> None:
        """Rank the pictures that are not rejected, two at a time."""
        batch = self._batch
        if batch is None or len(batch.in_the_running) < 2:
            self.notify(
                "It takes two pictures that are not rejected to rank them: x takes a rejection "
                "back, g makes more.",
                markup=False,
            )
            return
        self.app.push_screen(TournamentScreen(batch, self._known, self._marking))

    def shown_file(self) -> Path | None:
        """The candidate's under the cursor."""
        image = self._image()
        return None if image is None else self.workspace.file(image)

    def _shown(self, place: int) -> Shown:
        assert self._batch is not None
        slot = self._batch.slots[place]
        assert slot.image is not None
        return Shown(self.workspace.file(slot.image), slot_line(slot, place + 1))

    def _image(self) -> ImageRecord | None:
        slot = self.query_one(Gallery).slot
        if slot is None or slot.image is None:
            self.notify("This picture is not made yet.", markup=False)
            return None
        return slot.image

    def _pick_word(self, kind: str, title: str) -> None:
        image = self._image()
        if image is None:
            return

        async def take(word: str | None) -> None:
            if word:
                self._marking.word(image, kind, word)
                await self._reload()

        rows = words_to_choose(self.workspace, kind, self.workspace.marks(image))
        self.app.push_screen(PickScreen(title, rows, free=True), take)
