"""Keepers beside the bare diffusers call: same model, same settings, previews on, in turns.

The starter shows each constant cost. A Stable Diffusion 1.5 of full size with random weights shows
what is left of them beside real work, and what memory they take. Both draw in turns, because a
machine may have other work.
"""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.bare import Bare, Task, make_model
from tests.benchmarks.processes import peak_bytes, processor_seconds, resident_bytes
from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import AskStatus, EngineStatus, Event, JobSays, Submit
from tui.engine.models import starter_folder
from tui.engine.supervisor import connect, stop_engine
from tui.store.paths import Home, find_home
from tui.store.store import open_store

LOADS, ROUNDS, IDLE_SECONDS = 2, 4, 10.0
WORDS = "an owl on a branch"


class Cost(NamedTuple):
    """Seconds that a drawing took."""

    wall: float
    processor: float
    """Of all processors; it tells less of what else the machine does."""


def run() -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = str(Path(folder) / "home")
        home = find_home()
        home.create()
        home.settings_file.write_text('precision = "float32"\ndevice = "cpu"\n')
        with open_store(home) as store:
            store.projects.ensure("bench", "Benchmark")
        try:
            print("the starter, 20 steps; bare diffusers and Keepers:", flush=True)
            _measure(home, Task(starter_folder(), 20, 128), Path(folder))
            print("a Stable Diffusion 1.5 of full size, 2 steps", flush=True)
            _measure(home, Task(make_model(Path(folder) / "model"), 2, 128), Path(folder))
        finally:
            asyncio.run(stop_engine(home))


def _measure(home: Home, task: Task, out: Path) -> None:
    loads: list[tuple[Cost, Cost]] = []
    for seed in range(LOADS):
        begun = time.monotonic()
        with Bare(task, out) as bare:
            bare.draw(seed, WORDS)
            theirs = Cost(time.monotonic() - begun, processor_seconds(bare.pid))
        asyncio.run(stop_engine(home))
        seconds = asyncio.run(_batch(home, task, 10 * seed, WORDS))
        loads.append((theirs, Cost(seconds, _used(asyncio.run(_status(home))))))
    _say("start, load and draw", loads)
    status = asyncio.run(_status(home))
    assert status.worker_pid is not None
    with Bare(task, out) as bare:
        bare.draw(0, WORDS)
        same: list[tuple[Cost, Cost]] = []
        other: list[tuple[Cost, Cost]] = []
        for seed in range(100, 100 + 10 * ROUNDS, 10):
            for rounds, words in ((same, WORDS), (other, f"{WORDS}, number {seed}")):
                before = processor_seconds(bare.pid)
                seconds = bare.draw(seed, words)
                theirs = Cost(seconds, processor_seconds(bare.pid) - before)
                before = _used(status)
                # Another seed each time, for what has been drawn would be found.
                seconds = asyncio.run(_batch(home, task, seed + 2 * (rounds is other), words))
                rounds.append((theirs, Cost(seconds, _used(status) - before)))
        _say("a batch of two", same)
        _say("with one layer changed", other)
        peaks = peak_bytes(bare.pid), peak_bytes(status.worker_pid)
    print(f"peak memory               {_memory(*peaks)}")
    begun, before = time.monotonic(), _used(status)
    time.sleep(IDLE_SECONDS)
    share = (_used(status) - before) / (time.monotonic() - begun)
    held = resident_bytes(status.worker_pid) >> 20
    print(f"engine and worker, idle   {share:.2%} of a processor, {held} MiB held")
    os.kill(status.worker_pid, signal.SIGKILL)
    ready = asyncio.run(_batch(home, task, 1000, WORDS, until="loading"))
    print(f"a worker after a kill     {ready:.2f} s until it loads", flush=True)


def _say(what: str, costs: Sequence[tuple[Cost, Cost]]) -> None:
    """The fastest of each, which other work on the machine disturbed least."""
    theirs, ours = zip(*costs, strict=True)
    told = [
        f"{min(bare):.2f} and {min(mine):.2f} s of {clock}, ratio {min(mine) / min(bare):.3f}"
        for clock, bare, mine in (
            ("wall", [each.wall for each in theirs], [each.wall for each in ours]),
            ("processors", [each.processor for each in theirs], [each.processor for each in ours]),
        )
    ]
    print(f"{what:26}{'; '.join(told)}", flush=True)


def _memory(theirs: int, ours: int) -> str:
    return f"bare {theirs >> 20} MiB, worker {ours >> 20} MiB, ratio {ours / theirs:.3f}"


def _used(status: EngineStatus) -> float:
    assert status.worker_pid is not None
    return processor_seconds(status.pid) + processor_seconds(status.worker_pid)


async def _status(home: Home) -> EngineStatus:
    client = await connect(home)
    try:
        return await client.request(AskStatus(), EngineStatus)
    finally:
        await client.close()


async def _batch(home: Home, task: Task, seed: int, words: str, *, until: str = "") -> float:
    """Seconds until two images are there, or until the engine says that it is doing something."""
    intent = Intent(
        model=str(task.model),
        layers=Layers(subject=words, negatives="blurry"),
        seed=seed,
        steps=task.steps,
        guidance=4.0,
        width=task.side,
        height=task.side,
    )
    request = JobRequest(intent=intent, seeds=(seed, seed + 1))
    begun, said = time.monotonic(), []

    def hear(event: Event, _blob: bytes) -> None:
        if isinstance(event, JobSays) and until and event.text.startswith(until):
            said.append(time.monotonic())

    view = await run_job(home, Submit(project="bench", job=request), hear, previews=True)
    assert len(view.images) == 2, view.error
    return (said[0] if until else time.monotonic()) - begun
