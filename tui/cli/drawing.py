"""What `generate`, `inpaint` and `rerun` share: run a job, and print what came of it."""

import asyncio
import contextlib
import json
import signal
import time
from typing import Any

import click

from tui.cli.errors import CANCELLED, Sentence
from tui.cli.home import PROJECT
from tui.cli.output import say, say_path, tell
from tui.cli.progress import Progress
from tui.engine.following import run_job
from tui.engine.jobs import JobRequest
from tui.engine.messages import ImageView, JobView, Submit
from tui.store.jobs import JobState
from tui.store.paths import Home


def draw(home: Home, request: JobRequest) -> JobView:
    """Run a job to its end, with progress on standard error; ctrl+c cancels it.

    Raises:
        Sentence: it failed.
        click.exceptions.Exit: it was cancelled.
    """
    progress = Progress(kept=request.keep)
    try:
        view = asyncio.run(_drawn(home, request, progress))
    except (KeyboardInterrupt, asyncio.CancelledError):
        progress.close()
        tell("cancelled; finished images are kept")
        raise click.exceptions.Exit(CANCELLED) from None
    finally:
        progress.close()
    if view.state is JobState.CANCELLED:
        tell("the job was cancelled; finished images are kept")
        raise click.exceptions.Exit(CANCELLED)
    if view.state is not JobState.DONE:
        raise Sentence(view.error or f"the job ended as {view.state.value}: try again")
    if len(view.images) < view.total:
        raise Sentence(
            "the job is done but its images are gone: the model or the library was changed while "
            "it ran, so try again"
        )
    return view


async def _drawn(home: Home, request: JobRequest, progress: Progress) -> JobView:
    task = asyncio.current_task()
    assert task is not None
    # A closed terminal or a kill leaves the job to the engine; only ctrl+c is a wish to stop.
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    return await run_job(home, Submit(project=PROJECT, job=request), progress)


def print_result(images: list[ImageView], model: str, begun: float, *, as_json: bool) -> None:
    """The paths, or one JSON object, on standard output."""
    if not as_json:
        for image in images:
            say_path(image.path)
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
    say(json.dumps(result))
