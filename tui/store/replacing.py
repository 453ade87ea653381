"""Putting a rebuilt database into the place of the former one, which is kept.

Killed at any moment, either the former or the rebuilt one has the name, and both are there.
"""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from tui.store.database import Database
from tui.store.errors import StoreError, explain
from tui.store.files import make_private_folder, sync_folder
from tui.store.paths import Home

KEPT_DAYS = 30
"""How long a former database is kept; the last one stays for good."""

_STAMP = "%Y-%m-%d-%H%M%S"
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2}-\d{6})(-\d+)?", re.ASCII)
_ENDS = ("-wal", "-journal", "-shm")
"""Of the files that lie beside a database."""


def put_in_place(home: Home, rebuilt: Path, *, sound: bool) -> Path | None:
    """Give a rebuilt database the name of the home's own; nobody may have that open.

    Args:
        home: whose database.
        rebuilt: the other one, closed, on the same disk.
        sound: whether the former one can be opened.

    Returns:
        Where the former one is now; None where there was none.

    Raises:
        StoreError: the disk refuses.
    """
    if sound:
        # What is in its log goes into the file itself, or the log would fit no file afterwards.
        Database(home.database).close()
    beside = [Path(f"{home.database}{end}") for end in _ENDS]
    try:
        aside = _set_aside(home, [home.database, *beside[:2]])
        for path in beside:
            # Beside the rebuilt one they would be taken for its own.
            path.unlink(missing_ok=True)
        rebuilt.rename(home.database)
        sync_folder(home.data)
    except OSError as error:
        raise StoreError(explain(error, f"put a rebuilt database at {home.database}")) from error
    return aside


def delete_old(home: Home, *, now: float | None = None) -> None:
    """Delete former databases that were set aside long ago; only files with a name of ours.

    Args:
        home: whose.
        now: seconds since 1970; None for this moment.
    """
    try:
        names = [path.name for path in home.set_aside.iterdir() if not path.is_symlink()]
    except OSError:
        return
    ours = sorted((name for name in names if _NAME.fullmatch(name)), key=_age_order)
    now = time.time() if now is None else now
    oldest = time.strftime(_STAMP, time.localtime(now - KEPT_DAYS * 86_400))
    for name in ours[:-1]:
        if name < oldest:
            with suppress(OSError):
                for end in ("", *_ENDS):
                    (home.set_aside / name / f"{home.database.name}{end}").unlink(missing_ok=True)
                (home.set_aside / name).rmdir()


def _age_order(name: str) -> tuple[str, int]:
    stamp, number = name[:17], name[18:]
    return stamp, int(number or 1)


def _set_aside(home: Home, files: list[Path]) -> Path | None:
    there = [path for path in files if os.path.lexists(path)]
    if not there:
        return None
    folder = _new_folder(home)
    for path in there:
        target = folder / path.name
        try:
            # A second name, not a new one: the first goes only when the rebuilt one takes it.
            target.hardlink_to(path)
        except OSError:
            path.rename(target)
    sync_folder(folder)
    return folder / there[0].name


def _new_folder(home: Home) -> Path:
    make_private_folder(home.set_aside)
    stamp = time.strftime(_STAMP)
    for number in range(1, 1_000):
        folder = home.set_aside / (stamp if number == 1 else f"{stamp}-{number}")
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700)
            return folder
    raise StoreError(f"{home.set_aside} is full of databases that were set aside: delete some")
