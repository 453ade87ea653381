"""How the engine and its workers are, as they tell it."""

import msgspec

from tui.engine.message_bases import Reply


class WorkerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A worker that lives."""

    pid: int
    place: str
    """The device, as the settings name it."""
    drawing: bool
    """Whether it has a batch; else it is kept warm."""
    model: str
    """The model that is loaded, or nothing."""
    device: str
    """The device, as its maker names it; nothing before a model is loaded."""
    precision: str


class EngineStatus(Reply, frozen=True, kw_only=True):
    """Answer to `AskStatus`."""

    pid: int
    version: str
    started: float
    """Seconds since the epoch."""
    memory: int
    """Resident bytes of the engine process."""
    clients: int
    running: str
    """Id of the job that runs, of several the first in the queue, or nothing."""
    jobs: tuple[str, ...] = ()
    """Ids of all jobs that run, in the order of the queue."""
    queued: int
    paused: bool = False
    """Whether what waits in the queue waits until somebody lets it go on."""
    worker: str
    """What the first worker does, in words."""
    worker_pid: int | None
    model: str
    """The model that it has loaded, or nothing."""
    device: str
    precision: str
    workers: tuple[WorkerStatus, ...] = ()
    """All of them, one for each device that has been needed."""
