"""Keepers beside the bare diffusers call: same model, same settings, previews on.

The starter shows each constant cost. Random models of the sizes that people use show what is left
of them beside real work, and what memory they take.

    python -m tests.benchmarks overhead --device cuda:0                 # SD 1.5, SDXL and Flux
    python -m tests.benchmarks overhead --size sdxl flux --scale 10     # small ones, anywhere
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.figures import Task
from tests.benchmarks.models import CACHE, model_of
from tests.benchmarks.side_by_side import compare
from tests.benchmarks.sizes import CPU_SIDE, CPU_STEPS, SIZES, STARTER
from tui.engine.gpus import gpus
from tui.engine.pool import worker_environment
from tui.engine.supervisor import stop_engine
from tui.store.paths import find_home
from tui.store.store import open_store

_PRECISION = (
    "import sys; from tui.engine.worker.placement import place; "
    "print(place(sys.argv[1], 'auto').precision)"
)


def run(*options: str) -> None:
    """Print the ratios.

    Raises:
        SystemExit: an option is wrong, there is no such device, or no room for a model.
    """
    told = _options(options)
    precision = _precision(told.device)
    on_gpu = told.device != "cpu"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = str(Path(folder) / "home")
        home = find_home()
        home.create()
        home.settings_file.write_text(f'precision = "{precision}"\ndevice = "{told.device}"\n')
        with open_store(home) as store:
            store.projects.ensure("bench", "Benchmark")
        try:
            for name in told.size or (["sd15", "sdxl", "flux"] if on_gpu else [STARTER, "sd15"]):
                task = _task(name, told, precision)
                if _has_room(task):
                    compare(home, task, Path(folder), told.rounds)
        finally:
            asyncio.run(stop_engine(home))


def _task(name: str, told: argparse.Namespace, precision: str) -> Task:
    """What is drawn, said; its model is made where it is not there yet."""
    size = SIZES[name]
    is_small = told.device == "cpu" and name != STARTER
    steps = told.steps or (CPU_STEPS if is_small else size.steps)
    side = told.side or (CPU_SIDE if is_small else size.side)
    model = model_of(name, precision=precision, scale=told.scale, cache=told.cache)
    scaled = f" / {told.scale}" if told.scale > 1 and name != STARTER else ""
    what = f"{size.title}{scaled}, {steps} steps, {side}², {precision}, {told.device}"
    print(f"{what}; bare diffusers and Keepers:", flush=True)
    return Task(size, model, told.device, precision, steps, side)


def _options(options: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks overhead")
    parser.add_argument("--size", nargs="+", choices=SIZES, help="models, one after the other")
    parser.add_argument("--device", default="cpu", help="cpu or cuda:N")
    parser.add_argument("--scale", type=int, default=1, help="divide layers and widths by this")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"random models; {CACHE}")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--side", type=int, default=0, help="pixels")
    parser.add_argument("--rounds", type=int, default=4, help="batches of each kind")
    told = parser.parse_args(options)
    if told.device != "cpu" and not told.device.removeprefix("cuda:").isdigit():
        parser.error("--device is cpu or a GPU by its number, such as cuda:0")
    if told.scale < 1 or told.rounds < 1:
        parser.error("--scale and --rounds are 1 or more")
    return told


def _precision(device: str) -> str:
    """What `auto` means there; in a process of its own, for it would hold a context of the GPU."""
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _PRECISION, device],
        capture_output=True,
        text=True,
        env=worker_environment(),
    )
    if found.returncode:
        sys.exit(found.stderr.strip().rpartition("\n")[2])
    return found.stdout.strip()


def _has_room(task: Task) -> bool:
    """Whether a GPU has memory for the weights; said, where it has not."""
    weights = sum(file.stat().st_size for file in task.model.glob("*/*.safetensors"))
    for gpu in gpus():
        if task.device == f"cuda:{gpu.index}" and gpu.free < weights:
            print(f"  left out: {weights >> 20} MiB of weights, {gpu.free >> 20} MiB are free")
            return False
    return True
