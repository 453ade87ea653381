"""What an interface and the engine say to each other of the queue as a whole."""

import msgspec

from tui.engine.message_bases import Event, Reply, Request
from tui.store.jobs import JobState


class AskQueue(Request, frozen=True, kw_only=True):
    """What runs, what waits, and what has ended lately, over all projects?"""


class MoveJob(Request, frozen=True, kw_only=True):
    """Move a job that waits to another place among those that wait."""

    job: str
    by: int
    """Places; below 0 for earlier."""


class RetryJob(Request, frozen=True, kw_only=True):
    """Put a job that was cancelled or failed back into the queue; it makes what is missing."""

    job: str


class PauseQueue(Request, frozen=True, kw_only=True):
    """Let what waits wait, or go on. What runs is finished in either case."""

    paused: bool


class BatchAt(msgspec.Struct, frozen=True, kw_only=True):
    """A batch that is being drawn."""

    batch: int
    """From 0, among those of this run."""
    device: str
    """Where, as the settings name it."""
    step: int = 0
    """Steps behind it."""
    steps: int = 0
    """0 until one is done."""


class QueuedJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job of the queue, as a list shows it; all words in it are harmless."""

    id: str
    project: str
    project_name: str
    state: JobState
    error: str = ""
    subject: str = ""
    """What is asked for, in the person's words."""
    wanted: int = 0
    """Images; 0 for a job that this version cannot read."""
    images: int = 0
    """Of these, how many are there."""
    steps: int = 0
    width: int = 0
    """Pixels."""
    height: int = 0
    model: str = ""
    """As it is called on a screen."""
    device: str = ""
    """Where it is drawn, as the maker names it; empty where that is not known."""
    batches: int = 1
    """In which it is drawn: those of this run, or all of one that waits."""
    at_once: int = 1
    """How many of them can be drawn at the same time, each on a device of its own."""
    at_work: tuple[BatchAt, ...] = ()
    """Those that are being drawn."""
    keep: bool = True
    """False for a rerun, which belongs to no batch."""
    seconds: float | None = None
    """What an image of it takes, from recorded times; None where there are none."""
    drawing: int = 0
    """Images that this run draws: those that were missing when it began. 0 unless it runs."""
    step: int = 0
    """Steps that this run has behind it, over all its batches."""
    all_steps: int = 0
    """Steps of this run; 0 until the first is done."""
    stopping: bool = False
    """Whether it ends after the images that are being drawn."""
    created: float
    """Seconds since 1970, as all times here."""
    started: float | None = None
    finished: float | None = None


class Queue(Reply, frozen=True, kw_only=True):
    """Answer to `AskQueue`."""

    jobs: tuple[QueuedJob, ...] = ()
    """What runs, then what waits in its order, then what has ended, the newest first."""
    paused: bool = False
    devices: int = 1
    """Over which batches are spread, those of one job and those of the next."""


class QueueChanged(Event, frozen=True, kw_only=True):
    """The order of the queue, what is in it, or its pause is another: ask for it again."""

    job: str = ""
    """Empty: it is about all of them."""
    paused: bool
