"""Files of our own that describe something, read with a limit."""

from pathlib import Path
from typing import TypeVar

import msgspec

from tui.domain.versioned import UnreadableError, from_json
from tui.store.errors import StoreError, explain

T = TypeVar("T", bound=msgspec.Struct)


def read_own(path: Path, kind: type[T], what: str, largest: int) -> T:
    """The value in a file; `what` it describes is said where it has more than `largest` bytes.

    Raises:
        StoreError: it cannot be read, or was written by a newer Keepers.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(largest + 1)
    except OSError as error:
        raise StoreError(explain(error, f"read {path}")) from error
    if len(raw) > largest:
        raise StoreError(f"{path} is too large to describe {what}: move it away")
    try:
        return from_json(raw, kind)
    except UnreadableError as error:
        raise StoreError(f"could not read {path}: {error}; put back a copy of it") from error
