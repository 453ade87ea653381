"""JSON files of models, which anybody may have written."""

import json
from pathlib import Path
from typing import Any

_LARGEST = 32 * 2**20
"""Bytes; the largest index of weights that is known has a tenth of it."""


def json_table(path: Path) -> dict[str, Any] | None:
    """The table in a file; None where there is none, or nothing that can be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        found = json.loads(raw) if len(raw) <= _LARGEST else None
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
