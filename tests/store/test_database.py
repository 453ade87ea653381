import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from tui.store.database import Database
from tui.store.errors import StoreError
from tui.store.paths import Home
from tui.store.store import Store, open_store

from .helpers import add_image, output, start


@pytest.fixture
def table(tmp_path: Path) -> Database:
    database = Database(tmp_path / "a.db", busy_seconds=0)
    with database.transaction() as connection:
        connection.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)")
    return database


def insert(database: Database, *values: int) -> None:
    with database.transaction() as connection:
        connection.executemany("INSERT INTO t VALUES (?)", ((value,) for value in values))


def fail_after_insert(database: Database) -> None:
    with database.transaction():
        insert(database, 1)
        raise ZeroDivisionError


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


def test_an_error_undoes_the_whole_block(table: Database) -> None:
    with pytest.raises(StoreError, match="refused an entry"):
        insert(table, 1, 2, 1)
    with pytest.raises(ZeroDivisionError):
        fail_after_insert(table)
    assert count(table) == 0


def test_an_inner_block_is_undone_by_itself(table: Database) -> None:
    with table.transaction() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(StoreError, match="refused an entry"):
            insert(table, 2, 1)
        insert(table, 3)
    assert count(table) == 2


def test_threads_share_it(table: Database) -> None:
    def write(first: int) -> None:
        for number in range(50):
            with table.transaction() as connection:
                connection.execute("INSERT INTO t VALUES (?)", (first + number,))

    threads = [Thread(target=write, args=(first,)) for first in (0, 1_000, 2_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(table) == 150


def test_a_busy_database_is_explained(table: Database) -> None:
    other = Database(table.path, busy_seconds=0)
    with (
        other.transaction(),
        pytest.raises(StoreError, match=r"has kept .* busy for too long: try again"),
        table.transaction(),
    ):
        pass
    other.close()
    with table.transaction() as connection:
        connection.execute("INSERT INTO t VALUES (1)")


def test_a_read_only_database_is_explained(table: Database) -> None:
    with table.read() as connection:
        connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="cannot be written"), table.transaction() as connection:
        connection.execute("INSERT INTO t VALUES (1)")


def test_what_sqlite_cannot_hold_is_explained(table: Database) -> None:
    for value in (2**63, "\udc80"):
        with pytest.raises(StoreError, match="cannot hold"), table.transaction() as connection:
            connection.execute("INSERT INTO t VALUES (?)", (value,))


def test_wrong_sql_is_not_hidden(table: Database) -> None:
    with (
        pytest.raises(StoreError, match=r"did not answer as it should \(no such table: none\)"),
        table.read() as connection,
    ):
        connection.execute("SELECT * FROM none")
    table.close()
    with pytest.raises(sqlite3.ProgrammingError), table.read() as connection:
        connection.execute("SELECT 1")


def test_what_is_not_a_database_is_left_alone(home: Home) -> None:
    home.database.write_bytes(b"This is my diary. " * 100)
    with pytest.raises(StoreError, match="is not a database of Keepers, or is damaged"):
        open_store(home)
    assert home.database.read_bytes() == b"This is my diary. " * 100


def test_a_folder_in_its_place_is_explained(home: Home) -> None:
    home.database.mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(home)


def test_a_missing_folder_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="it is not there"):
        Database(tmp_path / "none" / "a.db")


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_never_crash(home: Home, seed: int) -> None:
    with open_store(home) as store:
        project = store.projects.add("A cat")
        for number in range(30):
            add_image(store, project, f"a{number}")
    raw = bytearray(home.database.read_bytes())
    first = (seed * 7_919) % (len(raw) - 4_096)
    raw[first : first + 4_096] = bytes(byte ^ 0xA5 for byte in raw[first : first + 4_096])
    home.database.write_bytes(raw)
    with suppress(StoreError), open_store(home) as store:
        for project in store.projects.list():
            for record in store.images.list(project.id):
                assert isinstance(record.seed, int)
                _ = record.recipe


def test_damage_to_a_page_is_said(home: Home) -> None:
    with open_store(home):
        pass
    raw = home.database.read_bytes()
    home.database.write_bytes(raw[:4_096] + b"\xa5" * (len(raw) - 4_096))
    with pytest.raises(StoreError, match="damaged"), open_store(home) as store:
        store.projects.add("A cat")


WRITER = """
import sys
from tui.store.paths import find_home
from tui.store.store import open_store
home = find_home({"KEEPERS_HOME": sys.argv[1]})
print("ready")
sys.stdin.readline()
with open_store(home) as store:
    project = store.projects.ensure("cli", "Command line")
    for number in range(60):
        store.jobs.add(project.id, "{}", job_id=f"{sys.argv[2]}{number}")
        store.projects.update(project.id, name=f"name {number}")
print("done")
"""


def test_processes_that_start_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """Also of the migration: both find no database."""
    writers = [start(WRITER, str(tmp_path), name) for name in "abc"]
    for writer in writers:
        assert output(writer).readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        with writer:
            assert output(writer).read() == "done\n"
    with open_store(Home(tmp_path / "data", tmp_path, tmp_path, tmp_path)) as store:
        jobs = store.jobs.list()
        assert {job.id for job in jobs} == {f"{name}{n}" for name in "abc" for n in range(60)}
        assert sorted(job.position for job in jobs) == [float(n + 1) for n in range(180)]


def test_two_stores_see_each_other(store: Store) -> None:
    with open_store(store.home) as other:
        project = other.projects.add("A cat")
        assert store.projects.get(project.id) == project
