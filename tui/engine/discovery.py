"""How a client finds the one engine of a home, and how an engine makes sure that it is the one.

`engine.json` says where it listens; a lock that the kernel drops with the process says whether it
still lives. On a home that several hosts share, the file's age stands for the lock.
"""

import contextlib
import fcntl
import hashlib
import os
import socket
import stat
import time
from pathlib import Path
from typing import IO

import msgspec

from tui.engine.hardware import boot_id
from tui.store.errors import StoreError
from tui.store.files import write_durably
from tui.store.paths import Home

LEASE_SECONDS = 60.0
"""An engine on another host that has not renewed `engine.json` for so long is taken for dead."""

RENEW_SECONDS = 15.0


class EngineInfo(msgspec.Struct, frozen=True):
    """What `engine.json` says."""

    host: str
    boot: str
    pid: int
    protocol: int
    version: str
    socket: str
    started: float


class EngineElsewhereError(StoreError):
    """An engine on another host serves this home."""


def this_host() -> str:
    """The name by which other hosts know this one."""
    return socket.gethostname()


def read_info(home: Home) -> EngineInfo | None:
    """What `engine.json` says, or None without a readable one."""
    try:
        return msgspec.json.decode(home.engine_file.read_bytes(), type=EngineInfo)
    except (OSError, msgspec.DecodeError):
        return None


def write_info(home: Home, info: EngineInfo) -> None:
    """Say where this engine listens."""
    write_durably(home.engine_file, msgspec.json.encode(info))


def new_info(protocol: int, version: str, path: Path) -> EngineInfo:
    """What this process has to say of itself."""
    return EngineInfo(
        this_host(), boot_id(), os.getpid(), protocol, version, str(path), time.time()
    )


def check_host(home: Home) -> None:
    """Refuse a home whose engine lives on another host.

    Raises:
        EngineElsewhereError: it was heard of within the last minute.
    """
    info = read_info(home)
    if info is None or info.host == this_host():
        return
    with contextlib.suppress(OSError):
        if time.time() - home.engine_file.stat().st_mtime < LEASE_SECONDS:
            raise EngineElsewhereError(
                f"the engine of {home.data} runs on {info.host}: use Keepers there, stop it there "
                "with “keepers engine stop”, or set KEEPERS_HOME to a folder of this machine"
            )


def take_lock(home: Home) -> IO[bytes] | None:
    """The lock that one engine holds for its whole life, or None while another has it."""
    descriptor = os.open(home.engine_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    file = os.fdopen(descriptor, "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def lock_is_held(home: Home) -> bool:
    """Whether an engine on this host lives."""
    if not home.engine_lock.exists():
        return False
    file = take_lock(home)
    if file is None:
        return True
    file.close()
    return False


def socket_path(home: Home, *, root: Path = Path("/tmp"), uid: int | None = None) -> Path:  # noqa: S108
    """Where the engine of a home listens, in a private folder that is made if it is missing.

    The folder is short because AF_UNIX paths end at 107 bytes, and not below `/run/user`, which
    goes when the person logs out.

    Raises:
        StoreError: the folder belongs to somebody else, is a link, or is open to others.
    """
    uid = os.getuid() if uid is None else uid
    mark = hashlib.sha256(os.fsencode(home.data.absolute())).hexdigest()[:12]
    folder = root / f"keepers-{uid}-{mark}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != uid:
        raise StoreError(
            f"{folder} belongs to somebody else, so the engine cannot listen there: "
            "ask its owner or the administrator to remove it"
        )
    if status.st_mode & 0o077:
        raise StoreError(f"{folder} is open to other users: run “chmod 700 {folder}” and try again")
    return folder / "s"
