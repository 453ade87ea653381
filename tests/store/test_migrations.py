from pathlib import Path

import pytest

from tui.store.database import Database
from tui.store.errors import StoreError
from tui.store.migrations import MIGRATIONS, Migration, migrate
from tui.store.store import Store

FIRST = Migration("1", ("CREATE TABLE a (x)", "INSERT INTO a VALUES (1)"))
SECOND = Migration("2", ("ALTER TABLE a ADD COLUMN y", "CREATE TABLE b (x)"))
FAILING = Migration("2", ("CREATE TABLE b (x)", "UPDATE a SET x = 2", "CREATE TABLE a (x)"))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "a.db")


def dump(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.iterdump())


def test_each_step_is_taken_once(database: Database) -> None:
    assert migrate(database, (FIRST,)) == ("1",)
    assert migrate(database, (FIRST,)) == ()
    assert migrate(database, (FIRST, SECOND)) == ("2",)
    with database.read() as connection:
        rows = connection.execute("SELECT name FROM migrations ORDER BY name").fetchall()
        assert [row[0] for row in rows] == ["1", "2"]


def test_a_failing_step_leaves_nothing(database: Database) -> None:
    with pytest.raises(StoreError, match="syntax error"):
        migrate(database, (Migration("0", ("CREATE TABLE x (x)", "nonsense")),))
    migrate(database, (FIRST,))
    before = dump(database)
    with pytest.raises(StoreError, match="already exists"):
        migrate(database, (FIRST, FAILING))
    assert dump(database) == before
    assert migrate(database, (FIRST, SECOND)) == ("2",)


def test_a_newer_database_is_refused_and_untouched(store: Store) -> None:
    newer = (*MIGRATIONS, Migration("9999 from the future", ("CREATE TABLE future (x)",)))
    migrate(store.database, newer)
    before = dump(store.database)
    with pytest.raises(StoreError, match=r"newer Keepers .*9999 from the future"):
        migrate(store.database)
    assert dump(store.database) == before


def test_names_are_never_used_twice() -> None:
    assert len({migration.name for migration in MIGRATIONS}) == len(MIGRATIONS)


def test_the_promised_columns_and_indexes_exist(store: Store) -> None:
    with store.database.read() as connection:
        for table in ("projects", "jobs", "images", "marks", "migrations"):
            assert connection.execute(f"SELECT * FROM {table}").fetchall() is not None
        for columns in ("intent_key = 'a' AND model_revision = 'b'", "job_id = 'a'"):
            plan = connection.execute(
                f"EXPLAIN QUERY PLAN SELECT * FROM images WHERE {columns}"
            ).fetchone()
            assert "USING INDEX" in plan["detail"]
