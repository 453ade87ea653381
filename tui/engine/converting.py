"""A model in one file, as other programs keep them, becomes a diffusers folder. No torch.

All of Keepers draws with folders: fit, prompt length, sizes and families are read from them.
diffusers does the work, in a process of its own, and the file stays as it is.
"""

import asyncio
import re
import shutil
from pathlib import Path

from tui.domain.text import clean
from tui.engine.models import ModelError, check_folder
from tui.engine.resolving import known_place
from tui.engine.safetensors_header import Weights, WeightsError, read_weights
from tui.engine.single_files import refusal
from tui.engine.telling import Counts, Says, told_by

_LONGEST = 80


def check_convertible(file: str) -> Weights:
    """What a file holds that a folder can be made of.

    Args:
        file: absolute.

    Raises:
        ModelError: it is none, or broken, a pickle, a LoRA, or enlarges pictures.
    """
    path = Path(file)
    if not path.is_absolute() or not path.is_file():
        raise ModelError(f"there is no file {clean(file, limit=300)}: check the path")
    if why := refusal(path):
        raise ModelError(f"{clean(path.name, limit=120)} cannot become a folder: {why}")
    try:
        return read_weights(path)
    except WeightsError as error:
        raise ModelError(clean(str(error), limit=600)) from error


def folder_for(file: Path, models: Path) -> Path:
    """Where the folder of a file is, or would be."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("-.")[:_LONGEST].strip("-.")
    return models / (name or "model")


async def converted(
    file: str, like: str, models: Path, says: Says, counts: Counts | None = None
) -> Path:
    """Make the folder of a file; cancelling this coroutine leaves nothing of it.

    Args:
        file: absolute.
        like: a model on this machine, of the same family, that gives its configuration and the
            components that the file lacks; empty for the configuration of the family's first model,
            from the hub if it is not here.
        models: the folder that it goes to.
        says: told in words what happens.
        counts: told how many bytes are written, and about how many there will be.

    Raises:
        ModelError: the file is none that can be converted, something is missing, or no room.
    """
    weights = await asyncio.to_thread(check_convertible, file)
    template = await asyncio.to_thread(_template, like) if like else ""
    target = folder_for(Path(file), models)
    if target.exists():
        raise ModelError(
            f"{target} is there already: draw with it, or rename the file to make another folder"
        )
    _check_disk(Path(file), weights.size, models)
    part = models / f".{target.name}.part"
    await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)
    try:
        ended = await told_by(
            "tui.engine.worker.converting", file, template, str(part), says=says, counts=counts
        )
        if ended.code:
            raise ModelError(clean(ended.last, limit=800) or _ended(file))
        await asyncio.to_thread(check_folder, str(target), part)
        part.rename(target)
    except OSError as error:
        raise ModelError(
            f"{target} cannot be written ({error.strerror}): check the disk"
        ) from error
    finally:
        await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)
    return target


def _template(like: str) -> str:
    place = known_place(like)
    if place is None:
        shown = clean(like, limit=300)
        raise ModelError(
            f"{shown} is not on this machine: download it first with “keepers models fetch {shown}”"
        )
    return place.folder


def _check_disk(file: Path, size: int, models: Path) -> None:
    try:
        models.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(models).free
    except OSError as error:
        raise ModelError(f"{models} cannot be used ({error.strerror}): check its rights") from error
    if free < size:
        raise ModelError(
            f"a folder of {clean(file.name, limit=120)} needs {size / 1e9:.1f} GB and "
            f"{free / 1e9:.1f} GB are free in {models}: free some space there"
        )


def _ended(file: str) -> str:
    name = clean(Path(file).name, limit=120)
    return f"the conversion of {name} ended by itself, perhaps for want of memory: try again"
