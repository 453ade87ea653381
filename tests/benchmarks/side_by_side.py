"""Two sides that draw the same, what each cost, and the ratios between them."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tests.benchmarks.bare import Bare
from tests.benchmarks.figures import Task
from tests.benchmarks.gpu_watch import GpuWatch
from tests.benchmarks.ours import Ours
from tests.benchmarks.processes import peak_bytes, resident_bytes
from tui.imaging.pixels import open_picture, to_array
from tui.store.paths import Home

IDLE_SECONDS = 10.0
WORDS = "an owl on a branch"
_Sides = Sequence[Bare | Ours]


def compare(home: Home, task: Task, out: Path, rounds: int) -> None:
    """Have both load twice and draw so many batches of each kind; print what they cost.

    On a processor both draw in turns, because a machine may have other work; on a GPU one after the
    other, because it may not have room for both.
    """
    bare, ours = Bare(task, out), Ours(task, home)
    sessions: list[tuple[_Sides, int]] = [([bare], 0), ([ours], 0), ([bare, ours], rounds)]
    if task.device != "cpu":
        sessions = [([bare], rounds), ([ours], rounds)] * 2
    for number, (sides, count) in enumerate(sessions):
        with ExitStack() as opened:
            watch = None
            if task.device != "cpu":
                watch = opened.enter_context(GpuWatch(task.device))
            # The same seeds for both, and none twice for ours: it would be found.
            _draw(sides, opened, 1_000 * (number // 2), count)
            for side in sides:
                found = side.figures
                found.memory = max(found.memory, peak_bytes(side.pid))
                if watch is not None:
                    found.on_gpu = max(found.on_gpu, watch.peak(side.pid))
            if number == len(sessions) - 1:
                print("\n".join(_told(bare, ours)), flush=True)
                _rest(ours)


def _draw(sides: _Sides, opened: ExitStack, first: int, rounds: int) -> None:
    for side in sides:
        opened.enter_context(side)
        side.figures.loads.append(side.draw(first, WORDS))
    for seed in range(first + 100, first + 100 + 10 * rounds, 10):
        for side in sides:
            side.figures.same.append(side.draw(seed, WORDS))
        for side in sides:
            side.figures.changed.append(side.draw(seed + 2, f"{WORDS}, number {seed}"))


def _told(bare: Bare, ours: Ours) -> Iterator[str]:
    theirs, mine = bare.figures, ours.figures
    for what, goal, before, after in (
        ("start, load and draw", "≤ 1.05", theirs.loads, mine.loads),
        ("a batch of two", "≤ 1.02", theirs.same, mine.same),
        ("with one layer changed", "< 1.00", theirs.changed, mine.changed),
    ):
        # The fastest of each, which other work on the machine disturbed least.
        said = [
            f"{min(them):.2f} and {min(us):.2f} s of {clock}, ratio {min(us) / min(them):.3f}"
            for clock, them, us in (
                ("wall", [each.wall for each in before], [each.wall for each in after]),
                ("processors", [c.processor for c in before], [c.processor for c in after]),
            )
        ]
        yield f"  {what:24}{'; '.join(said)} (goal {goal})"
    yield f"  {'peak memory':24}{_memory(theirs.memory, mine.memory)}"
    given, taken = (value >> 20 for value in bare.allocator)
    if mine.on_gpu:
        told = f"; bare torch gave out {given} MiB and took {taken}"
        yield f"  {'peak memory of the GPU':24}{_memory(theirs.on_gpu, mine.on_gpu)}{told}"
    elif taken:
        yield "  the driver does not say how much of the GPU is in use"
    yield f"  {'pixels':24}{max(_distances(bare, ours)):.2f} of 255 levels apart on average"


def _memory(theirs: int, ours: int) -> str:
    ratio = f"ratio {ours / theirs:.3f}" if theirs else "no ratio"
    return f"bare {theirs >> 20} MiB, worker {ours >> 20} MiB, {ratio} (goal ≤ 1.02)"


def _distances(bare: Bare, ours: Ours) -> Iterator[float]:
    """Mean levels between the pictures of one seed: whether both did the same work."""
    for seed in bare.pictures.keys() & ours.pictures.keys():
        for files in zip(bare.pictures[seed], ours.pictures[seed], strict=True):
            theirs, mine = (to_array(open_picture(file)).astype(np.float32) for file in files)
            yield float(np.abs(theirs - mine).mean())


def _rest(ours: Ours) -> None:
    begun, before = time.monotonic(), ours.used()
    time.sleep(IDLE_SECONDS)
    share = (ours.used() - before) / (time.monotonic() - begun)
    held = resident_bytes(ours.pid) >> 20
    print(f"  engine and worker, idle {share:.2%} of a processor, {held} MiB held")
    os.kill(ours.pid, signal.SIGKILL)
    ready = ours.seconds(100_000, WORDS, until="loading")
    print(f"  a worker after a kill   {ready:.2f} s until it loads", flush=True)
