"""Repainting a fifth of a picture beside drawing the whole of it: the goal is 0.6 of the time.

On a Stable Diffusion 1.5 of full size with random weights, at 512². The area is drawn at the size
that the model draws best, so that the steps left out by the strength are what is saved.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np

from tests.benchmarks.models import model_of
from tui.domain.intent import Intent
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import Submit
from tui.engine.supervisor import stop_engine
from tui.imaging.mask_shapes import rectangle
from tui.imaging.pixels import open_picture, pixel_hash, png_bytes
from tui.store import inputs
from tui.store.jobs import JobState
from tui.store.paths import Home, find_home
from tui.store.store import open_store

STEPS, SIDE = 2, 512
"""Even, so that half of the steps is a whole number of them."""
AREA = rectangle((SIDE, SIDE), (140, 140, 369, 369))
"""A fifth of the picture."""
STRENGTHS = (1.0, 0.5)


def run() -> None:
    """Print seconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = str(Path(folder) / "home")
        home = find_home()
        with open_store(home) as store:
            store.projects.ensure("bench", "Benchmark")
        model = str(model_of("sd15"))
        try:
            asyncio.run(_measure(home, model))
        finally:
            asyncio.run(stop_engine(home))


async def _measure(home: Home, model: str) -> None:
    wish = Intent(model, Layers(subject="owl"), 0, STEPS, 4.0, SIDE, SIDE)
    # Pays for loading.
    await _seconds(home, msgspec.structs.replace(wish, seed=900, steps=1, width=64, height=64))
    whole, file = await _seconds(home, wish)
    share = np.count_nonzero(AREA) / AREA.size
    print(f"whole picture, {SIDE}², {STEPS} steps               {whole:7.2f} s", flush=True)
    picture = open_picture(file)
    names = pixel_hash(picture), pixel_hash(AREA)
    inputs.put(home, names[0], png_bytes(picture))
    inputs.put(home, names[1], png_bytes(AREA))
    for strength in STRENGTHS:
        repaint = msgspec.structs.replace(
            wish, init_image=names[0], mask=names[1], strength=strength
        )
        seconds, _ = await _seconds(home, repaint)
        says = f"{share:.0%} of it, strength {strength:g}, {int(STEPS * strength)} steps"
        print(f"{says:36} {seconds:7.2f} s   {seconds / whole:5.2f}", flush=True)


async def _seconds(home: Home, intent: Intent) -> tuple[float, str]:
    """How long one image takes, and its file."""
    origin = Origin.INPAINTED if intent.mask else Origin.GENERATED
    job = JobRequest(intent=intent.checked(), seeds=(intent.seed,), origin=origin)
    begun = time.monotonic()
    view = await run_job(home, Submit(project="bench", job=job), lambda _event, _blob: None)
    assert view.state is JobState.DONE, view.error
    return time.monotonic() - begun, view.images[0].path
