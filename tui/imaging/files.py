"""Opening files that come from anywhere: only regular ones, of a bounded size."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tui.imaging.errors import ImagingError, name_of

LARGEST_FILE = 256 * 2**20
"""Bytes; more than any picture within the limit on pixels needs."""


@contextmanager
def opened(path: Path | str) -> Iterator[tuple[BinaryIO, int]]:
    """The file, open for reading bytes, and its length.

    Raises:
        ImagingError: missing, not a regular file, empty, too large, or it cannot be read; also
            when reading fails inside the `with` block.
    """
    name = name_of(path)
    try:
        descriptor = _descriptor(path, name)
        with os.fdopen(descriptor, "rb") as file:
            length = _checked_length(os.fstat(descriptor), name)
            yield file, length
    except FileNotFoundError as error:
        raise ImagingError(f"there is no file {name}: check the path") from error
    except IsADirectoryError as error:
        raise ImagingError(f"{name} is a folder: name a picture in it") from error
    except PermissionError as error:
        raise ImagingError(f"you may not read {name}: change its permissions first") from error
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "reading it failed"
        raise ImagingError(
            f"{name} cannot be read ({reason}): check the path and the disk"
        ) from error


def _descriptor(path: Path | str, name: str) -> int:
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError as error:
        # A NUL or a lone surrogate in the path never reaches the system.
        raise ImagingError(f"{name} is no name a file can have: check the path") from error


def _checked_length(status: os.stat_result, name: str) -> int:
    if stat.S_ISDIR(status.st_mode):
        raise ImagingError(f"{name} is a folder: name a picture in it")
    if not stat.S_ISREG(status.st_mode):
        raise ImagingError(f"{name} is not a regular file: name a picture on disk")
    if status.st_size == 0:
        raise ImagingError(f"{name} is empty: copy or save it again")
    if status.st_size > LARGEST_FILE:
        raise ImagingError(
            f"{name} is larger than {LARGEST_FILE // 2**20} MB: save a smaller copy of it first"
        )
    return status.st_size
