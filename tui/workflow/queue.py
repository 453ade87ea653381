"""The queue in words: what is asked, how far it is, when it is done; and the way to a batch."""

import time
from collections.abc import Sequence
from math import ceil

import msgspec

from tui.domain.about_time import about
from tui.domain.lanes import ends
from tui.domain.text import as_sentence, clean
from tui.engine.messages import Event, StepDone
from tui.engine.queue_messages import BatchAt, Queue, QueuedJob
from tui.store.errors import StoreError
from tui.store.jobs import ENDED, JobState
from tui.workflow.workspace import Workspace

NOTHING = (
    "Nothing runs or waits. What is asked for in any project stands here with the time that it "
    "still takes, and what failed with the reason. To ask for a batch, press g in step 2."
)


def stepped(queue: Queue, event: Event) -> Queue:
    """The queue after a step; any other event leaves it as it is."""
    if not isinstance(event, StepDone):
        return queue
    jobs = (_stepped(job, event) if job.id == event.job else job for job in queue.jobs)
    return msgspec.structs.replace(queue, jobs=tuple(jobs))


def _stepped(job: QueuedJob, event: StepDone) -> QueuedJob:
    now = BatchAt(batch=event.batch, device=event.device, step=event.step, steps=event.steps)
    # A device draws one batch at a time: this one stands in the place of the one before.
    at_work = {each.device: each for each in job.at_work} | {event.device: now}
    return msgspec.structs.replace(
        job, step=event.done, all_steps=event.of, at_work=tuple(at_work.values())
    )


def left(job: QueuedJob) -> float | None:
    """Seconds that a job which waits or runs still takes; None where nobody knows."""
    pieces = _pieces(job)
    if pieces is None:
        return None
    busy, waiting = pieces
    # What was heard last may have it on more devices than it had when the queue was asked for.
    return max(ends([*busy, *waiting], max(1, job.at_once, len(busy))))


def _pieces(job: QueuedJob) -> tuple[list[float], list[float]] | None:
    """Seconds that are left of each batch at work, and of each that waits; None if not known."""
    if job.seconds is None or job.state in ENDED:
        return None
    # A job that was put back, or finds all its images, has no batch to draw.
    batches = max(1, job.batches)
    if job.state is not JobState.RUNNING:
        missing = max(0, job.wanted - job.images)
        return [], [job.seconds * missing / batches] * batches
    batch = job.seconds * job.drawing / batches
    if not job.all_steps:
        return ([], [batch] * batches) if batch else None
    each = job.all_steps / batches
    busy = [1 - at.step / (at.steps or each) for at in job.at_work]
    waiting = (job.all_steps - job.step) / each - sum(busy)
    # Less than a thousandth of a batch is an error of rounding.
    parts = [min(1.0, waiting - begun) for begun in range(ceil(waiting - 0.001))]
    return [batch * part for part in busy], [batch * part for part in parts]


def work_words(queue: Queue, job: QueuedJob) -> str:
    """`cuda:0: batch 1 of 4, step 3/20 · cuda:1: …`; empty where one device is all there is."""
    if queue.devices == 1:
        return ""
    parts = []
    for batch in sorted(job.at_work, key=lambda each: each.device):
        which = f"batch {batch.batch + 1} of {job.batches}, " if job.batches > 1 else ""
        does = f"step {batch.step}/{batch.steps}" if batch.steps else "no step yet"
        parts.append(f"{clean(batch.device)}: {which}{does}")
    return " · ".join(parts)


def place_words(queue: Queue, job: QueuedJob) -> str:
    """`cuda:1`, or `3 devices`, where one of several draws it; else the model."""
    if queue.devices == 1 or not job.at_work:
        return clean(job.model)
    first, *others = job.at_work
    return f"{len(job.at_work)} devices" if others else clean(first.device)


def begins_in(queue: Queue, job: QueuedJob) -> float | None:
    """Seconds until a waiting job begins; None where nobody knows, or the queue is paused."""
    if queue.paused or job.state is not JobState.QUEUED:
        return None
    at_work: list[float] = []
    behind: list[float] = []
    for other in queue.jobs:
        if other.id == job.id:
            break
        pieces = _pieces(other)
        if pieces is None:
            return None
        at_work += pieces[0]
        behind += pieces[1]
    # What is drawn has its device; what waits takes them as they become free, job after job.
    return min(ends([*at_work, *behind], max(1, queue.devices)))


def state_words(queue: Queue, job: QueuedJob) -> str:
    """A job's state in two or three words, with the time that it takes where that is known."""
    takes = left(job)
    if job.state is JobState.RUNNING:
        if job.stopping:
            return "stops after this image"
        return "runs" if takes is None else about(takes)
    if job.state is JobState.QUEUED:
        waits = "paused" if queue.paused else "waits"
        return waits if takes is None else f"{waits}, {about(takes)}"
    return f"{job.state.value} {_clock(job.finished)}".rstrip()


def made_words(job: QueuedJob) -> str:
    """`2/4`: images that are there, of those that are wanted; a rerun's are counted by none."""
    return f"{job.images}/{job.wanted}" if job.wanted else "?"


def asked_words(job: QueuedJob) -> str:
    """`4 images, 20 steps, 128 × 128, starter on cpu`."""
    if not job.wanted:
        return "what is asked cannot be read by this version"
    images = "1 image" if job.wanted == 1 else f"{job.wanted} images"
    where = f" on {clean(job.device)}" if job.device else ""
    size = f"{job.width} × {job.height}"
    return f"{images}, {job.steps} steps, {size}, {clean(job.model)}{where}"


def times_words(queue: Queue, job: QueuedJob) -> str:
    """When it was asked for, began and ended, and when it will begin."""
    parts = [f"asked {_clock(job.created)}"]
    if job.started is not None:
        parts.append(f"began {_clock(job.started)}")
    if job.finished is not None:
        parts.append(f"{job.state.value} {_clock(job.finished)}")
    waiting = [each.id for each in queue.jobs if each.state is JobState.QUEUED]
    if job.id in waiting:
        parts.append(f"{waiting.index(job.id) + 1} of {len(waiting)} that wait")
    ahead = begins_in(queue, job)
    if ahead:
        parts.append(f"begins in {about(ahead)}")
    return " · ".join(parts)


def line(queue: Queue, job: QueuedJob) -> str:
    """A job on one line of its own, for the command line."""
    words = f"{clean(job.project_name)}: {clean(job.subject, limit=60)}".rstrip(": ")
    return f"{words}, {asked_words(job)}, {state_words(queue, job)}"


def advice(queue: Queue, job: QueuedJob | None) -> str:
    """What can be done now."""
    if queue.paused:
        return "The queue is paused: what waits begins when you press Z."
    if job is None or job.state is JobState.DONE:
        return ""
    if job.state in ENDED:
        return "R puts it into the queue again: only what is missing is made."
    return ""


def trouble(job: QueuedJob) -> str:
    """Why a job failed, as a sentence; empty where it did not."""
    return as_sentence(job.error, limit=600)


def open_batch(workspace: Workspace, job: QueuedJob) -> None:
    """Open a job's project at its batch.

    Raises:
        StoreError: the project is gone or in the trash, or the job belongs to no batch.
    """
    if not job.keep:
        raise StoreError("this is a rerun from the command line: it belongs to no batch")
    if workspace.store.projects.get(job.project).trashed is not None:
        raise StoreError("this project is in the trash: put it back with R in the projects")
    workspace.open(job.project)
    workspace.store.positions.update(job.project, job_id=job.id)


def row_sign(job: QueuedJob, waiting: Sequence[str]) -> str:
    """What a row begins with: a job that waits, its place; any other, a sign."""
    if job.id in waiting:
        return str(waiting.index(job.id) + 1)
    return {JobState.RUNNING: "▶", JobState.DONE: "✓", JobState.CANCELLED: "–"}.get(job.state, "✗")


def _clock(when: float | None) -> str:
    """`14:05`, or with the day where it is another."""
    if when is None:
        return ""
    then, today = time.localtime(when), time.localtime()
    same = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
    return time.strftime("%H:%M" if same else "%d %b %H:%M", then)
