"""What a compiler has left half made, which torch would take for whole.

The linker writes a library under its own name. Killed meanwhile, as by a job's time limit or for
want of memory, it leaves a part of one there, and each worker that comes later would fail on it.
"""

import struct
import time
from contextlib import suppress
from pathlib import Path

WRITING_SECONDS = 5.0
"""Younger ones may be a linker's that is at work, of another worker."""

_HEADER = struct.Struct("<40xQ10xHH2x")
"""Of a 64-bit ELF file: where the table of its sections begins, the size and number of these."""


def remove_broken(folder: Path) -> None:
    """Delete libraries that end before their own table of sections does, which is written last.

    Args:
        folder: the compiler's; what is in there can be made again.
    """
    for path in folder.rglob("*.so"):
        with suppress(OSError):
            status = path.stat()
            is_old = time.time() - status.st_mtime > WRITING_SECONDS
            if is_old and status.st_size < _least_size(path):
                path.unlink()


def _least_size(path: Path) -> int:
    """Bytes that a library has at least, by its own header."""
    with path.open("rb") as file:
        start = file.read(_HEADER.size)
    if len(start) < _HEADER.size:
        return _HEADER.size
    begins, size, count = _HEADER.unpack(start)
    return int(begins + size * count) if start.startswith(b"\x7fELF\x02\x01") else 0
