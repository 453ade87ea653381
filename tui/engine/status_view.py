"""How the engine is, as clients see it."""

import os

import tui
from tui.engine.hardware import resident_bytes
from tui.engine.staff import Staff
from tui.engine.status_messages import EngineStatus
from tui.store.jobs import JobState
from tui.store.store import Store


def status_view(
    store: Store, staff: Staff, jobs: tuple[str, ...], started: float, clients: int
) -> EngineStatus:
    """How this process is.

    Args:
        store: with the queue.
        staff: its workers.
        jobs: ids of what runs, in the order of the queue.
        started: when it was, in seconds since the epoch.
        clients: how many are connected.
    """
    workers = staff.status()
    first = workers[0] if workers else None
    return EngineStatus(
        pid=os.getpid(),
        version=tui.__version__,
        started=started,
        memory=resident_bytes(),
        clients=clients,
        running=jobs[0] if jobs else "",
        jobs=jobs,
        queued=len(store.jobs.list((JobState.QUEUED,))),
        paused=store.queue.paused,
        worker="none" if first is None else "drawing" if jobs else "warm",
        worker_pid=first.pid if first else None,
        model=first.model if first else "",
        device=first.device if first else "",
        precision=first.precision if first else "",
        workers=workers,
    )
