"""One job of the queue as a row of text, in columns that fit the width."""

from rich.text import Text

from tui.domain.text import clean
from tui.engine.queue_messages import Queue, QueuedJob
from tui.store.jobs import JobState
from tui.workflow.queue import made_words, place_words, row_sign, state_words

_BAR = 8
_WIDE, _MIDDLE = 72, 52
"""Cells from which a row also has the model or the device, and the project."""


def queue_row(queue: Queue, job: QueuedJob, width: int, says: str = "") -> Text:
    """Place or sign, project, subject, model, images, and the state with a bar while it runs.

    Where there are several devices, what runs has its own in the place of its model.

    Args:
        queue: in which it stands.
        job: which.
        width: cells.
        says: what it does while no step can be counted, as `loading starter`.
    """
    waiting = [each.id for each in queue.jobs if each.state is JobState.QUEUED]
    columns = [(row_sign(job, waiting), 3)]
    last = _state(queue, job, says)
    tail = [(made_words(job), 8), (last, 24 if width >= _WIDE else 20)]
    if width >= _WIDE:
        tail.insert(0, (place_words(queue, job), 10))
    if width >= _MIDDLE:
        columns.append((clean(job.project_name), 16))
    used = sum(cells for _, cells in (*columns, *tail))
    columns.append((clean(job.subject), max(6, width - used)))
    row = Text(no_wrap=True)
    for text, cells in (*columns, *tail):
        column = Text(text)
        column.truncate(max(1, cells - 1), overflow="ellipsis", pad=True)
        row.append_text(column).append(" ")
    return row


def _state(queue: Queue, job: QueuedJob, says: str) -> str:
    if job.state is not JobState.RUNNING or job.stopping:
        return state_words(queue, job)
    if not job.all_steps:
        return clean(says) or state_words(queue, job)
    filled = _BAR * job.step // job.all_steps
    return f"{'█' * filled}{'░' * (_BAR - filled)} {state_words(queue, job)}"
