"""LoRAs and autoencoders in the hub's cache: which there are, and where one of them lies.

A repository of a LoRA has files of weights and no index; one of an autoencoder has its
configuration and weights at the top.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tui.domain.lora import SUFFIX
from tui.domain.text import clean
from tui.engine.hub_cache import (
    Snapshot,
    cache_folder,
    every_snapshot_of,
    is_pipeline,
    snapshot_of,
    snapshots,
)
from tui.engine.hub_reference import HubReference
from tui.engine.json_file import json_table
from tui.engine.lora_header import is_lora
from tui.engine.models import ModelError
from tui.engine.safetensors_header import WeightsError, read_weights
from tui.engine.single_files import LORA, UNKNOWN, family_of_tensors
from tui.store.errors import StoreError
from tui.store.files import known_sha256

CONFIG = "config.json"
_AUTOENCODERS = ("Autoencoder", "VQModel")
"""One of these is in the name of every class of diffusers' autoencoders."""
_COMPONENT = re.compile(
    r"(model|diffusion_pytorch_model|adapter_model)(-\d+-of-\d+|\.\w+)*\.safetensors"
)
"""How weights are called that are a part of something, and never a LoRA by themselves."""
_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_FILES, _DEEPEST = 500, 2
_MOST_NAMED = 6


@dataclass(frozen=True)
class CachedPart:
    """A LoRA, an autoencoder, or another single file in the cache."""

    reference: str
    """By which it is chosen."""
    path: Path
    """The file of a LoRA, the folder of an autoencoder."""
    commit: str
    """Forty hexadecimal digits."""


def cached_loras() -> list[CachedPart]:
    """Every LoRA in the cache, by name."""
    return [part for _, part in _single_files() if _family(part.path) == LORA]


def cached_vaes() -> list[CachedPart]:
    """Every autoencoder that is a repository by itself, by name."""
    return [
        CachedPart(each.model, each.folder, each.commit)
        for each in _snapshots()
        if not is_pipeline(each.folder) and is_autoencoder(class_in(each.folder))
    ]


def cached_files() -> list[CachedPart]:
    """Every LoRA in the cache, and every model that is there as a single file only, by name."""
    return [
        part
        for snapshot, part in _single_files()
        if (family := _family(part.path)) == LORA
        or (family != UNKNOWN and not is_pipeline(snapshot.folder))
    ]


def single_files_among(names: list[str]) -> list[str]:
    """Of a repository's files, the weights that stand for themselves, by name.

    Folders with a configuration of their own are components of a model.
    """
    components = {_folder(name) for name in names if name.endswith(f"/{CONFIG}")}
    return sorted(
        name
        for name in names
        if name.endswith(SUFFIX)
        and _folder(name) not in components
        and not _COMPONENT.fullmatch(name.rpartition("/")[2])
    )


def is_autoencoder(class_name: str) -> bool:
    """Whether a class of diffusers is one of an autoencoder."""
    return any(mark in class_name for mark in _AUTOENCODERS)


def class_in(folder: Path) -> str:
    """The class that a component's configuration names; empty for none."""
    named = (json_table(folder / CONFIG) or {}).get("_class_name")
    return named if isinstance(named, str) else ""


def hub_lora(reference: HubReference, sha256: str = "") -> Path:
    """The file of a LoRA in the cache.

    Args:
        reference: which.
        sha256: of the file that is taken if any revision here has it; else it is the named one's.

    Raises:
        ModelError: it is not there.
    """
    if sha256:
        for folder in every_snapshot_of(reference):
            if _is_file(folder / reference.file, sha256):
                return folder / reference.file
    snapshot = snapshot_of(reference)
    if snapshot is None or not (snapshot / reference.file).is_file():
        raise _not_here("LoRA", reference)
    return snapshot / reference.file


def only_lora(reference: HubReference) -> str:
    """The reference of the one LoRA that a repository in the cache has.

    Raises:
        ModelError: none of them is there, or several are.
    """
    snapshot = snapshot_of(reference)
    names = single_files_among(_files_in(snapshot)) if snapshot else []
    found = [name for name in names if snapshot and _family(snapshot / name) == LORA]
    if not found:
        raise _not_here("LoRA", reference)
    if len(found) > 1:
        raise ModelError(several(reference, found))
    return f"{reference.model}/{found[0]}"


def hub_vae(reference: HubReference) -> Path:
    """The folder of an autoencoder's, or a model's, snapshot in the cache.

    Raises:
        ModelError: it is not there.
    """
    snapshot = snapshot_of(reference)
    if snapshot is None:
        raise _not_here("VAE", reference)
    return snapshot


def several(reference: HubReference, names: list[str]) -> str:
    """The sentence that asks which LoRA of a repository is meant."""
    return (
        f"{reference} has {len(names)} files that may be the LoRA: give one with its name, such as "
        f"{reference}/{clean(names[0], limit=80)}; there are {named(names)}"
    )


def named(names: list[str]) -> str:
    """A list of files as it is shown, harmless; empty for none."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(clean(name, limit=80) for name in names[:_MOST_NAMED]) + more


def _not_here(kind: str, reference: HubReference) -> ModelError:
    return ModelError(
        f"the {kind} {reference} is not on this machine: get it with “keepers models fetch "
        f"{reference}”, or with N on the models screen"
    )


def _is_file(path: Path, sha256: str) -> bool:
    """Whether a file of the cache has that hash; its links lead to names that tell most hashes."""
    name = path.resolve().name
    if _HASH.fullmatch(name) and name != sha256:
        return False
    try:
        return path.is_file() and known_sha256(path) == sha256
    except StoreError:
        return False


def _single_files() -> Iterator[tuple[Snapshot, CachedPart]]:
    for each in _snapshots():
        for name in single_files_among(_files_in(each.folder)):
            yield each, CachedPart(f"{each.model}/{name}", each.folder / name, each.commit)


def _snapshots() -> list[Snapshot]:
    try:
        return list(snapshots(cache_folder()))
    except OSError:
        return []


def _files_in(snapshot: Path) -> list[str]:
    """Files of a snapshot by their paths in it; only the first of very many."""
    found: list[str] = []
    for name in _walk(snapshot, "", 0):
        if len(found) >= _MOST_FILES:
            break
        found.append(name)
    return found


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return  # another user's, or gone meanwhile
    for entry in entries:
        if entry.is_file():
            yield prefix + entry.name
        elif depth < _DEEPEST and entry.is_dir():
            yield from _walk(Path(entry.path), f"{prefix}{entry.name}/", depth + 1)


def _family(path: Path) -> str:
    """What a file of weights is, by its header."""
    try:
        names = read_weights(path).names
    except WeightsError:
        return UNKNOWN
    family = family_of_tensors(names)
    return UNKNOWN if family == LORA and not is_lora(names) else family


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
