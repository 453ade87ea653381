"""A database from the first version opens, with all that was in it."""

import sqlite3
from pathlib import Path

import pytest

from tui.domain.candidate import Marks
from tui.store.database import Database
from tui.store.jobs import JobState
from tui.store.migrations import MIGRATIONS, migrate
from tui.store.paths import Home
from tui.store.positions import Position
from tui.store.store import open_store

NEW = ("positions", "rounds", "sign_offs", "layer_history", "library", "library_words")


@pytest.fixture
def old(home: Home) -> Home:
    """A home with a database as the first version left it."""
    (home.projects / "p1-a-cat").mkdir()
    (home.projects / "p1-a-cat" / "i1.png").write_bytes(b"png")
    with Database(home.database) as database:
        migrate(database, MIGRATIONS[:1])
        with database.transaction() as connection:
            connection.execute(
                "INSERT INTO projects VALUES ('p1', 'a-cat', 'A cat', "
                """'{"purpose":"a poster","version":1}', '{"subject":"a cat"}', 1.0, 2.0, 3.0)"""
            )
            connection.execute(
                "INSERT INTO jobs (id, project_id, request, state, position, created) "
                "VALUES ('j1', 'p1', '{}', 'done', 1, 1.0)"
            )
            connection.execute(
                "INSERT INTO images VALUES ('i1', 'p1', 'j1', NULL, 'generated', "
                "'projects/p1-a-cat/i1.png', ?, ?, '', '', '', '', 7, 0, 128, 128, 0.5, 1.0)",
                ("0" * 64, "0" * 64),
            )
            connection.execute("""INSERT INTO marks VALUES ('i1', '{"comment":"nice"}', 1.0)""")
    return home


def test_everything_old_is_there_and_everything_new_works(old: Home) -> None:
    with open_store(old) as store:
        (project,) = store.projects.list(archived=True)
        assert (project.name, project.brief.purpose) == ("A cat", "a poster")
        assert (project.draft.subject, project.archived, project.trashed) == ("a cat", 3.0, None)
        assert store.jobs.get("j1").state is JobState.DONE
        assert store.marks.get("i1") == Marks(comment="nice")
        assert store.images.file(store.images.get("i1")).read_bytes() == b"png"
        assert store.positions.get("p1") == Position()
        assert (store.rounds.list("p1"), store.sign_offs.get("i1")) == ((), None)
        assert store.positions.update("p1", step=3).step == 3
        assert store.projects.trash("p1").trashed is not None
    with open_store(old) as store:
        assert store.positions.get("p1").step == 3


def test_verdicts_given_before_there_was_a_log_are_in_it(old: Home) -> None:
    before_lessons = tuple(step for step in MIGRATIONS if step.name < "0005")
    with Database(old.database) as database:
        migrate(database, before_lessons)
        with database.transaction() as connection:
            for number, (kind, changes, verdict) in enumerate(
                (
                    ("change", '[{"where":"style","before":"flat","after":"Oil"}]', "better"),
                    ("change", '[{"where":"steps","before":"2","after":"3"}]', ""),
                    ("rewrite", '[{"where":"style","before":"","after":"oil"}]', "better"),
                    ("change", "damaged", "worse"),
                )
            ):
                connection.execute(
                    "INSERT INTO rounds (id, project_id, job_id, kind, changes, verdict, learned, "
                    "created) VALUES (?, 'p1', 'j1', ?, ?, ?, 'depth came', ?)",
                    (f"r{number}", kind, changes, verdict, number),
                )
    with open_store(old) as store:
        (lesson,) = store.lessons.search()
        assert (lesson.element, lesson.before, lesson.after) == ("style", "flat", "Oil")
        assert store.lessons.search("DEPTH oi") == store.lessons.about(["oil"]) == (lesson,)


def test_the_first_step_is_as_it_was_released() -> None:
    name, statements = MIGRATIONS[0]
    assert name == "0001 projects, jobs, images, marks"
    assert len(statements) == 8
    assert "trashed" not in "".join(statements)


def test_a_step_that_fails_leaves_the_old_database(
    old: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = MIGRATIONS[1]._replace(statements=(*MIGRATIONS[1].statements[:-1], "nonsense"))
    with Database(old.database) as database:
        with pytest.raises(Exception, match="nonsense"):
            migrate(database, (MIGRATIONS[0], broken))
        with database.read() as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        assert not {row[0] for row in tables} & set(NEW)
        assert migrate(database) == tuple(step.name for step in MIGRATIONS[1:])


def test_a_copy_by_vacuum_still_finds_words(old: Home, tmp_path: Path) -> None:
    """Backups renumber rows that have no number of their own."""
    copy = tmp_path / "copy" / "data"
    copy.mkdir(parents=True)
    with open_store(old) as store:
        with store.database.transaction() as connection:
            for number, name in ((5, "robot"), (9, "lighthouse")):
                connection.execute(
                    "INSERT INTO library (number, id, image_id, name, purpose, worked, tags, "
                    "brief, layers, options, model, kind, path, sha256, width, height, created) "
                    "VALUES (?, ?, 'i1', ?, '', '', '[]', '{}', '{}', '', '', 'simple', "
                    "'library/x.png', '', 1, 1, 1.0)",
                    (number, name, name),
                )
        store.library.update("robot", worked="warm light")
        store.library.update("lighthouse", worked="cold light")
        with store.database.read() as connection:
            connection.execute("VACUUM INTO ?", (str(copy / "keepers.db"),))
    with open_store(Home(copy, copy, copy, copy)) as store:
        assert [entry.id for entry in store.library.search("warm")] == ["robot"]
        assert [entry.id for entry in store.library.search("light co")] == ["lighthouse"]


def test_no_trigger_could_keep_the_words() -> None:
    """Why the code does it: SQLite refuses, as long as a foreign schema is not trusted."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "PRAGMA trusted_schema = OFF; CREATE TABLE t (a); CREATE VIRTUAL TABLE f USING fts5 (a);"
        "CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO f VALUES (new.a); END;"
    )
    with pytest.raises(sqlite3.OperationalError, match="unsafe use of virtual table"):
        connection.execute("INSERT INTO t VALUES ('a')")
    connection.close()
