"""Step 4: a sweep as it stands, derived from what is stored alone; run, stop, judge, win.

Nothing of a running sweep is kept in memory. A cell exists when the project has an image of its
intent; a column is being made when a job that asks for it waits or runs. So a sweep goes on after
any process was killed, and what exists is never asked for again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tui.domain.lineage import Origin
from tui.domain.sweep import Column, Sweep, shown_value
from tui.domain.versioned import UnreadableError, from_json
from tui.engine.jobs import JobRequest
from tui.store.images import ImageRecord
from tui.store.jobs import ENDED, Job, JobState
from tui.store.rounds import Round, RoundKind, Verdict
from tui.store.sweeps import SweepRecord
from tui.workflow.batches_view import Slot
from tui.workflow.iterating import adopt
from tui.workflow.link import EngineLink
from tui.workflow.parents import put_picture, start_of
from tui.workflow.rounds import GuardError
from tui.workflow.workspace import Workspace


@dataclass(frozen=True)
class ColumnView:
    """One value of a sweep as it stands; the first of a sweep is the parent's own."""

    title: str
    slots: tuple[Slot, ...]
    column: Column | None = None
    """None for the parent's own."""
    job: Job | None = None
    round: Round | None = None

    @property
    def made(self) -> int:
        """How many of its images there are."""
        return sum(slot.image is not None for slot in self.slots)

    @property
    def is_live(self) -> bool:
        """Whether a job for it waits or runs."""
        return self.job is not None and self.job.state not in ENDED

    @property
    def needs_job(self) -> bool:
        """Whether something of it has to be asked of the engine."""
        if self.column is None or self.is_live:
            return False
        return self.job is None or self.made < len(self.slots)


@dataclass(frozen=True)
class SweepView:
    """A sweep as it stands."""

    record: SweepRecord
    columns: tuple[ColumnView, ...]

    @property
    def made(self) -> int:
        """How many of its images there are, the parent's own not counted."""
        return sum(column.made for column in self.columns[1:])

    @property
    def is_live(self) -> bool:
        """Whether anything of it waits or runs."""
        return any(column.is_live for column in self.columns)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to ask for, and nothing waits."""
        return not self.is_live and not any(column.needs_job for column in self.columns)

    def column_of(self, job_id: str) -> int | None:
        """The place of the column that a job makes."""
        for place, column in enumerate(self.columns):
            if column.job is not None and column.job.id == job_id:
                return place
        return None


def view_of(workspace: Workspace, record: SweepRecord) -> SweepView:
    """A sweep as it is stored now. Reads the database only, so from any thread.

    Raises:
        StoreError: the parent is gone.
        SweepError: the sweep cannot be.
    """
    sweep, store = record.sweep, workspace.store
    parent = store.images.get(sweep.parent)
    keys, columns = cell_keys(sweep), sweep.columns()
    every = [key for of_column in keys for key in of_column]
    found = store.images.with_keys(record.project_id, every)
    marks = store.marks.list(record.project_id)

    def slot(seed: int, image: ImageRecord | None) -> Slot:
        if image is None:
            return Slot(seed)
        own = marks.get(image.id)
        path = store.images.file(image)
        return Slot(seed, image, own, path) if own is not None else Slot(seed, image, path=path)

    # A parent that was edited or imported is the twin of all that is drawn over its picture.
    same = parent if start_of(workspace, parent).from_picture else None
    own = {parent.seed: parent}
    views = [
        ColumnView(
            shown_value(sweep.where, sweep.before) if sweep.before else "(without)",
            tuple(
                slot(seed, same or found.get(key) or own.get(seed))
                for seed, key in zip(sweep.seeds, keys[0], strict=True)
            ),
        )
    ]
    jobs, rounds = _jobs(workspace, record), _rounds(workspace, record)
    for column, of_column in zip(columns, keys[1:], strict=True):
        mine = jobs.get(column.intent.with_seed(0).key, [])
        views.append(
            ColumnView(
                shown_value(sweep.where, column.value),
                tuple(
                    slot(seed, found.get(key))
                    for seed, key in zip(sweep.seeds, of_column, strict=True)
                ),
                column,
                next((job for job in mine if job.state not in ENDED), mine[0] if mine else None),
                next((rounds[job.id] for job in mine if job.id in rounds), None),
            )
        )
    return SweepView(record, tuple(views))


@lru_cache(maxsize=32)
def cell_keys(sweep: Sweep) -> tuple[tuple[str, ...], ...]:
    """Keys of the intents, a row of seeds for each column; the parent's own come first.

    Raises:
        SweepError: the sweep cannot be.
    """
    wishes = (sweep.base, *(column.intent for column in sweep.columns()))
    return tuple(tuple(wish.with_seed(seed).key for seed in sweep.seeds) for wish in wishes)


async def run_sweep(
    workspace: Workspace,
    link: EngineLink,
    record: SweepRecord,
    sent: Callable[[], None] = lambda: None,
) -> int:
    """Queue each column that has something to make, with a round of its own; how many.

    Called again it goes on: with what was stopped, failed, or never queued.

    Args:
        workspace: the open project.
        link: the line to the engine.
        record: the sweep.
        sent: called when a column has been queued.

    Raises:
        NoEngineError: there is no engine now; what was queued stays.
        RefusedError: the engine said no.
        ImagingError: the parent's picture is needed, and cannot be read.
        StoreError: the disk refuses.
    """
    view = await asyncio.to_thread(view_of, workspace, record)
    sweep, store, count = record.sweep, workspace.store, 0
    parent = store.images.get(sweep.parent)
    if sweep.base.init_image == parent.pixels:
        await asyncio.to_thread(put_picture, workspace, parent)
    for column in view.columns[1:]:
        assert column.column is not None
        job_id = column.job.id if column.job is not None else ""
        if column.needs_job:
            request = JobRequest(
                intent=column.column.intent,
                seeds=sweep.seeds,
                parent=sweep.parent,
                origin=Origin.ITERATED,
            )
            job_id = (await link.submit(record.project_id, request)).id
            count += 1
        if column.round is None:
            # Also where somebody was killed between queueing it and noting its round.
            store.rounds.add(
                record.project_id,
                job_id,
                RoundKind.CHANGE,
                parent_image_id=sweep.parent,
                changes=(column.column.element,),
            )
        elif column.round.job_id != job_id:
            store.rounds.update(column.round.id, job_id=job_id)
        sent()
    return count


async def stop_sweep(workspace: Workspace, link: EngineLink, record: SweepRecord) -> int:
    """End what waits or runs of a sweep; what is made stays. How many jobs that were.

    Raises:
        NoEngineError: there is no engine now.
        RefusedError: the engine said no.
    """
    view = await asyncio.to_thread(view_of, workspace, record)
    live = [column.job for column in view.columns if column.job is not None and column.is_live]
    # Those that wait first, from the end: else each would begin when the one before it ends.
    for job in sorted(live, key=lambda job: (job.state is JobState.RUNNING, -job.position)):
        await link.cancel(job.id)
    return len(live)


def win(workspace: Workspace, column: ColumnView, image: ImageRecord) -> None:
    """The image becomes the next parent, and its value is what made it better.

    Raises:
        GuardError: it is the parent already, or the person said that it is not better.
    """
    if column.column is None:
        raise GuardError("this is what the sweep started from: choose a picture of a value")
    verdict = Verdict.OPEN if column.round is None else column.round.verdict
    if verdict in (Verdict.SAME, Verdict.WORSE):
        raise GuardError(f"you said {verdict} of {column.title}: say + first, then space")
    if column.round is not None and verdict is Verdict.OPEN:
        workspace.store.rounds.update(column.round.id, verdict=Verdict.BETTER)
    adopt(workspace, image)


def _jobs(workspace: Workspace, record: SweepRecord) -> dict[str, list[Job]]:
    """The jobs that ask for a column, newest first, by the key of its wish for seed 0."""
    found: dict[str, list[Job]] = {}
    for job in reversed(workspace.store.jobs.list(project_id=record.project_id)):
        try:
            request = from_json(job.request, JobRequest)
        except UnreadableError:
            continue
        if request.parent != record.sweep.parent or not request.keep:
            continue
        if set(record.sweep.seeds) <= set(request.wanted_seeds):
            found.setdefault(request.intent.with_seed(0).key, []).append(job)
    return found


def _rounds(workspace: Workspace, record: SweepRecord) -> dict[str, Round]:
    return {
        round_.job_id: round_
        for round_ in workspace.store.rounds.list(record.project_id)
        if round_.parent_image_id == record.sweep.parent and round_.kind is RoundKind.CHANGE
    }
