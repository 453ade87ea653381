"""Reads the header of a safetensors file: enough to know that the file is whole."""

import json
import struct
from pathlib import Path

_MAX_HEADER = 100 * 2**20
"""The format's own limit for a header."""


class WeightsError(ValueError):
    """A weights file that cannot be used; the message is for the person."""


def check_weights(path: Path) -> int:
    """Bytes of tensors in the file.

    Raises:
        WeightsError: no safetensors file, or one that is cut short.
    """
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
    try:
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name[:1] != "_"]
        tensors = max((int(end) for end in ends), default=0)
    except (TypeError, KeyError, IndexError, ValueError, OverflowError) as error:
        raise WeightsError(_broken(path)) from error
    if size < 8 + length + tensors:
        raise WeightsError(
            f"{path} is cut short: {size} of {8 + length + tensors} bytes; "
            "download or copy the model again"
        )
    return tensors


def _broken(path: Path) -> str:
    return f"{path} is not a safetensors file: download or copy the model again"
