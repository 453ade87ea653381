"""Copies of the database: one a day, and one before each change of its tables.

Kept are those of the seven newest days, one a week of the four weeks before them, and the three
newest that were made before a change. Each is written under another name first, so a backup that
has its name is whole.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from tui.store.errors import StoreError, explain
from tui.store.files import remove_leftovers, sync_folder
from tui.store.looking import looked_at
from tui.store.paths import Home

KEPT_DAYS, KEPT_WEEKS, KEPT_BEFORE = 7, 4, 3

LEAST_ROOM = 64 * 2**20
"""Bytes that must be free on top of twice the database."""

_NAME = re.compile(r"keepers-(\d{4}-\d{2}-\d{2})(-before-\w+)?\.db", re.ASCII)


def make_daily(home: Home, *, now: float | None = None) -> Path | None:
    """Today's backup, unless it is there; then older ones that are no longer kept are deleted.

    Several processes may do so at once: the later copy takes the place of the earlier.

    Returns:
        Where the new backup is; None where today has one.

    Raises:
        StoreError: there is too little room, the database is damaged, or the disk refuses.
    """
    target = home.backups / f"keepers-{_day(now)}.db"
    if target.exists():
        return None
    _make(home, target)
    _tidy(home)
    return target


def make_before(home: Home, step: str, *, now: float | None = None) -> Path:
    """A backup before a change of the tables, which `step` names. Raises like `make_daily`."""
    target = home.backups / f"keepers-{_day(now)}-before-{step.split(' ', maxsplit=1)[0]}.db"
    if not target.exists():
        _make(home, target)
        _tidy(home)
    return target


def backups(home: Home) -> tuple[Path, ...]:
    """All of them, the newest first."""
    found = [path for path in _files(home) if _NAME.fullmatch(path.name)]
    return tuple(sorted(found, key=lambda path: (_date(path), _time(path)), reverse=True))


def copy_database(source: Path, target: Path, *, alone: bool = False) -> None:
    """A compact and durable copy of a database, mode 0600.

    Others may be writing to it meanwhile, unless `alone` says that nobody does.

    Raises:
        StoreError: the database is damaged, or the disk refuses; `target` may be left half made.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        # A connection of its own: the others go on reading and writing meanwhile.
        with looked_at(source, alone=alone) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        descriptor = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(explain(error, f"copy {source} to {target}")) from error


def check_room(home: Home) -> None:
    """Refuse to copy the database where the disk would be too full afterwards.

    Raises:
        StoreError: it would.
    """
    size = sum(
        path.stat().st_size
        for path in (home.database, Path(f"{home.database}-wal"))
        if path.exists()
    )
    free = shutil.disk_usage(home.data).free
    if free < 2 * size + LEAST_ROOM:
        raise StoreError(
            f"the disk that holds {home.data} has too little room for a copy of the database "
            f"({free / 2**20:.0f} MB free): free some space there"
        )


def _make(home: Home, target: Path) -> None:
    temporary = home.backups / f".tmp-{os.getpid()}-{secrets.token_hex(8)}"
    try:
        check_room(home)
        # Not the folders above: a home that somebody just deleted must not come back.
        home.backups.mkdir(mode=0o700, exist_ok=True)
        remove_leftovers(home.backups)
        copy_database(home.database, temporary)
        temporary.rename(target)
        sync_folder(home.backups)
    except OSError as error:
        raise StoreError(explain(error, f"make a backup in {home.backups}")) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _tidy(home: Home) -> None:
    """Delete what is no longer kept; only files with a name of ours."""
    found = backups(home)
    daily = [path for path in found if "-before-" not in path.name]
    before = [path for path in found if "-before-" in path.name]
    kept = {*_kept(daily), *before[:KEPT_BEFORE]}
    for path in found:
        if path not in kept:
            with suppress(OSError):
                path.unlink()


def _kept(daily: Sequence[Path]) -> list[Path]:
    weeks: dict[tuple[int, int], Path] = {}
    for path in daily[KEPT_DAYS:]:
        year, week, _ = _date(path).isocalendar()
        weeks.setdefault((year, week), path)
    return [*daily[:KEPT_DAYS], *list(weeks.values())[:KEPT_WEEKS]]


def _files(home: Home) -> list[Path]:
    try:
        return [path for path in home.backups.iterdir() if path.is_file()]
    except OSError:
        return []


def _date(path: Path) -> date:
    try:
        return date.fromisoformat(path.name[len("keepers-") : len("keepers-2000-01-01")])
    except ValueError:
        return date.min


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _day(now: float | None) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(now))
