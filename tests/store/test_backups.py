"""Backups: whole or not there, one a day, few in the end, and never where there is no room."""

import os
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from shutil import which

import pytest

from tui.domain.candidate import Marks
from tui.store.backups import KEPT_BEFORE, KEPT_DAYS, KEPT_WEEKS, backups, make_before, make_daily
from tui.store.errors import StoreError
from tui.store.in_use import share, take
from tui.store.keeping_safe import keep_safe
from tui.store.migrations import MIGRATIONS, migrate
from tui.store.paths import Home, find_home
from tui.store.replacing import delete_old
from tui.store.sidecar import read_sidecar
from tui.store.soundness import problems
from tui.store.store import Store, open_store

from .helpers import add_image, output, start

DAY = 86_400.0
FIRST = time.mktime((2027, 3, 1, 12, 0, 0, 0, 0, -1))
"""Noon of a Monday."""


def days(home: Home) -> list[date]:
    """The days of the daily backups, newest first."""
    names = [path.name for path in backups(home) if "before" not in path.name]
    return [date.fromisoformat(name[len("keepers-") : -len(".db")]) for name in names]


def test_there_is_one_a_day_and_it_is_a_whole_database(store: Store) -> None:
    store.projects.add("A cat")
    made = make_daily(store.home, now=FIRST)
    assert made == store.home.data / "backups" / "keepers-2027-03-01.db"
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.parent.stat().st_mode & 0o777 == 0o700
    assert problems(made) == ()
    with closing(sqlite3.connect(made)) as copy:
        assert copy.execute("SELECT name FROM projects").fetchall() == [("A cat",)]
    store.projects.add("A dog")
    before = made.read_bytes()
    assert make_daily(store.home, now=FIRST + 3_600) is None
    assert made.read_bytes() == before
    assert make_daily(store.home, now=FIRST + DAY) is not None
    assert [path.name for path in made.parent.iterdir() if path.suffix != ".db"] == []


def test_a_week_of_days_and_a_month_of_weeks_are_kept(store: Store) -> None:
    own = store.home.backups / "keepers-my-own.db"
    for number in range(70):
        make_daily(store.home, now=FIRST + number * DAY)
        own.touch()
        found, last = days(store.home), date(2027, 3, 1) + timedelta(number)
        newest = [last - timedelta(n) for n in range(min(KEPT_DAYS, number + 1))]
        assert found[:KEPT_DAYS] == newest
        weeks = [day.isocalendar()[:2] for day in found[KEPT_DAYS:]]
        assert len(set(weeks)) == len(weeks) <= KEPT_WEEKS
    found = days(store.home)
    assert len(found) == KEPT_DAYS + KEPT_WEEKS
    assert (found[0] - found[-1]).days >= 7 * KEPT_WEEKS
    assert own.exists()


def test_backups_before_a_change_are_few(store: Store) -> None:
    for number in range(5):
        make_before(store.home, f"{number:04} some change", now=FIRST + number * DAY)
    assert len(backups(store.home)) == KEPT_BEFORE
    assert backups(store.home)[0].name.endswith("-before-0004.db")


def test_a_change_of_the_tables_begins_with_a_backup(home: Home) -> None:
    from tui.store.database import Database

    with Database(home.database) as database:
        migrate(database, MIGRATIONS[:2])
        with database.transaction() as connection:
            connection.execute(
                "INSERT INTO projects VALUES ('p', 'p', 'Old', '{}', '{}', 1.0, 1.0, NULL, NULL)"
            )
    with open_store(home) as store:
        assert [project.name for project in store.projects.list()] == ["Old"]
    (made,) = backups(home)
    assert made.name.endswith("-before-0003.db")
    with closing(sqlite3.connect(made)) as copy:
        names = {row[0] for row in copy.execute("SELECT name FROM migrations")}
        assert names == {step.name for step in MIGRATIONS[:2]}
        assert copy.execute("SELECT name FROM projects").fetchall() == [("Old",)]
    with open_store(home):
        assert backups(home) == (made,)


def test_a_new_home_needs_no_backup(store: Store) -> None:
    assert backups(store.home) == ()
    assert not store.home.backups.exists()


def test_a_damaged_database_takes_no_backups_place(home: Home) -> None:
    with open_store(home) as store:
        for _ in range(400):
            store.projects.add("A cat")
    raw = home.database.read_bytes()
    home.database.write_bytes(raw[: len(raw) // 2] + os.urandom(len(raw) // 4))
    with pytest.raises(StoreError, match="keepers repair"):
        make_daily(home)
    assert list(home.backups.iterdir()) == []


MAKER = """
import sys
from tui.store.keeping_safe import keep_safe
from tui.store.paths import find_home
from tui.store.store import open_store
with open_store(find_home({"KEEPERS_HOME": sys.argv[1]})) as store:
    print("ready")
    sys.stdin.readline()
    keep_safe(store)
    print("done")
"""


def test_two_at_once_make_one(home: Home) -> None:
    with open_store(home) as store:
        for number in range(300):
            add_image(store, store.projects.ensure("p", "P"), f"i{number}")
    makers = [start(MAKER, str(home.data.parent)) for _ in range(3)]
    for maker in makers:
        assert output(maker).readline() == "ready\n"
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("\n")
        maker.stdin.flush()
    for maker in makers:
        with maker:
            assert output(maker).read() == "done\n"
    (made,) = home.backups.iterdir()
    assert problems(made) == ()


def test_one_that_is_killed_leaves_no_half(home: Home) -> None:
    with open_store(home) as store:
        for number in range(300):
            add_image(store, store.projects.ensure("p", "P"), f"i{number}")
    for wait in (0.0, 0.001, 0.003, 0.01):
        with start(MAKER, str(home.data.parent)) as maker:
            assert output(maker).readline() == "ready\n"
            assert maker.stdin is not None
            maker.stdin.write("\n")
            maker.stdin.flush()
            try:
                maker.wait(wait)
            except subprocess.TimeoutExpired:
                maker.kill()
        for made in backups(home):
            assert problems(made) == ()
            made.unlink()


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    if os.geteuid() != 0 or which("mount") is None:
        pytest.skip("only root may mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "keepers-test", str(tmp_path)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        home = find_home({"KEEPERS_HOME": str(tmp_path)})
        with open_store(home) as store:
            store.projects.add("A cat")
            with pytest.raises(StoreError, match=r"too little room .* free some space"):
                keep_safe(store)
            assert backups(home) == ()
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_once_a_day_the_files_say_everything(store: Store) -> None:
    project = store.projects.add("A cat")
    image = add_image(store, project, "a")
    store.marks.update("a", Marks(comment="nice"))
    entry = store.library.add(image, name="Cat", brief=project.brief, layers=project.draft)
    words = store.home.library / f"{entry.id}.json"
    words.unlink()
    assert keep_safe(store)
    file = store.projects.folder(project) / "project.json"
    assert read_sidecar(file).marks == {"a": Marks(comment="nice")}
    assert words.exists()
    written = file.stat().st_mtime_ns
    assert not keep_safe(store)
    store.write_sidecar(project.id)
    assert file.stat().st_mtime_ns == written, "what is said already is not written again"


def test_former_databases_go_after_a_month_but_for_the_last(store: Store) -> None:
    aside, month = store.home.set_aside, 31 * 86_400.0
    named = ("2020-01-01-120000", "2020-01-01-120000-2", "2020-01-20-120000", "mine")
    for name in named:
        (aside / name).mkdir(parents=True)
        for file in ("keepers.db", "keepers.db-wal"):
            (aside / name / file).write_bytes(b"former")
    (aside / named[1] / "note.txt").write_text("mine")
    begun = time.mktime(time.strptime(named[0], "%Y-%m-%d-%H%M%S"))

    def left() -> list[str]:
        return sorted(str(path.relative_to(aside)) for path in aside.rglob("*") if path.is_file())

    everything = left()
    delete_old(store.home, now=begun + month - 2 * 86_400)
    assert left() == everything
    delete_old(store.home, now=begun + month)
    there = [f"{name}/keepers.db{end}" for name in named[2:] for end in ("", "-wal")]
    assert left() == sorted([f"{named[1]}/note.txt", *there])
    # With the daily backup, and never the last one.
    (aside / named[2]).rename(aside / named[1].replace("01-01", "01-02"))
    (aside / named[2]).mkdir()
    assert keep_safe(store)
    assert left() == sorted([f"{named[1]}/note.txt", *there[2:]])


def test_many_may_have_a_home_open_or_one_may_be_alone_with_it(home: Home) -> None:
    first, second = share(home), share(home)
    with pytest.raises(StoreError, match="leave it, wait for what runs"):
        take(home)
    first.close()
    second.close()
    with take(home):
        with pytest.raises(StoreError, match="is at work"):
            open_store(home)
        with pytest.raises(StoreError, match="leave it"):
            take(home)
    open_store(home).close()
