"""What several tests of the store need: values, processes, small disks."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import tui
from tui.domain.intent import Intent
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe, Route
from tui.domain.versioned import to_json
from tui.store.files import sha256_of, write_durably
from tui.store.images import ImageRecord
from tui.store.projects import Project
from tui.store.store import Store

REPOSITORY = Path(tui.__file__).parents[1]


def recipe(seed: int = 7, slot: int = 0) -> Recipe:
    intent = Intent("starter", Layers(subject="a cat"), seed, 20, 4.0, 128, 128)
    return Recipe(
        intent=intent,
        route=Route.TEXT_TO_IMAGE,
        prompt="a cat",
        negative_prompt="",
        pipeline="StableDiffusionPipeline",
        scheduler="DDIMScheduler",
        model_revision="r1",
        batch_size=4,
        slot=slot,
        precision="float32",
        device="cpu",
        threads=2,
        versions={"torch": "2.6"},
    )


def add_image(
    store: Store,
    project: Project,
    image_id: str,
    *,
    data: bytes = b"png",
    job_id: str | None = None,
    seed: int = 7,
    slot: int = 0,
    created: float = 1.0,
    seconds: float = 0.5,
) -> ImageRecord:
    path = store.projects.folder(project) / f"{image_id}.png"
    write_durably(path, data)
    made = recipe(seed, slot)
    record = ImageRecord(
        id=image_id,
        project_id=project.id,
        job_id=job_id,
        origin=Origin.GENERATED,
        path=path.relative_to(store.home.data).as_posix(),
        sha256=sha256_of(path),
        pixels="0" * 64,
        intent_key=made.intent.key,
        model_revision=made.model_revision,
        recipe_json=to_json(made),
        recipe_hash=made.hash,
        seed=seed,
        slot=slot,
        width=128,
        height=128,
        seconds=seconds,
        created=created,
    )
    store.images.add(record)
    return record


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process that runs this code; `print` from it can be read line by line."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )


def output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file may grow past `size` bytes in this block. Python ignores SIGXFSZ by itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
