"""Files that are whole or not there, whenever the power or the process goes.

A temporary file in the same folder is written, synced and renamed, and the folder is synced.
Only then may anybody be told of the file.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO

from tui.store.errors import StoreError, explain

LEFTOVER_AGE = 3600.0
"""Seconds after which a temporary file can only be what a killed process left."""

_TEMPORARY = re.compile(r"\.tmp-\d+-[0-9a-f]{16}")
_CHUNK = 1 << 20
_MOST_COPIES = 1_000
_NO_HARD_LINKS = {
    errno.EPERM,
    errno.EACCES,
    errno.ENOTSUP,
    errno.ENOSYS,
    errno.EMLINK,
    errno.EINVAL,
}

Content = bytes | Callable[[IO[bytes]], object]
"""The bytes of a file, or what writes them into an open one."""


def write_durably(path: Path, data: Content, *, mode: int = 0o600) -> None:
    """Put a file there in place of an older one of that name.

    Raises:
        StoreError: it could not be written; the older file is untouched.
    """
    with _written(path.parent, data, f"write {path}") as temporary:
        _open_up(temporary, mode)
        temporary.rename(path)


def add_durably(folder: Path, name: str, data: Content, *, mode: int = 0o600) -> Path:
    """Put a file there under that name, or `name-2`, `name-3` … where other content has it.

    Returns:
        Where the content now is; a file that already holds it is used as it is.

    Raises:
        StoreError: `name` is not a plain name, or the disk refuses.
    """
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise StoreError(f"“{name}” is not the name of a file: choose one without slashes")
    with _written(folder, data, f"write {folder / name}") as temporary:
        digest = sha256_of(temporary)
        _open_up(temporary, mode)
        for candidate in _names(folder, name):
            if _place(temporary, candidate) or _holds(candidate, digest):
                return candidate
    raise StoreError(f"{folder} has too many files called {name}: choose another name")


def copy_durably(source: Path, target_folder: Path, name: str) -> Path:
    """Copy a file, mode 0600, under that name or another, as `add_durably` does.

    Raises:
        StoreError: `source` is no regular file, `name` is not a plain name, or the disk refuses.
    """
    if not source.is_file():
        raise StoreError(f"could not copy {source}: it is not a file; check the path")

    def copy(target: IO[bytes]) -> None:
        with source.open("rb") as file:
            shutil.copyfileobj(file, target, _CHUNK)

    return add_durably(target_folder, name, copy)


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 over a file's bytes.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StoreError(explain(error, f"read {path}")) from error


def known_sha256(path: Path) -> str:
    """The same; of a file that is as it was when it was asked before, without reading it again.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise StoreError(explain(error, f"read {path}")) from error
    return _hashed(path, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _hashed(path: Path, _inode: int, _size: int, _changed: int) -> str:
    """What changes in a file changes its time."""
    return sha256_of(path)


def make_private_folder(path: Path) -> None:
    """Make the folder, and its missing parents, with mode 0700; tighten it where it exists.

    Raises:
        StoreError: it cannot be made, or not be made private.
    """
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.is_dir()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            # A parent we may enter and write, but not list, cannot be synced.
            with suppress(PermissionError):
                sync_folder(folder.parent)
        if stat.S_IMODE(path.stat().st_mode) & 0o777 != 0o700:
            path.chmod(0o700)
    except OSError as error:
        raise StoreError(explain(error, f"make the private folder {path}")) from error


def sync_folder(folder: Path) -> None:
    """Make renames in the folder outlast a power cut.

    Raises:
        OSError: the disk refused; not where a file system has no such notion.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path, *, now: float | None = None) -> int:
    """Delete temporary files of ours older than `LEFTOVER_AGE`; returns how many went."""
    oldest = (time.time() if now is None else now) - LEFTOVER_AGE
    removed = 0
    # A folder that is gone or closed to us has nothing to tidy; that is no reason to stop.
    with suppress(OSError):
        for path in list(folder.iterdir()):
            with suppress(OSError):
                status = path.lstat()
                old = stat.S_ISREG(status.st_mode) and status.st_mtime < oldest
                if old and _TEMPORARY.fullmatch(path.name):
                    path.unlink()
                    removed += 1
    return removed


@contextmanager
def _written(folder: Path, data: Content, doing: str) -> Iterator[Path]:
    temporary = folder / f".tmp-{os.getpid()}-{secrets.token_hex(8)}"
    try:
        _write(temporary, data)
        yield temporary
        sync_folder(folder)
    except OSError as error:
        raise StoreError(explain(error, doing)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _write(path: Path, data: Content) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        if isinstance(data, bytes):
            file.write(data)
        else:
            data(file)
        file.flush()
        os.fsync(file.fileno())


def _open_up(path: Path, mode: int) -> None:
    if mode != 0o600:
        # A stick without permissions of its own refuses, and is open to all anyway.
        with suppress(PermissionError):
            path.chmod(mode)


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    plain = Path(name)
    for number in range(2, _MOST_COPIES):
        yield folder / f"{plain.stem}-{number}{plain.suffix}"


def _place(temporary: Path, target: Path) -> bool:
    """Give the file its name unless that is taken; a link, unlike a rename, never replaces."""
    try:
        target.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if os.path.lexists(target):
            return False
        temporary.rename(target)
    return True


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and sha256_of(path) == digest
