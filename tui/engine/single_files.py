"""Single files of weights: LoRAs, and models as other programs keep them, with what would draw."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from tui.domain.text import clean
from tui.engine.lora_header import check_lora
from tui.engine.model_messages import ListedModel, ModelPart, Place, Role
from tui.engine.model_parts import precision_words
from tui.engine.models import ModelError
from tui.engine.safetensors_header import WeightsError, read_weights
from tui.engine.upscalers import named_as_ours

PICKLES = (".ckpt", ".pt", ".pth", ".bin", ".pkl")
"""Endings of files that can run programs when they are read."""
SAFE = (".safetensors", ".sft")
_GGUF = ".gguf"
WEIGHTS = (*SAFE, *PICKLES, _GGUF)
"""Endings that files of weights have."""
_TELLING_NOTHING = (".bin", ".pkl")
"""Endings that files of all kinds have."""

_FAMILIES = (
    ("conditioner.embedders.1.", "SDXL"),
    ("joint_blocks.", "Stable Diffusion 3"),
    ("double_blocks.", "Flux"),
    ("cap_embedder.", "Lumina or Z-Image"),
    ("double_layers.", "AuraFlow"),
    ("cond_stage_model.", "Stable Diffusion"),
    ("model.diffusion_model.input_blocks.", "Stable Diffusion"),
)
"""How tensors of each family's original files begin, behind a prefix that all of them may have;
the first that is found counts."""
_PREFIX = "model.diffusion_model."
LORA, ESRGAN, UNKNOWN = "LoRA", "ESRGAN", "unknown"
_ADAPTERS = ("lora_", "lora.", ".lora_", ".hada_", ".lokr_")
_PROTOCOLS = (b"\x02", b"\x03", b"\x04", b"\x05")
"""Second bytes of pickles, whose first is 0x80."""
_TO_FOLDER = (
    "Keepers draws with diffusers folders: enter on the models screen, or “keepers models "
    "convert”, makes one of this file and leaves it as it is"
)
_IS_LORA = "it is a LoRA, which goes on top of a model as it is"
_TO_EDIT = (
    "this enlarges pictures and draws none: put it, or a link to it, into the folder upscalers "
    "beside the database, and press E in Edit"
)


def single_file(path: Path) -> ListedModel:
    """What a file in a folder of models is; it is never more than its header that is read.

    Raises:
        OSError: it cannot be looked at.
    """
    name, size = clean(path.name, limit=120), path.stat().st_size if path.exists() else 0
    shown = clean(str(path))
    listed = ListedModel(model=shown, name=name, place=Place.FILE, folder=shown, size=size)
    if trouble := _trouble(path):
        return msgspec.structs.replace(listed, trouble=trouble)
    try:
        weights = read_weights(path)
    except WeightsError as error:
        return msgspec.structs.replace(listed, trouble=clean(str(error), limit=400))
    part = ModelPart("all", "", weights.size, weights.kinds)
    family = family_of_tensors(weights.names)
    listed = msgspec.structs.replace(
        listed, family=family, precision=precision_words((part,)), parts=(part,)
    )
    if family == ESRGAN:
        return msgspec.structs.replace(listed, trouble=_TO_EDIT)
    if family != LORA:
        return msgspec.structs.replace(listed, trouble=_TO_FOLDER, converts=True)
    trouble = ""
    if shown != str(path):
        trouble = "its name has characters that cannot be shown: rename the file"
    try:
        check_lora(name, weights.shapes)
    except ModelError as error:
        trouble = str(error)
    return msgspec.structs.replace(listed, role=Role.LORA, trouble=trouble)


def refusal(path: Path) -> str:
    """Why no folder can be made of a file; empty where one may be. The file may be broken."""
    if trouble := _trouble(path):
        return trouble
    if path.suffix.lower() not in SAFE:
        return "it is no safetensors file: choose one that ends in .safetensors"
    try:
        family = family_of_tensors(read_weights(path).names)
    except WeightsError:
        return ""
    return {LORA: _IS_LORA, ESRGAN: _TO_EDIT}.get(family, "")


def may_be_weights(path: Path) -> bool:
    """Whether a file, or a link that leads nowhere, is one that a list of models should tell of."""
    suffix = path.suffix.lower()
    if suffix in _TELLING_NOTHING:
        return _is_pickle(path)
    return suffix in WEIGHTS


def _trouble(path: Path) -> str:
    """Why a file is not even looked into; empty where it is."""
    if not path.exists():
        return "this is a link to a file that is gone: download or copy the file again"
    if path.suffix.lower() in PICKLES:
        return (
            "this is a pickle file, which can run programs when it is read, so Keepers never reads "
            "it: get the model with safetensors"
        )
    if path.suffix.lower() == _GGUF:
        return (
            "this is a GGUF file, which is made for other programs: take the same model from the "
            "hub as a diffusers folder"
        )
    return ""


def _is_pickle(path: Path) -> bool:
    """Whether a file begins as those do that torch writes; it is not read any further."""
    try:
        with path.open("rb") as file:
            start = file.read(256)
    except OSError:
        return False
    zipped = start.startswith(b"PK\x03\x04") and b"/data.pkl" in start
    return zipped or (start[:1] == b"\x80" and start[1:2] in _PROTOCOLS)


def family_of_tensors(names: Iterable[str]) -> str:
    """The family that the tensors' names tell.

    `LoRA` for an addition to a model, `ESRGAN` for what enlarges pictures.
    """
    known = tuple(names)
    if named_as_ours(known):
        return ESRGAN
    if any(mark in name for name in known[:2000] for mark in _ADAPTERS):
        return LORA
    bare = {name.removeprefix(_PREFIX) for name in known} | set(known)
    for start, family in _FAMILIES:
        if any(name.startswith(start) for name in bare):
            return family
    return UNKNOWN
