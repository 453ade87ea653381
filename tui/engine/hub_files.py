"""Which files of a model on the hub are wanted, how many bytes they are, and how many are here."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tui.engine.model_parts import variant_of

WANTED = ["*.json", "*/*.safetensors", "*.txt", "*.model", "*.jinja", "*.md"]
"""What a diffusers folder needs; no pickles, no code, and none of the single files beside it."""
VARIANTS = ["*/*.*.safetensors"]
"""Weights with a word of their own before the ending, which may lie beside plain ones."""
_WEIGHTS = ".safetensors"


@dataclass(frozen=True)
class HubFile:
    """A file of a model, as the hub lists it."""

    name: str
    size: int
    """Bytes."""
    blob: str
    """What it is called among the cache's blobs."""


def unwanted_variants(names: Iterable[str]) -> list[str]:
    """Files of variants such as `fp16` that lie beside plain ones, which are loaded instead."""
    weights = [name for name in names if name.endswith(_WEIGHTS)]
    plain = {_folder(name) for name in weights if not variant_of(_file(name))}
    return [name for name in weights if variant_of(_file(name)) and _folder(name) in plain]


def is_wanted(name: str, unwanted: Iterable[str]) -> bool:
    """Whether a file is downloaded."""
    return name not in unwanted and any(fnmatch(name, pattern) for pattern in WANTED)


def bytes_here(blobs: Path, files: Iterable[HubFile]) -> int:
    """Bytes of these files that are in the cache, those of unfinished ones too."""
    found = 0
    for file in files:
        whole = blobs / file.blob
        try:
            found += whole.stat().st_size if whole.exists() else _unfinished(blobs, file)
        except OSError:
            continue  # finished, moved or given up between two looks
    return found


def _unfinished(blobs: Path, file: HubFile) -> int:
    sizes = (path.stat().st_size for path in blobs.glob(f"{file.blob}.*incomplete"))
    return min(file.size, max(sizes, default=0))


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _file(name: str) -> str:
    return name.rpartition("/")[2]
