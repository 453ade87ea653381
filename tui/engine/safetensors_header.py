"""Reads the header of a safetensors file: whether the file is whole, and what it holds."""

import json
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_MAX_HEADER = 100 * 2**20
"""The format's own limit for a header."""


class WeightsError(ValueError):
    """A weights file that cannot be used; the message is for the person."""


@dataclass(frozen=True)
class Weights:
    """What a file of weights says of itself."""

    size: int
    """Bytes of tensors."""
    kinds: dict[str, int]
    """Bytes by type, as the format names it: `F16`, `BF16`, `F32`, `I8` …"""
    shapes: dict[str, tuple[int, ...]]
    """Of the tensors, by name; empty where the header gives none."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tensors."""
        return tuple(self.shapes)


def check_weights(path: Path) -> int:
    """Bytes of tensors in the file.

    Raises:
        WeightsError: no safetensors file, or one that is cut short.
    """
    return read_weights(path).size


def read_weights(path: Path) -> Weights:
    """What the file holds, from its header alone.

    Raises:
        WeightsError: no safetensors file, or one that is cut short.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise WeightsError(_broken(path)) from error
    return _weights(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _weights(path: Path, _size: int, _time: int) -> Weights:
    """As `read_weights`; a model is checked first and listed then, and is read once for both."""
    header, length, size = _header(path)
    kinds: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    tensors = 0
    try:
        for name, entry in header.items():
            if name[:1] == "_":
                continue
            begin, end = (int(offset) for offset in entry["data_offsets"])
            if not 0 <= begin <= end:
                raise ValueError(name)
            kind = str(entry.get("dtype", ""))[:16]
            kinds[kind] = kinds.get(kind, 0) + end - begin
            shapes[name] = tuple(int(side) for side in entry.get("shape", ()))
            tensors = max(tensors, end)
    except (TypeError, KeyError, AttributeError, OverflowError, ValueError) as error:
        raise WeightsError(_broken(path)) from error
    if size < 8 + length + tensors:
        raise WeightsError(
            f"{path} is cut short: {size} of {8 + length + tensors} bytes; "
            "download or copy the model again"
        )
    if sum(kinds.values()) > tensors:
        # Tensors that lie over each other: nobody writes such a file in good faith.
        raise WeightsError(_broken(path))
    return Weights(tensors, kinds, shapes)


def _header(path: Path) -> tuple[dict[str, Any], int, int]:
    """The header, its length, and the file's, in bytes."""
    if not path.is_file():
        raise WeightsError(_broken(path))
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            first = file.read(8)
            length = struct.unpack("<Q", first)[0] if len(first) == 8 else 0
            if not 2 <= length <= min(_MAX_HEADER, max(size - 8, 0)):
                raise WeightsError(_broken(path))
            header = json.loads(file.read(length))
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}): check its rights") from error
    except (ValueError, RecursionError) as error:
        raise WeightsError(_broken(path)) from error
    if not isinstance(header, dict):
        raise WeightsError(_broken(path))
    return header, length, size


def _broken(path: Path) -> str:
    return f"{path} is not a safetensors file: download or copy the model again"
