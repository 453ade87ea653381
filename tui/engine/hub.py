"""Models by hub id: from the cache of this machine, else downloaded by a process of its own."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tui.domain.text import clean
from tui.engine.hub_files import VARIANTS, WANTED
from tui.engine.models import ModelError, checked_place
from tui.engine.worker_messages import ModelPlace

_LEAVE_SECONDS = 5.0
"""How long a download may take to clear away what is unfinished."""


def cached_model(reference: str) -> ModelPlace | None:
    """The model of a hub id if all of it is on this machine.

    Raises:
        ModelError: it is here and cannot be used.
    """
    folder = whole_snapshot(reference)
    if folder is None:
        return None
    return checked_place(reference, folder, revision=folder.name)


def whole_snapshot(reference: str) -> Path | None:
    """The folder of a hub id in the cache, if nothing is known to be missing from it."""
    from huggingface_hub import snapshot_download

    model, _, revision = reference.partition("@")
    try:
        folder = snapshot_download(
            model,
            revision=revision or None,
            local_files_only=True,
            allow_patterns=WANTED,
            ignore_patterns=VARIANTS,
        )
    except (OSError, ValueError):
        return None
    path = Path(folder)
    return path if (path / "model_index.json").exists() else None


async def downloaded_model(
    reference: str,
    says: Callable[[str], None],
    counts: Callable[[int, int], None] | None = None,
) -> ModelPlace:
    """Download a model; cancelling this coroutine ends the download, which goes on next time.

    Args:
        reference: `owner/name`, with `@revision` if wished.
        says: told in words what happens.
        counts: told how many bytes are here, and how many there will be.

    Raises:
        ModelError: unknown, gated, no network, or no room.
    """
    says(f"looking for {reference} on the hub")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "tui.engine.hub_download",
        reference,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # A ctrl+c reaches it by way of us, so that it clears up.
        start_new_session=True,
        env={**os.environ, "HF_HUB_DISABLE_TELEMETRY": "1"},
    )
    try:
        assert process.stdout is not None
        last = ""
        async for line in process.stdout:
            text = line.decode(errors="replace").strip()
            if text.startswith("says "):
                says(text.removeprefix("says "))
            elif text.startswith("bytes "):
                _count(text, counts)
            else:
                last = text
        code = await process.wait()
    finally:
        await _end(process)
    if code == 0:
        found = await asyncio.to_thread(cached_model, reference)
        if found is not None:
            return found
        last = f"{reference} holds no diffusers model: choose another id"
    raise ModelError(clean(last, limit=400) or f"{reference} could not be downloaded: try again")


def _count(text: str, counts: Callable[[int, int], None] | None) -> None:
    _, done, total = text.split()
    if counts is not None:
        counts(int(done), int(total))


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a download that runs; it is given time to take its unfinished files away."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _LEAVE_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
