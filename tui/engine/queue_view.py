"""The queue as interfaces see it: every job that waits or runs, and what has ended lately."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from tui.domain.lineage import Origin
from tui.domain.recipe import Recipe
from tui.domain.text import clean, model_name
from tui.domain.versioned import UnreadableError, from_json
from tui.engine.devices import counted
from tui.engine.job_run import JobRun
from tui.engine.jobs import JobRequest, batches
from tui.engine.pace import LOOKED_AT, usual_seconds
from tui.engine.queue_messages import BatchAt, Queue, QueuedJob
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.store.queue import QueueRow
from tui.store.store import Store

MOST_ENDED = 30
"""Jobs that have ended and are listed still."""

_DAY = 24 * 3600.0
_LONGEST = 200
"""Characters of a subject, a name or an error in a list."""


@dataclass(frozen=True)
class AtWork:
    """What the queue is drawn with."""

    runs: Mapping[str, JobRun]
    """What runs, by the job's id."""
    devices: Mapping[str, str]
    """What workers draw on, as the makers name it, by what the settings call it."""
    posts: int
    """Devices that batches can be spread over."""
    batch_size: int
    """Images denoised together where a job does not say."""


def queue_view(store: Store, at_work: AtWork) -> Queue:
    """The whole queue.

    Raises:
        StoreError: the database cannot be read.
    """
    waiting = store.queue.open_jobs()
    ended = store.queue.ended_jobs(MOST_ENDED, done_since=time.time() - _DAY)
    timed = store.images.timed(LOOKED_AT) if waiting else ()
    jobs = [_open(row, at_work, timed) for row in waiting]
    return Queue(
        jobs=(*jobs, *map(_ended, ended)), paused=store.queue.paused, devices=at_work.posts
    )


def _open(row: QueueRow, at_work: AtWork, timed: Sequence[ImageRecord]) -> QueuedJob:
    job, request = _job(row)
    if request is None:
        return job
    run = at_work.runs.get(row.id)
    progress = None if run is None else run.progress
    own = () if progress is None else progress.at_work
    whole = len(batches(request, at_work.batch_size, frozenset()))
    count = progress.batches if progress is not None else whole
    job = msgspec.structs.replace(
        job,
        device=_on(at_work, own),
        seconds=usual_seconds(timed, request.intent, row.id),
        batches=count,
        at_once=max(1, min(count, at_work.posts - _held(at_work, row.id))),
    )
    if run is None or progress is None:
        return job
    return msgspec.structs.replace(
        job,
        at_work=own,
        images=progress.images,
        drawing=progress.drawing,
        step=progress.step,
        all_steps=progress.steps,
        stopping=run.is_stopping,
    )


def _on(at_work: AtWork, batches: Sequence[BatchAt]) -> str:
    """The devices of these batches; of none, all that there are."""
    labels = [batch.device for batch in batches] or at_work.devices
    return counted([at_work.devices[label] for label in labels if label in at_work.devices])


def _held(at_work: AtWork, job_id: str) -> int:
    """Devices that other jobs draw on while this one runs; it waits until it gets all."""
    if job_id not in at_work.runs:
        return 0
    others = (run for each, run in at_work.runs.items() if each != job_id)
    return sum(len(run.progress.at_work) for run in others)


def _ended(row: QueueRow) -> QueuedJob:
    job, _request = _job(row)
    # What it found counts for it, and is in no table: done is done.
    images = job.wanted if row.state is JobState.DONE else job.images
    try:
        device = clean(from_json(row.recipe, Recipe).device, limit=_LONGEST)
    except UnreadableError:
        device = ""
    return msgspec.structs.replace(job, images=images, device=device)


def _job(row: QueueRow) -> tuple[QueuedJob, JobRequest | None]:
    job = QueuedJob(
        id=row.id,
        project=row.project_id,
        project_name=clean(row.project_name, limit=_LONGEST),
        state=row.state,
        error=clean(row.error, limit=_LONGEST * 3),
        images=row.made,
        created=row.created,
        started=row.started,
        finished=row.finished,
    )
    try:
        request = from_json(row.request, JobRequest)
    except UnreadableError:
        return job, None
    intent = request.intent
    words = intent.layers.subject or intent.layers.prompt
    if not words and request.origin is Origin.EDITED:
        words = "enlarge an image"
    asked = msgspec.structs.replace(
        job,
        subject=clean(words, limit=_LONGEST),
        wanted=len(request.wanted_seeds),
        steps=intent.steps,
        width=intent.width,
        height=intent.height,
        model=model_name(intent.model),
        keep=request.keep,
    )
    return asked, request
