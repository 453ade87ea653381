"""The database, checked, and where it is broken built again: on a backup, and from the files.

All of it happens in a copy. Only when that is whole does it take the database's name.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tui.engine.discovery import check_host, lock_is_held, read_info
from tui.store.backups import backups, check_room, copy_database
from tui.store.database import Database
from tui.store.errors import StoreError, explain
from tui.store.in_use import take
from tui.store.migrations import NewerDatabaseError, migrate
from tui.store.paths import Home
from tui.store.replacing import put_in_place
from tui.store.soundness import problems, unreadable
from tui.store.store import Store, store_of
from tui.workflow.rebuild_library import take_in_library
from tui.workflow.rebuild_projects import take_in_projects
from tui.workflow.rebuild_report import Condition, Findings, Report

_WORKSHOP = ".tmp-repair-"


class _Base(NamedTuple):
    source: Path | None
    """The database that the copy was made from; None where it is a new one."""
    condition: Condition
    problems: tuple[str, ...]
    """Of the home's own database."""


def rebuild(home: Home, *, anyway: bool = False, dry_run: bool = False) -> Report:
    """Check a home's database and files, and build the database again where it is broken.

    Args:
        home: which.
        anyway: also build on a sound database, to bring in what only the files know.
        dry_run: only say what would come of it.

    Raises:
        StoreError: somebody has the home open, a newer Keepers has been here, or the disk
            refuses; the former database is then where it was.
    """
    if not _used(home):
        return Report(database=Condition.NEVER_MADE, dry_run=dry_run)
    _refuse_running(home)
    with take(home), _workshop(home) as folder:
        check_room(home)
        copy = folder / home.database.name
        base = _base(home, copy)
        sound, findings = base.condition is Condition.SOUND, Findings(home)
        with Database(copy) as database:
            migrate(database)
            store = store_of(home, database)
            take_in_projects(store, findings, fill_only=sound)
            take_in_library(store, findings, fill_only=sound)
            _compare(store, findings)
            counts = _counts(store)
        if wrong := problems(copy):
            raise StoreError(f"the rebuilt database is not sound, so nothing was changed: {wrong}")
        replace = (anyway or not sound) and not dry_run
        aside = put_in_place(home, copy, sound=sound) if replace else None
    return Report(
        database=base.condition,
        problems=base.problems,
        dry_run=dry_run,
        rebuilt=replace,
        set_aside=str(aside or ""),
        base=str(base.source or ""),
        projects=counts[0],
        projects_found_again=findings.projects,
        images=counts[1],
        images_found_again=findings.images,
        library=counts[2],
        library_found_again=findings.entries,
        missing=tuple(findings.missing),
        changed=tuple(findings.changed),
        unreadable=tuple(findings.unreadable),
    )


def _used(home: Home) -> bool:
    """Whether anything was ever kept here."""
    if home.database.exists() or backups(home):
        return True
    folders = (home.projects, home.library)
    return any(folder.is_dir() and any(folder.iterdir()) for folder in folders)


def _refuse_running(home: Home) -> None:
    check_host(home)
    if not lock_is_held(home):
        return
    info = read_info(home)
    process = f" (process {info.pid})" if info else ""
    raise StoreError(
        f"the engine of {home.data} runs{process}: close Keepers, run “keepers engine stop”, "
        "then “keepers repair” again"
    )


@contextmanager
def _workshop(home: Home) -> Iterator[Path]:
    """A private folder on the database's disk; those of killed repairs go."""
    try:
        for left in home.data.glob(f"{_WORKSHOP}*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=home.data) as folder:
            yield Path(folder)
    except OSError as error:
        raise StoreError(explain(error, f"repair {home.data}")) from error


def _base(home: Home, copy: Path) -> _Base:
    """Make `copy` the best database there is: the home's own, or the newest intact backup.

    Raises:
        StoreError: a newer Keepers has been here, or the disk refuses.
    """
    condition = Condition.DAMAGED if home.database.exists() else Condition.MISSING
    if not (found := _copied(home, home.database, copy)):
        return _Base(home.database, Condition.SOUND, ())
    for backup in backups(home):
        try:
            if not _copied(home, backup, copy):
                return _Base(backup, condition, found)
        except NewerDatabaseError:
            continue
    _remove(copy)
    return _Base(None, condition, found)


def _copied(home: Home, source: Path, copy: Path) -> tuple[str, ...]:
    """Make a copy and bring it up to date; what is wrong with it, a sentence each.

    Raises:
        NewerDatabaseError: nothing is wrong with it, but this Keepers cannot read it.
        StoreError: the disk refuses.
    """
    if found := problems(source):
        return found
    _remove(copy)
    copy_database(source, copy, alone=True)
    with Database(copy) as database:
        try:
            migrate(database)
        except NewerDatabaseError as error:
            raise NewerDatabaseError(str(error).replace(str(copy), str(source))) from error
        return unreadable(store_of(home, database))


def _remove(copy: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        Path(f"{copy}{end}").unlink(missing_ok=True)


def _compare(store: Store, findings: Findings) -> None:
    """Hold every file that the database names against what it was."""
    wanted = [
        (store.images.file(image), image.sha256)
        for project in _projects(store)
        for image in store.images.list(project)
    ]
    entries = store.library.list(10**9, archived=True)
    wanted += [(store.library.file(e), e.sha256) for e in entries if e.has_picture]
    for path, digest in wanted:
        try:
            if not path.is_file():
                findings.is_missing(path)
            elif findings.digest(path) != digest:
                findings.is_changed(path)
        except (StoreError, OSError) as error:
            findings.is_unreadable(path, error)


def _counts(store: Store) -> tuple[int, int, int]:
    """Projects, images and library entries."""
    projects = _projects(store)
    images = sum(len(store.images.list(project)) for project in projects)
    return len(projects), images, store.library.count(archived=True)


def _projects(store: Store) -> list[str]:
    everything = (*store.projects.list(archived=True), *store.projects.list(trashed=True))
    return [project.id for project in everything]
