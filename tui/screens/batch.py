"""Step 3: the candidates of a batch, as they are made; culling them by keyboard."""

from collections.abc import Collection, Iterable
from pathlib import Path

from rich.text import Text
from textual import events, on
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.coach import none_close
from tui.domain.flaw_memory import FlawMemory
from tui.domain.text import clean
from tui.engine.client import RefusedError
from tui.engine.messages import ImageFinished, JobChanged, JobSays, PreviewMade, StepDone
from tui.messages import EngineSaid, LinkChanged
from tui.screens.culling import CullingScreen
from tui.screens.options import OptionsScreen
from tui.screens.remembering import RememberingScreen
from tui.screens.sending import send_plan
from tui.store.jobs import ENDED
from tui.widgets.candidate_cell import CandidateCell
from tui.widgets.gallery import Gallery
from tui.workflow.batches_view import (
    advice,
    batch_ids,
    batch_of,
    neighbour,
    recurring_line,
    slot_line,
    state_line,
)
from tui.workflow.iterating import adopt
from tui.workflow.link import NoEngineError
from tui.workflow.prompt_coach import tried_since_none_close
from tui.workflow.rounds import more_plan


class BatchScreen(CullingScreen, RememberingScreen):
    """A grid that fills while pictures are made; marks are kept as they are given."""

    PLACE = "batch"
    BINDINGS = bindings("batch")
    FOOTER = (
        ("mark", "closest"),
        ("reject", "reject"),
        ("flaw", "flaw"),
        ("merit", "merit"),
        ("tournament", "rank"),
        ("zoom", "zoom"),
        ("next-step", "next step"),
        ("generate", "more"),
        ("none-close", "none is close"),
        ("two-up", "two-up"),
        ("options", "options"),
    )
    CSS_PATH = Path("batch.tcss")

    def __init__(self) -> None:
        super().__init__()
        self._ids: tuple[str, ...] = ()
        self._says = ""
        self._flaws: tuple[FlawMemory, ...] = ()

    def body(self) -> Iterable[Widget]:
        """The grid; the candidate under the cursor in words; the batch in words."""
        yield Gallery(id="gallery")
        yield Static(id="about")
        yield Static(id="batch-line")

    def coach(self) -> str:
        """What to do with this batch."""
        has_parent = self.workspace.position.parent_id is not None
        return advice(self._batch, has_parent=has_parent, flaws=self._flaws)

    @on(events.Mount)
    async def open_batch(self) -> None:
        """Show what is stored; then ask the engine how the batch stands."""
        self.recall()
        await self._open(self.workspace.position.job_id)

    def recalled(self) -> None:
        """Where to look first."""
        if self._batch is not None:
            self._flaws = self.expected_flaws(self._batch.request.intent.layers)
            self.refresh_frame()

    @on(events.ScreenResume)
    async def see_marks(self) -> None:
        """Marks may have been given elsewhere."""
        await self._reload()

    def on_resize(self, event: events.Resize) -> None:
        """Low terminals have no room for words between the pictures and the coach."""
        self.set_class(event.size.height < 16, "-low")

    # What happens to the batch

    @on(EngineSaid)
    async def follow_job(self, message: EngineSaid) -> None:
        """Previews into the cells, images in their place, states in words."""
        event, gallery = message.event, self.query_one(Gallery)
        if self._batch is None or event.job != self._batch.job_id:
            return
        match event:
            case PreviewMade(seed=seed, step=step, steps=steps):
                if cell := gallery.cell_of(seed):
                    cell.preview(message.blob, step, steps)
            case StepDone(step=step, steps=steps, seeds=seeds):
                self._says = ""
                self._say_steps(f"step {step}/{steps}", seeds)
            case JobSays(text=text, is_trouble=is_trouble):
                self._says = text
                self._say_waiting(keep=not is_trouble)
                self._show_words()
            case ImageFinished(image=image):
                self._known[image.seed] = image.id
                await self._reload()
            case JobChanged(state=state):
                self._says = self._says if state not in ENDED else ""
                await self._reload()
            case _:
                pass

    @on(LinkChanged)
    def ask_again(self, message: LinkChanged) -> None:
        """With an engine there again, ask how the batch stands."""
        if message.connected:
            self._follow()

    @on(Gallery.Moved)
    def show_current(self) -> None:
        """Another candidate is under the cursor."""
        self._show_words()

    # Commands

    def action_left(self) -> None:
        """The candidate before."""
        self.query_one(Gallery).move(-1, 0)

    def action_right(self) -> None:
        """The next candidate."""
        self.query_one(Gallery).move(1, 0)

    def action_up(self) -> None:
        """The candidate above."""
        self.query_one(Gallery).move(0, -1)

    def action_down(self) -> None:
        """The candidate below."""
        self.query_one(Gallery).move(0, 1)

    def action_generate(self) -> None:
        """More of the same, or the rest of a batch that was broken off."""
        self.run_worker(self._more(), exclusive=True, group="send", exit_on_error=False)

    def action_options(self) -> None:
        """Count, seed, steps and more, for the next batch."""
        self.app.push_screen(OptionsScreen())

    async def action_older(self) -> None:
        """The batch before."""
        await self._go(-1, "This is the first batch.")

    async def action_newer(self) -> None:
        """The batch after."""
        await self._go(1, "This is the last batch.")

    def action_none_close(self) -> None:
        """Back to the words, one layer at a time."""
        workspace = self.workspace
        workspace.store.positions.update(workspace.project.id, parent_id=None, image_id=None)
        what = none_close(workspace.project.draft, tried_since_none_close(workspace) or ())
        self.notify(
            "None is close: the words are free again, one layer at a time. "
            f"Start with the {what.layer}. {clean(str(what), limit=300)}",
            markup=False,
            timeout=12,
        )
        self.keepers.show_step("prompt")

    def may_go_on(self) -> bool:
        """The closest becomes the parent; without one there is nothing to go on from."""
        closest = None if self._batch is None else self._batch.closest
        if closest is None:
            self.notify("Mark the closest picture first: move to it and press space.", markup=False)
            return False
        if closest.id != self.workspace.position.parent_id:
            adopt(self.workspace, closest)
        return True

    # How it is shown

    async def _open(self, job_id: str | None) -> None:
        self._known, self._says = {}, ""
        self._ids = batch_ids(self.workspace)
        await self._reload(job_id)
        self.recalled()
        self._follow()

    async def _reload(self, job_id: str | None = None) -> None:
        job_id = job_id or (self._batch.job_id if self._batch is not None else None)
        self._batch = batch_of(self.workspace, job_id, self._known)
        if not self.query(Gallery):
            return
        if self._batch is not None:
            intent = self._batch.request.intent
            await self.query_one(Gallery).show(
                self._batch.job_id, self._batch.slots, intent.width / intent.height
            )
            if self._batch.state not in ENDED:
                self._say_waiting(keep=True)
        self._show_words()
        self.refresh_frame()

    def _show_words(self) -> None:
        batch, gallery = self._batch, self.query_one(Gallery)
        if batch is None:
            self.query_one("#batch-line", Static).update(Text(" No batch yet."))
            return
        parts = [state_line(batch, clean(self._says, limit=120)) or recurring_line(batch)]
        if len(self._ids) > 1 and batch.job_id in self._ids:
            parts.append(f"batch {self._ids.index(batch.job_id) + 1} of {len(self._ids)}  [ ]")
        page, of = gallery.page
        if of > 1:
            parts.append(f"page {page} of {of}")
        line = Text(" " + " · ".join(filter(None, parts)), no_wrap=False, overflow="ellipsis")
        self.query_one("#batch-line", Static).update(line)
        self.query_one("#about", Static).update(Text(f" {self._about()}", overflow="ellipsis"))

    def _about(self) -> str:
        gallery = self.query_one(Gallery)
        return "" if gallery.slot is None else slot_line(gallery.slot, gallery.current + 1)

    def _say_steps(self, doing: str, seeds: Collection[int]) -> None:
        """Say of the cells that are drawn together which step it is; others wait, or have begun."""
        for cell in self._waiting:
            if cell.slot.seed in seeds:
                cell.set_doing(doing)
        self._say_waiting(keep=True)

    def _say_waiting(self, *, keep: bool) -> None:
        """Say that cells without an image wait; `keep` leaves those that say something already."""
        for cell in self._waiting:
            if not (keep and cell.doing):
                cell.set_doing("waiting")

    @property
    def _waiting(self) -> list[CandidateCell]:
        return [cell for cell in self.query_one(Gallery).cells if cell.slot.image is None]

    async def _go(self, by: int, end: str) -> None:
        self._ids = batch_ids(self.workspace)
        shown = None if self._batch is None else self._batch.job_id
        job_id = neighbour(self._ids, shown, by)
        if job_id is None:
            self.notify(end, markup=False)
            return
        self.workspace.store.positions.update(self.workspace.project.id, job_id=job_id)
        await self._open(job_id)
        if self._batch is not None and self._batch.closest is not None:
            self.workspace.choose(self._batch.closest.id)

    async def _more(self) -> None:
        shown = None if self._batch is None else self._batch.job_id
        job = await send_plan(self, lambda: more_plan(self.workspace, shown))
        if job is not None:
            self.call_later(self._open, job.id)

    def _follow(self) -> None:
        if self._batch is not None:
            self.run_worker(
                self._ask(self._batch.job_id), exclusive=True, group="follow", exit_on_error=False
            )

    async def _ask(self, job_id: str) -> None:
        try:
            job = await self.link.follow(job_id)
        except (NoEngineError, RefusedError):
            return  # the store's word stands; the title line says that there is no engine
        if self._batch is not None and job_id == self._batch.job_id:
            self._known |= {image.seed: image.id for image in job.images}
            self.call_later(self._reload)
