"""The process that downloads a model: run as a child, so that it can be ended at any moment.

A line on standard output says what happens: `says TEXT`, `bytes DONE TOTAL`, or, as the last one,
what went wrong. Files that are whole stay in the cache, so that the next download goes on there.
"""

import contextlib
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tui.engine.hub_cache import cache_folder
from tui.engine.hub_files import WANTED, HubFile, bytes_here, is_wanted, unwanted_variants

_LOOK_SECONDS = 0.5
"""Between two looks at how much has come."""


def main(reference: str) -> int:
    """Download; 0, or 1 when the last line says why not."""
    from huggingface_hub import HfApi, snapshot_download

    _leave_nothing_unfinished()
    owner_and_name, _, revision = reference.partition("@")
    try:
        info = HfApi().model_info(
            owner_and_name, revision=revision or None, files_metadata=True, timeout=15
        )
        listed = _files(info)
        unwanted = unwanted_variants(file.name for file in listed)
        files = [file for file in listed if is_wanted(file.name, unwanted)]
        total = sum(file.size for file in files)
        folder = cache_folder() / f"models--{owner_and_name.replace('/', '--')}" / "blobs"
        _check_disk(reference, total - bytes_here(folder, files))
        _print(f"says downloading {reference}, {total / 1e9:.1f} GB")
        with _counting(folder, files, total):
            # By its name, not its commit: only so does the cache learn where the name points.
            snapshot_download(
                owner_and_name,
                revision=revision or None,
                allow_patterns=WANTED,
                ignore_patterns=unwanted,
            )
    except _NoRoomError as error:
        _print(str(error))
    except Exception as error:  # noqa: BLE001 - every network library has errors of its own
        _print(_sentence(reference, error))
    else:
        return 0
    return 1


class _NoRoomError(Exception):
    """The disk is too full; the message is for the person."""


def _files(info: Any) -> list[HubFile]:
    return [
        HubFile(
            sibling.rfilename,
            sibling.size or 0,
            (sibling.lfs.sha256 if sibling.lfs else sibling.blob_id) or "",
        )
        for sibling in info.siblings or ()
    ]


def _check_disk(reference: str, missing: int) -> None:
    cache = cache_folder()
    there = next((path for path in (cache, *cache.parents) if path.exists()), Path("/"))
    free = shutil.disk_usage(there).free
    if free < missing:
        raise _NoRoomError(
            f"{reference} needs {missing / 1e9:.1f} GB and {free / 1e9:.1f} GB are free in "
            f"{cache}: free some space there, or set HF_HOME to a folder on another disk"
        )


@contextlib.contextmanager
def _counting(folder: Path, files: list[HubFile], total: int) -> Any:
    """Say how much has come, until the download has ended."""
    ended = threading.Event()

    def look() -> None:
        last = -1
        while True:
            is_over = ended.wait(_LOOK_SECONDS)
            done = bytes_here(folder, files)
            if done != last:
                last = done
                _print(f"bytes {done} {total}")
            if is_over:
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _leave_nothing_unfinished() -> None:
    """When told to end, take what is half here away: the library never goes on with it."""

    def end(_number: int, _frame: object) -> None:
        for link in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                target = link.readlink()
                if target.name.endswith(".incomplete"):
                    target.unlink()
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)


def _sentence(reference: str, error: Exception) -> str:
    """What went wrong and what would do, for a person."""
    from huggingface_hub import constants
    from huggingface_hub import errors as hub_errors

    model, _, revision = reference.partition("@")
    match error:
        case hub_errors.GatedRepoError():
            return (
                f"{model} is gated: accept its terms at {constants.ENDPOINT}/{model}, then log in "
                "with “hf auth login”, or set HF_TOKEN and start Keepers again after “keepers "
                "engine stop”"
            )
        case hub_errors.RepositoryNotFoundError():
            return (
                f"there is no model {model} on the hub, or it is private: check the id, or log in "
                "with “hf auth login”"
            )
        case hub_errors.RevisionNotFoundError():
            return f"{model} has no revision {revision}: check it on the hub"
        case hub_errors.OfflineModeIsEnabled():
            return (
                f"{reference} is not on this machine, and HF_HUB_OFFLINE keeps Keepers from the "
                "hub: unset it, or give a folder"
            )
    return (
        f"{reference} is not on this machine and the hub cannot be reached "
        f"({type(error).__name__}): check the network, or give a folder"
    )


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
