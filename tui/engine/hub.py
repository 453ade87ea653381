"""Models by hub id: from the cache of this machine, else downloaded by a process of its own."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tui.domain.text import clean
from tui.engine.models import ModelError, checked_place
from tui.engine.worker_messages import ModelPlace

_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*.md"]
"""What a diffusers folder needs; no pickles, no code."""


def cached_model(reference: str) -> ModelPlace | None:
    """The model of a hub id if all of it is on this machine.

    Raises:
        ModelError: it is here and cannot be used.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    owner_and_name, _, revision = reference.partition("@")
    try:
        folder = snapshot_download(owner_and_name, revision=revision or None, local_files_only=True)
    except (LocalEntryNotFoundError, OSError, ValueError):
        return None
    path = Path(folder)
    if not (path / "model_index.json").exists():
        return None
    return checked_place(reference, path, revision=path.name)


async def downloaded_model(reference: str, says: Callable[[str], None]) -> ModelPlace:
    """Download a model; cancelling this coroutine kills the download, which resumes next time.

    Args:
        reference: `owner/name`, with `@revision` if wished.
        says: told in words what happens.

    Raises:
        ModelError: unknown, gated, or no network.
    """
    says(f"looking for {reference} on the hub")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "tui.engine.hub",
        reference,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HF_HUB_DISABLE_TELEMETRY": "1"},
    )
    try:
        assert process.stdout is not None
        last = ""
        async for line in process.stdout:
            text = line.decode(errors="replace").strip()
            if text.startswith("says "):
                says(text.removeprefix("says "))
            else:
                last = text
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code == 0:
        found = cached_model(reference)
        if found is not None:
            return found
        last = f"{reference} holds no diffusers model: choose another id"
    raise ModelError(clean(last, limit=400) or f"{reference} could not be downloaded: try again")


def _download(reference: str) -> int:
    """Child process: download, with a sentence on standard output for whatever goes wrong."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub import errors as hub_errors

    owner_and_name, _, revision = reference.partition("@")
    try:
        info = HfApi().model_info(
            owner_and_name, revision=revision or None, files_metadata=True, timeout=15
        )
        size = sum(f.size or 0 for f in info.siblings or () if f.rfilename.endswith(_WHOLE))
        _print(f"says downloading {reference}, up to {size / 1e9:.1f} GB")
        snapshot_download(owner_and_name, revision=info.sha, allow_patterns=_FILES)
    except hub_errors.GatedRepoError:
        _print(
            f"{reference} is gated: accept its terms on the hub, then set HF_TOKEN or log in with "
            "the hub's own command"
        )
    except hub_errors.RepositoryNotFoundError:
        _print(f"there is no model {reference} on the hub, or it is private: check the id")
    except hub_errors.RevisionNotFoundError:
        _print(f"{owner_and_name} has no revision {revision}: check it on the hub")
    except Exception as error:  # noqa: BLE001 - every network library has errors of its own
        _print(
            f"{reference} is not on this machine and the hub cannot be reached "
            f"({type(error).__name__}): check the network, or give a folder"
        )
    else:
        return 0
    return 1


_WHOLE = (".safetensors", ".json", ".txt", ".model")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(_download(sys.argv[1]))
