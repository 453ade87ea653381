"""The queue in words: what is asked, how far it is, when it is done; and the way to a batch."""

import time
from collections.abc import Sequence

import msgspec

from tui.domain.about_time import about
from tui.domain.lanes import longest
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
    if job.seconds is None or job.state in ENDED:
        return None
    # A job that was put back, or finds all its images, has no batch to draw.
    batches, at_once = max(1, job.batches), max(1, job.at_once)
    if job.state is not JobState.RUNNING:
        missing = max(0, job.wanted - job.images)
        return job.seconds * missing * longest([], batches, at_once) / batches
    images = job.seconds * job.drawing
    if not job.all_steps:
        return images * longest([], batches, at_once) / batches or None
    each = job.all_steps / batches
    busy = [1 - batch.step / (batch.steps or each) for batch in job.at_work]
    waiting = (job.all_steps - job.step) / each - sum(busy)
    if at_once == 1:
        return images * max(0.0, waiting + sum(busy)) / batches
    return images * longest(busy, max(0, round(waiting)), at_once) / batches


def work_words(job: QueuedJob) -> str:
    """`cuda:0: batch 1 of 4, step 3/20 · cuda:1: …`; empty where one device is all there is."""
    if job.at_once == 1:
        return ""
    parts = []
    for batch in sorted(job.at_work, key=lambda each: each.device):
        does = f"step {batch.step}/{batch.steps}" if batch.steps else "no step yet"
        parts.append(f"{clean(batch.device)}: batch {batch.batch + 1} of {job.batches}, {does}")
    return " · ".join(parts)


def begins_in(queue: Queue, job: QueuedJob) -> float | None:
    """Seconds until a waiting job begins; None where nobody knows, or the queue is paused."""
    if queue.paused or job.state is not JobState.QUEUED:
        return None
    ahead = 0.0
    for other in queue.jobs:
        if other.id == job.id:
            break
        takes = left(other)
        if takes is None:
            return None
        ahead += takes
    return ahead


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
