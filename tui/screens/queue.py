"""The queue of all projects: what runs, waits and failed; reordered, cancelled, put back."""

from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any

from rich.text import Text
from textual import events, on, work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.text import clean
from tui.engine.client import RefusedError
from tui.engine.messages import JobSays, StepDone
from tui.engine.queue_messages import Queue, QueuedJob
from tui.messages import EngineSaid, LinkChanged
from tui.screens.listing import ListingScreen
from tui.screens.sending import refuse
from tui.store.errors import StoreError
from tui.store.jobs import ENDED, JobState
from tui.widgets.line_list import LineList
from tui.widgets.queue_row import queue_row
from tui.workflow.link import NoEngineError
from tui.workflow.queue import (
    NOTHING,
    advice,
    asked_words,
    open_batch,
    stepped,
    times_words,
    trouble,
    work_words,
)

_ENDED = "Ended"


class QueueScreen(ListingScreen):
    """A row for each job, and below them all that is known of the one under the cursor."""

    PLACE = "queue"
    BINDINGS = bindings("queue")
    CSS_PATH = Path("queue.tcss")

    def __init__(self) -> None:
        super().__init__()
        self._queue = Queue()
        self._rows: list[QueuedJob | str] = []
        self._says: dict[str, str] = {}
        """What a job does while no step can be counted, by its id."""
        self._trouble = "The queue is being read."
        self._is_asking = self._is_old = False

    def body(self) -> Iterable[Widget]:
        """The jobs, or what will stand here; the one under the cursor in words."""
        yield Static(id="empty")
        yield LineList(id="jobs")
        yield Static(id="details")

    def coach(self) -> str:
        """Why nothing can be said, else what can be done."""
        return self._trouble or advice(self._queue, self._current)

    def footer(self) -> tuple[tuple[str, str], ...]:
        """What can be done with the job under the cursor comes first."""
        job = self._current
        pause = ("pause", "go on" if self._queue.paused else "pause")
        last = (("open", "its batch"), pause, ("back", "back"))
        if job is None:
            return last[1:]
        if job.state is JobState.QUEUED:
            return (("earlier", "earlier"), ("later", "later"), ("reject", "cancel"), *last)
        if job.state is JobState.RUNNING:
            return (("reject", "cancel"), ("finish", "stop after this image"), *last)
        return last if job.state is JobState.DONE else (("restore", "put back"), *last)

    def on_mount(self) -> None:
        """Ask the engine."""
        super().on_mount()
        self._list.focus()
        self._load()

    def on_screen_resume(self) -> None:
        """Another screen may have changed it."""
        super().on_screen_resume()
        self._load()

    def on_resize(self, event: events.Resize) -> None:
        """Low terminals have no room for more than the rows."""
        self.set_class(event.size.height < 16, "-low")

    # What the engine says

    @on(EngineSaid)
    def follow(self, message: EngineSaid) -> None:
        """A step moves the bar; after anything else the queue is asked for again."""
        event = message.event
        if isinstance(event, StepDone):
            self._says.pop(event.job, None)
            self._show(stepped(self._queue, event))
        elif isinstance(event, JobSays):
            self._says[event.job] = event.text
            self._show(self._queue)
        else:
            self._load()

    @on(LinkChanged)
    def ask_again(self, message: LinkChanged) -> None:
        """With an engine there again the queue may be another."""
        if message.connected:
            self._load()
        else:
            self._fail(message.says)

    def _load(self) -> None:
        """Ask for the queue; what happens while an answer is on its way asks once more."""
        self._is_old = True
        if not self._is_asking:
            self._is_asking = True
            self._ask()

    @work(exit_on_error=False, group="queue")
    async def _ask(self) -> None:
        try:
            while self._is_old:
                self._is_old = False
                queue = await self.link.queue()
                self._trouble = ""
                self._show(queue)
        except (NoEngineError, RefusedError) as error:
            self._fail(str(error))
        finally:
            self._is_asking = False

    def _fail(self, trouble: str) -> None:
        self._trouble = clean(trouble, limit=400)
        self.refresh_frame()

    # How it is shown

    @property
    def _current(self) -> QueuedJob | None:
        place = self._list.cursor if self.query(LineList) else 0
        row = self._rows[place] if place < len(self._rows) else None
        return row if isinstance(row, QueuedJob) else None

    def _show(self, queue: Queue) -> None:
        if not self.query(LineList):
            return
        before, self._queue = self._current, queue
        waiting = [job for job in queue.jobs if job.state not in ENDED]
        ended = [job for job in queue.jobs if job.state in ENDED]
        self._rows = [*waiting, *([_ENDED] if ended else []), *ended]
        place = self._list.cursor if before is None else self._place_of(before)
        self._list.show(len(self._rows), self._drawn, place, self._stands)
        self.set_class(not self._rows, "-empty")
        self.query_one("#empty", Static).update(Content("" if self._rows else NOTHING))
        self._tell()

    def _place_of(self, job: QueuedJob) -> int:
        """The cursor goes along with a job, but stays in the queue when one ends."""
        for place, row in enumerate(self._rows):
            if (
                isinstance(row, QueuedJob)
                and row.id == job.id
                and (row.state in ENDED) == (job.state in ENDED)
            ):
                return place
        return self._list.cursor

    def _drawn(self, place: int) -> Text:
        row = self._rows[place]
        if isinstance(row, str):
            return Text(f" {row}", style="bold")
        width = self._list.scrollable_content_region.width
        return queue_row(self._queue, row, width, self._says.get(row.id, ""))

    def _stands(self, place: int) -> bool:
        return isinstance(self._rows[place], QueuedJob)

    @on(LineList.Moved)
    def follow_cursor(self) -> None:
        """Tell of another job."""
        self._tell()

    def _tell(self) -> None:
        job, text = self._current, Text(overflow="ellipsis")
        if job is not None:
            head = ": ".join(filter(None, (clean(job.project_name), clean(job.subject))))
            text.append(f" {head}\n", "bold")
            text.append(f" {asked_words(job)}\n {times_words(self._queue, job)}")
            if said := trouble(job) or work_words(self._queue, job):
                text.append(f"\n {said}")
        self.query_one("#details", Static).update(text)
        self.refresh_frame()

    # Doing

    def action_open(self) -> None:
        """Its project, at its batch."""
        job = self._current
        if job is None:
            return
        try:
            open_batch(self.workspace, job)
        except StoreError as error:
            refuse(self, error)
        else:
            self.keepers.show_step("batch")

    def action_earlier(self) -> None:
        """Let it begin before the one above it."""
        self._move(-1)

    def action_later(self) -> None:
        """Let the one below it begin first."""
        self._move(1)

    def action_reject(self) -> None:
        """Cancel it; what it has made stays."""
        job = self._current
        if job is not None and job.state in ENDED:
            self.notify("It has ended: there is nothing to cancel.", markup=False)
        elif job is not None:
            self._do(self.link.cancel(job.id))

    def action_finish(self) -> None:
        """End it after the images that are being drawn."""
        job = self._current
        if job is not None and job.state is JobState.RUNNING:
            self._do(self.link.cancel(job.id, finish_images=True))
        elif job is not None:
            self.notify("It does not run: x cancels what waits.", markup=False)

    def action_restore(self) -> None:
        """Put what failed or was cancelled into the queue again."""
        if (job := self._current) is not None:
            self._do(self.link.retry(job.id))

    def action_pause(self) -> None:
        """Let what waits wait, or go on."""
        self._do(self.link.pause(paused=not self._queue.paused))

    def _move(self, by: int) -> None:
        if (job := self._current) is not None:
            self._do(self.link.move(job.id, by))

    def _do(self, ask: Coroutine[Any, Any, None]) -> None:
        self.run_worker(self._done(ask), group="do", exit_on_error=False)

    async def _done(self, ask: Coroutine[Any, Any, None]) -> None:
        try:
            await ask
        except (NoEngineError, RefusedError) as error:
            refuse(self, error)
