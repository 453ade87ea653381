"""The components of a diffusers folder: which weights are loaded, how large, of which type.

Only what lies in the folder is read, and of the weights only their headers. No torch.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tui.domain.text import clean
from tui.engine.json_file import json_table
from tui.engine.model_messages import ModelPart
from tui.engine.safetensors_header import read_weights

_SHORT = {
    "F64": "fp64", "F32": "fp32", "F16": "fp16", "BF16": "bf16", "F8_E4M3": "fp8",
    "F8_E5M2": "fp8", "I8": "int8", "U8": "int8",
}  # fmt: skip
_WORTH_SAYING = 0.05
"""Share of the bytes below which a type is not named."""
_MOST_FILES = 500
"""Files of weights that a component may have; the largest models have a few dozen."""


def parts_of(folder: Path, index: dict[str, Any]) -> tuple[ModelPart, ...]:
    """The components that have weights, in the order of the model's index.

    Raises:
        WeightsError: one of the files is broken.
        OSError: a folder cannot be read.
    """
    found = []
    for name, value in index.items():
        if name.startswith("_") or not isinstance(value, list) or len(value) != 2:
            continue
        # A name that leads elsewhere was refused before, by whoever checked the folder.
        if value[0] is not None and (folder / name).is_dir() and loaded_files(folder / name):
            found.append(part_of(folder / name, name, str(value[1])))
    return tuple(found)


def part_of(folder: Path, name: str, kind: str) -> ModelPart:
    """A component by itself: how many bytes of which type it has.

    Args:
        folder: with its weights.
        name: what it is called.
        kind: its class.

    Raises:
        WeightsError: one of the files is broken.
        OSError: the folder cannot be read.
    """
    kinds: dict[str, int] = {}
    for file in loaded_files(folder)[:_MOST_FILES]:
        for of, size in read_weights(file).kinds.items():
            kinds[of] = kinds.get(of, 0) + size
    shown = clean(kind, limit=80)
    return ModelPart(clean(name, limit=60), shown, sum(kinds.values()), kinds)


def loaded_files(part: Path) -> list[Path]:
    """The weights of a component that are loaded: the plain ones, else those of one variant.

    Raises:
        OSError: the folder cannot be read.
    """
    by_variant: dict[str, list[Path]] = {}
    for file in sorted(part.glob("*.safetensors")):
        by_variant.setdefault(variant_of(file.name), []).append(file)
    if not by_variant:
        return []
    return by_variant.get("") or by_variant.get("fp16") or by_variant[min(by_variant)]


def variant_of(name: str) -> str:
    """The variant in the name of a file of weights: `fp16` of `model.fp16.safetensors`.

    Shards have their number before or behind it: `model.fp16-00001-of-00002.safetensors`.
    """
    _base, _, rest = name.removesuffix(".safetensors").partition(".")
    return clean(rest.partition("-")[0], limit=40)


def variant_in(folder: Path, parts: Iterable[ModelPart]) -> str:
    """The variant that has to be loaded, since a component has no plain weights; else empty.

    Raises:
        OSError: a folder cannot be read.
    """
    found = {variant_of(file.name) for part in parts for file in loaded_files(folder / part.name)}
    return min(found - {""}, default="")


def precision_words(parts: Iterable[ModelPart]) -> str:
    """The types that most of the bytes are of, in short: `bf16`, or `fp16 + fp32`."""
    bytes_of: dict[str, int] = {}
    for part in parts:
        for kind, size in part.kinds.items():
            short = _SHORT.get(kind, clean(kind.lower(), limit=10))
            bytes_of[short] = bytes_of.get(short, 0) + size
    least = sum(bytes_of.values()) * _WORTH_SAYING
    named = [short for short, size in bytes_of.items() if size > least]
    return " + ".join(sorted(named, key=lambda short: -bytes_of[short]))


def class_name_of(folder: Path) -> str:
    """The class of the pipeline in a folder; empty if it does not say."""
    named = index_of(folder).get("_class_name")
    return clean(named, limit=80) if isinstance(named, str) else ""


def index_of(folder: Path) -> dict[str, Any]:
    """The model's index; empty where there is none that can be read."""
    return json_table(folder / "model_index.json") or {}
