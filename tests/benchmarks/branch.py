"""A round of four from one change, with each amount of change beside the full batch, in one run.

On the starter, and on a Stable Diffusion 1.5 of full size with random weights: the goals are at
most 0.6 of the full time for “some” and 0.4 for “little”.
"""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

import msgspec

from tests.benchmarks.models import model_of
from tui.domain.branch import UNSET, Amount, first_steps
from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import Submit
from tui.engine.supervisor import stop_engine
from tui.store.jobs import JobState
from tui.store.paths import Home, find_home
from tui.store.store import open_store

STARTER = Intent("starter", Layers(subject="owl", style="3d render"), 0, 20, 4.0, 128, 128)
ROUNDS = 3
FULL_SIZE_STEPS, FULL_SIZE_SIDE = 8, 256


def run() -> None:
    """Print seconds and shares."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = str(Path(folder) / "home")
        home = find_home()
        with open_store(home) as store:
            store.projects.ensure("bench", "Benchmark")
        try:
            asyncio.run(_measure(home, "starter", STARTER, ROUNDS))
            model = model_of("sd15")
            large = msgspec.structs.replace(
                STARTER,
                model=str(model),
                steps=FULL_SIZE_STEPS,
                width=FULL_SIZE_SIDE,
                height=FULL_SIZE_SIDE,
            )
            asyncio.run(_measure(home, "SD 1.5 size", large, 1))
        finally:
            asyncio.run(stop_engine(home))


async def _measure(home: Home, name: str, intent: Intent, rounds: int) -> None:
    await _seconds(home, intent.with_seed(900_000))
    times: dict[str, list[float]] = {"parent": [], **{amount: [] for amount in Amount}}
    # In turn, so that a busy machine is busy for all of them.
    for number in range(rounds):
        parent = intent.with_seed(100 * number)
        times["parent"].append(await _seconds(home, parent))
        words = Layers(subject="owl", style="cartoon")
        for amount in Amount:
            step = first_steps(amount, intent.steps)
            child = msgspec.structs.replace(
                parent, layers=words, branch=parent.begun(step) if step else UNSET
            )
            times[amount].append(await _seconds(home, child))
    full = statistics.median(times[Amount.ALL])
    print(f"{name}: a round of 4, {intent.steps} steps, median of {rounds}")
    for label, found in times.items():
        seconds = statistics.median(found)
        print(f"  {label:8} {seconds:7.2f} s   {seconds / full:5.2f} of all")


async def _seconds(home: Home, intent: Intent) -> float:
    seeds = tuple(intent.seed + slot for slot in range(4))
    job = JobRequest(intent=intent.checked(), seeds=seeds)
    begun = time.monotonic()
    view = await run_job(
        home, Submit(project="bench", job=job), lambda _event, _blob: None, previews=True
    )
    assert view.state is JobState.DONE, view.error
    return time.monotonic() - begun
