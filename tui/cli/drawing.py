"""What `generate`, `inpaint` and `rerun` share: run a job, put the files where they are wanted."""

import asyncio
import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import click
import msgspec

from tui.cli.errors import Sentence
from tui.cli.progress import Progress
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import ImageView, JobView, Submit
from tui.store.files import copy_durably
from tui.store.jobs import JobState
from tui.store.paths import Home, find_home, private_umask
from tui.store.settings import Settings, load_settings
from tui.store.store import open_store

PROJECT = "cli"
"""Everything drawn from the command line is one project."""

CANCELLED = 130
"""Exit code after ctrl+c, as shells have it."""


def open_home() -> tuple[Home, Settings]:
    """The home with its settings; its folders and the command line's project are made.

    Raises:
        StoreError: it cannot be used.
    """
    private_umask()
    home = find_home()
    settings = load_settings(home)
    with open_store(home) as store:
        store.projects.ensure(PROJECT, "Command line")
    return home, settings


def model_reference(given: str) -> str:
    """A model as the engine wants it named: folders absolute, whatever the working directory."""
    if given == "starter":
        return given
    path = Path(given).expanduser()
    looks_like_path = given.startswith((".", "/", "~")) or path.exists()
    return str(path.absolute()) if looks_like_path else given


def checked_out(out: Path | None) -> Path | None:
    """The folder for copies, made if it is missing.

    Raises:
        Sentence: it cannot be written; known before anything is drawn.
    """
    if out is None:
        return None
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Sentence(f"--out {out} cannot be made ({error.strerror}): choose another") from error
    if not os.access(out, os.W_OK | os.X_OK):
        raise Sentence(f"--out {out} cannot be written to: choose another folder")
    return out


def draw(home: Home, request: JobRequest) -> JobView:
    """Run a job to its end, with progress on standard error; ctrl+c cancels it.

    Raises:
        Sentence: it failed.
        click.exceptions.Exit: it was cancelled.
    """
    progress = Progress()
    try:
        view = asyncio.run(_drawn(home, request, progress))
    except (KeyboardInterrupt, asyncio.CancelledError):
        progress.close()
        click.echo("keepers: cancelled; finished images are kept", err=True)
        raise click.exceptions.Exit(CANCELLED) from None
    finally:
        progress.close()
    if view.state is JobState.CANCELLED:
        click.echo("keepers: the job was cancelled; finished images are kept", err=True)
        raise click.exceptions.Exit(CANCELLED)
    if view.state is not JobState.DONE:
        raise Sentence(view.error or f"the job ended as {view.state.value}")
    return view


async def _drawn(home: Home, request: JobRequest, progress: Progress) -> JobView:
    task = asyncio.current_task()
    assert task is not None
    # A closed terminal or a kill leaves the job to the engine; only ctrl+c is a wish to stop.
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    return await run_job(home, Submit(project=PROJECT, job=request), progress)


def copies(images: tuple[ImageView, ...], out: Path | None) -> list[ImageView]:
    """The images, copied into `out` where it is given."""
    if out is None:
        return list(images)
    placed = []
    for image in images:
        source = Path(image.path)
        target = copy_durably(source, out.absolute(), source.name)
        placed.append(msgspec.structs.replace(image, path=str(target)))
    return placed


def print_result(images: list[ImageView], model: str, begun: float, *, as_json: bool) -> None:
    """The paths, or one JSON object, on standard output."""
    if not as_json:
        for image in images:
            click.echo(image.path)
        return
    result: dict[str, Any] = {
        "images": [
            {
                "path": image.path,
                "seed": image.seed,
                "recipe": image.recipe,
                "intent": image.intent,
                "sha256": image.sha256,
                "seconds": round(image.seconds, 3),
                "found": image.found,
            }
            for image in images
        ],
        "seconds": round(time.monotonic() - begun, 3),
        "model": model,
    }
    click.echo(json.dumps(result))
