"""Who has a home open: all who do share one lock, and who must be alone with it takes it whole.

The kernel drops both kinds with the process, however that ends.
"""

import errno
import fcntl
import os
from typing import IO

from tui.store.errors import StoreError, explain
from tui.store.paths import Home

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL})
"""Of a disk that has no such locks; it must be usable all the same."""


def share(home: Home) -> IO[bytes]:
    """Say that this process has the home open, until the file is closed.

    Raises:
        StoreError: a repair is at work there, or the disk refuses.
    """
    file = _locked(home, fcntl.LOCK_SH)
    if file is None:
        raise StoreError(f"“keepers repair” is at work on {home.data}: wait until it is done")
    return file


def take(home: Home) -> IO[bytes]:
    """Be alone with the home, until the file is closed.

    Raises:
        StoreError: somebody has it open, or the disk refuses.
    """
    file = _locked(home, fcntl.LOCK_EX)
    if file is None:
        raise StoreError(
            f"a Keepers has {home.data} open: leave it, wait for what runs, "
            "then run “keepers repair” again"
        )
    return file


def _locked(home: Home, kind: int) -> IO[bytes] | None:
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        file = os.fdopen(os.open(home.lock, flags, 0o600), "r+b")
    except OSError as error:
        raise StoreError(explain(error, f"open {home.lock}")) from error
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            file.close()
            return None
    return file
