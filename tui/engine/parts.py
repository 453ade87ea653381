"""What a wish puts on top of its model: LoRAs, and another autoencoder; found and checked.

Nothing in here imports torch. Whether every layer of a LoRA has its place in the model is seen by
the worker, which has both.
"""

import json
import os
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType

from tui.domain.intent import Intent
from tui.domain.lora import SUFFIX, Lora
from tui.domain.text import clean
from tui.engine.hub_parts import hub_lora, hub_vae, only_lora
from tui.engine.hub_reference import hub_reference
from tui.engine.lora_fit import check_fit
from tui.engine.lora_header import check_lora
from tui.engine.models import PICKLES, ModelError, check_weights_folder, folder_revision
from tui.engine.safetensors_header import WeightsError, read_weights
from tui.engine.worker_messages import LoraFile, ModelPlace, VaePlace
from tui.store.errors import StoreError
from tui.store.files import known_sha256

_VAE_FACTS = ("_class_name", "latent_channels", "z_dim")
OWN_VAE = "own"
_OWN = ("", OWN_VAE, "none", "the model's own")
"""What is typed for the model's own autoencoder."""

_LARGEST_CONFIG = 1 << 20


@dataclass(frozen=True)
class Parts:
    """Where they are."""

    loras: tuple[LoraFile, ...] = ()
    vae: VaePlace | None = None

    @property
    def told(self) -> tuple[tuple[str, ...] | UnsetType, str | UnsetType]:
        """What a recipe says of them: the LoRAs' hashes, and the autoencoder's."""
        hashes = tuple(lora.sha256 for lora in self.loras)
        return hashes or UNSET, UNSET if self.vae is None else self.vae.revision


def parts_of(intent: Intent, model: ModelPlace | None, hashes: tuple[str, ...] = ()) -> Parts:
    """The parts of a wish; a model that is not here yet cannot be compared with them.

    Args:
        intent: the wish.
        model: what they are put on top of.
        hashes: of the LoRAs' files that are taken if they are here, as far as they are known.

    Raises:
        ModelError: one of them is not there, broken, not safe to load, or of another size than the
            model.
    """
    wished = zip(intent.lora_list, chain(hashes, repeat("")), strict=False)
    loras = tuple(found_lora(lora, model, digest) for lora, digest in wished)
    known: dict[str, str] = {}
    for lora in loras:
        other = known.setdefault(lora.sha256, lora.reference)
        if other != lora.reference:
            raise ModelError(
                f"{_shown(other)} and {_shown(lora.reference)} are the same LoRA: "
                "keep one of them, with one weight"
            )
    return Parts(loras, found_vae(intent.own_vae, model) if intent.own_vae else None)


def found_lora(lora: Lora, model: ModelPlace | None = None, sha256: str = "") -> LoraFile:
    """A LoRA's file, checked as far as its header says.

    Args:
        lora: which.
        model: what it is to be put into, where that is here.
        sha256: of the file that is taken if the hub's cache has it, wherever its name points now.

    Raises:
        ModelError: not there, broken, cut short, no LoRA, a pickle, or of another size than the
            model.
    """
    shown, path = _shown(lora.reference), _lora_path(lora.reference, sha256)
    if path.suffix.lower() in PICKLES:
        raise ModelError(
            f"{shown} is a pickle file, which can run code when it is read: "
            f"get the LoRA as {SUFFIX}, which most pages offer beside it"
        )
    if not path.is_file():
        raise ModelError(f"there is no LoRA file {shown}: check the path and the name")
    try:
        check_lora(shown, read_weights(path).shapes)
        digest = known_sha256(path)
    except (WeightsError, StoreError) as error:
        raise ModelError(clean(str(error), limit=600)) from error
    file = LoraFile(lora.reference, str(path), digest, lora.weight)
    if model is not None:
        check_fit(file, model)
    return file


def found_vae(reference: str, model: ModelPlace | None) -> VaePlace:
    """The folder of an autoencoder, checked, and held against the model's own.

    Args:
        reference: a folder of one, a diffusers folder that holds one, or a hub id in the cache.
        model: whose autoencoder it takes the place of.

    Raises:
        ModelError: not there, broken, not safe to load, or of another kind than the model's.
    """
    shown, folder = _shown(reference), _vae_folder(reference)
    config = _config(folder)
    if not isinstance(config.get("_class_name"), str):
        raise ModelError(
            f"{shown} has no configuration of an autoencoder: give the diffusers folder of one"
        )
    check_weights_folder(shown, folder)
    own = _config(Path(model.folder) / "vae") if model is not None else {}
    for name in _VAE_FACTS:
        if own and own.get(name) != config.get(name):
            raise ModelError(
                f"{shown} does not fit {_shown(model.reference if model else '')}: its "
                f"{name.strip('_').replace('_', ' ')} is {_value(config.get(name))}, the model's "
                f"{_value(own.get(name))}; choose an autoencoder of the model's family"
            )
    if own and _halvings(own) != _halvings(config):
        raise ModelError(
            f"{shown} does not fit {_shown(model.reference if model else '')}: it makes a picture "
            f"smaller {_halvings(config)} times, the model's own {_halvings(own)} times; choose an "
            "autoencoder of the model's family"
        )
    try:
        return VaePlace(reference, str(folder), folder_revision(folder))
    except OSError as error:
        raise ModelError(f"{shown} cannot be read ({error.strerror}): check its rights") from error


def named_lora(text: str, folder: Path) -> str:
    """The reference of a LoRA that was typed: a path, a name in the LoRA folder, or on the hub.

    Raises:
        ModelError: a repository on the hub that is not here, or has several LoRAs.
    """
    path = Path(text).expanduser() if text.startswith("~") else Path(text)
    if not path.is_file() and not path.is_absolute():
        for name in (f"{text}{SUFFIX}", text):
            if (folder / name).is_file():
                return str(folder / name)
        named = hub_reference(text)
        if named is not None and named.file:
            return text
        if named is not None and not text.lower().endswith((SUFFIX, *PICKLES)):
            return only_lora(named)
    return os.path.normpath(path.absolute())


def typed_lora(text: str, folder: Path) -> Lora:
    """A LoRA as it is typed, `FILE` or `FILE:WEIGHT`, of weight 1 unless told.

    Args:
        text: what was typed.
        folder: where names without a path are looked for.

    Raises:
        ModelError: as `named_lora`.
    """
    file, colon, weight = text.rpartition(":")
    # A colon may be a part of the name.
    number = _number(weight) if colon and not Path(text).is_file() else None
    if number is None:
        return Lora(named_lora(text, folder))
    return Lora(named_lora(file, folder), number)


def typed_vae(text: str) -> str:
    """The reference of an autoencoder as it is typed: a folder or a hub id; empty for the own."""
    if text.strip().lower() in _OWN:
        return ""
    path = Path(text).expanduser() if text.startswith("~") else Path(text)
    return os.path.normpath(path.absolute()) if path.exists() else text


def lora_files(folder: Path) -> list[str]:
    """The references of all LoRAs in a folder, by name; empty where there is no such folder."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
    except OSError:
        return []
    return [str(folder / name) for name in names if name.lower().endswith(SUFFIX)]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _lora_path(reference: str, sha256: str) -> Path:
    if Path(reference).is_absolute():
        return Path(reference)
    named = hub_reference(reference)
    if named is None or not named.file:
        raise ModelError(
            f"there is no LoRA {_shown(reference)}: give the whole path of a {SUFFIX} file, or "
            f"owner/name/file{SUFFIX}"
        )
    return hub_lora(named, sha256)


def _vae_folder(reference: str) -> Path:
    shown = _shown(reference)
    folder = Path(reference)
    named = hub_reference(reference)
    if named is not None and not named.file:
        folder = hub_vae(named)
    elif not folder.is_absolute():
        raise ModelError(f"there is no VAE {shown}: give the whole path of its folder, or a hub id")
    if folder.is_file():
        raise ModelError(f"{shown} is a file: give the diffusers folder of the VAE")
    if not folder.is_dir():
        raise ModelError(f"there is no VAE folder {shown}: check the path, or give a hub id")
    inner = folder / "vae"
    return (inner if inner.is_dir() else folder).resolve()


def _config(folder: Path) -> dict[str, Any]:
    try:
        with (folder / "config.json").open("rb") as file:
            found = json.loads(file.read(_LARGEST_CONFIG))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _halvings(config: dict[str, Any]) -> int:
    blocks = config.get("block_out_channels")
    return len(blocks) - 1 if isinstance(blocks, list) else 0


def _value(value: object) -> str:
    return "unknown" if value is None else clean(str(value), limit=60)


def _shown(reference: str) -> str:
    return clean(reference, limit=300)
