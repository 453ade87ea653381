"""The process that downloads: run as a child, so that it can be ended at any moment.

It tells what `telling` reads: `holds ROLE REFERENCE` for what it turned out to be. Files that are
whole stay in the cache, so that the next download goes on there.
"""

import contextlib
import os
import shutil
import signal
import sys
from glob import escape
from pathlib import Path
from typing import Any

from tui.engine.hub_cache import cache_folder
from tui.engine.hub_choice import Repository, chosen
from tui.engine.hub_files import HubFile, bytes_here
from tui.engine.hub_parts import CONFIG, class_in
from tui.engine.hub_reference import HubReference, hub_reference
from tui.engine.lora_header import Shapes
from tui.engine.models import ModelError
from tui.engine.telling import counting, tell

ONLY_MODEL = "only-model"
"""What the process is told where a LoRA or a VAE would not do."""


def main(text: str, *, only_model: bool = False) -> int:
    """Download; 0, or 1 when the last line says why not.

    Args:
        text: `owner/name`, with `@revision` and `/file` if wished.
        only_model: whether a LoRA or a VAE is refused.
    """
    from huggingface_hub import HfApi, snapshot_download

    _leave_nothing_unfinished()
    reference = hub_reference(text)
    assert reference is not None
    revision = reference.revision or None
    try:
        info = HfApi().model_info(
            reference.name, revision=revision, files_metadata=True, timeout=15
        )
        choice = chosen(_repository(reference, _files(info)), only_model=only_model)
        total = sum(file.size for file in choice.files)
        folder = cache_folder() / f"models--{reference.name.replace('/', '--')}" / "blobs"
        _check_disk(text, total - bytes_here(folder, choice.files))
        tell(f"holds {choice.role} {choice.reference}")
        tell(f"says downloading {choice.reference}, {total / 1e9:.1f} GB")
        with counting(lambda: bytes_here(folder, choice.files), total):
            # By its name, not its commit: only so does the cache learn where the name points.
            snapshot_download(
                reference.name,
                revision=revision,
                allow_patterns=[escape(file.name) for file in choice.files],
            )
    except (_NoRoomError, ModelError) as error:
        tell(str(error))
    except Exception as error:  # noqa: BLE001 - every network library has errors of its own
        tell(hub_trouble(reference, error))
    else:
        return 0
    return 1


def _repository(reference: HubReference, files: tuple[HubFile, ...]) -> Repository:
    from huggingface_hub import HfApi, hf_hub_download

    revision = reference.revision or None

    def class_name() -> str:
        path = hf_hub_download(reference.name, CONFIG, revision=revision)
        return class_in(Path(path).parent)

    def shapes(name: str) -> Shapes:
        found = HfApi().parse_safetensors_file_metadata(reference.name, name, revision=revision)
        return {tensor: tuple(told.shape) for tensor, told in found.tensors.items()}

    return Repository(reference, files, class_name, shapes)


class _NoRoomError(Exception):
    """The disk is too full; the message is for the person."""


def _files(info: Any) -> tuple[HubFile, ...]:
    return tuple(
        HubFile(
            sibling.rfilename,
            sibling.size or 0,
            (sibling.lfs.sha256 if sibling.lfs else sibling.blob_id) or "",
        )
        for sibling in info.siblings or ()
    )


def _check_disk(reference: str, missing: int) -> None:
    cache = cache_folder()
    there = next((path for path in (cache, *cache.parents) if path.exists()), Path("/"))
    free = shutil.disk_usage(there).free
    if free < missing:
        raise _NoRoomError(
            f"{reference} needs {missing / 1e9:.1f} GB and {free / 1e9:.1f} GB are free in "
            f"{cache}: free some space there, or set HF_HOME to a folder on another disk"
        )


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


def hub_trouble(reference: HubReference, error: Exception, instead: str = "give a folder") -> str:
    """What went wrong and what would do, for a person."""
    from huggingface_hub import constants
    from huggingface_hub import errors as hub_errors

    model, revision = reference.name, reference.revision
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
        case hub_errors.SafetensorsParsingError():
            return f"{reference} is not a safetensors file, or broken on the hub: choose another id"
        case hub_errors.OfflineModeIsEnabled():
            return (
                f"{reference} is not on this machine, and HF_HUB_OFFLINE keeps Keepers from the "
                f"hub: unset it, or {instead}"
            )
    return (
        f"{reference} is not on this machine and the hub cannot be reached "
        f"({type(error).__name__}): check the network, or {instead}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], only_model=ONLY_MODEL in sys.argv[2:]))
