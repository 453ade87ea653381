"""A database that is broken, cut short or gone is built again from backups and files."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.helpers import output, start
from tests.workflow.rich_home import all_of, files, fill, home_in, stored
from tui.domain.candidate import Marks
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.store.backups import make_daily
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.store.keeping_safe import note_down
from tui.store.paths import Home
from tui.store.store import open_store
from tui.workflow.rebuild import rebuild
from tui.workflow.rebuild_report import Condition, Report, in_words


@pytest.fixture(scope="module")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rich")
    fill(folder)
    return folder


@pytest.fixture
def home(model_home: Path, tmp_path: Path) -> Home:
    shutil.copytree(model_home, tmp_path, dirs_exist_ok=True)
    return home_in(tmp_path)


def robot(home: Home) -> Path:
    """The folder of the project that has everything."""
    (found,) = home.projects.glob("*-robot")
    return found


def pictures(home: Home) -> list[Path]:
    return sorted(robot(home).glob("*.png"))


def noise(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 20_000] = random.Random(1).randbytes(20_000)
    path.write_bytes(raw)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_text(path: Path) -> None:
    path.write_bytes(b"This is my diary. " * 100)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def damage_a_value(path: Path) -> None:
    """What SQLite finds sound and Keepers cannot read."""
    import sqlite3

    connection = sqlite3.connect(path)
    connection.execute("UPDATE images SET origin = 'nowhere'")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "harm", [noise, cut, empty, replace_by_text, replace_by_folder, damage_a_value, Path.unlink]
)
def test_what_was_known_is_there_again(home: Home, harm: Callable[[Path], object]) -> None:
    before = stored(home)
    harm(home.database)
    broken = home.database.read_bytes() if home.database.is_file() else None
    report = rebuild(home)
    assert (report.rebuilt, report.base) == (True, "")
    assert report.database is (Condition.MISSING if harm is Path.unlink else Condition.DAMAGED)
    assert report.problems
    assert report.all_is_well, report
    assert (report.projects_found_again, report.library_found_again) == (2, 2)
    assert report.images_found_again == report.images == len(pictures(home)) == 10
    assert stored(home) == before
    if broken is not None:
        assert Path(report.set_aside).read_bytes() == broken
    after = files(home)
    assert rebuild(home).all_is_well
    assert files(home) == after


def test_a_sound_home_is_left_as_it_is(home: Home) -> None:
    before = files(home)
    report = rebuild(home)
    assert (report.database, report.rebuilt, report.all_is_well) == (Condition.SOUND, False, True)
    assert list(in_words(report))[-1] == "All is well."
    assert files(home) == before


def test_a_dry_run_says_it_and_changes_nothing(home: Home) -> None:
    noise(home.database)
    before = files(home)
    report = rebuild(home, dry_run=True)
    assert files(home) == before
    assert not report.rebuilt
    assert not report.all_is_well
    done = rebuild(home)
    assert msgspec.structs.replace(done, rebuilt=False, set_aside="", dry_run=True) == report


def test_where_nothing_was_kept_there_is_nothing_to_repair(tmp_path: Path) -> None:
    report = rebuild(home_in(tmp_path))
    assert report.all_is_well
    assert "nothing to repair" in next(in_words(report))
    assert not list(tmp_path.iterdir())


def test_the_backup_is_the_base_and_what_is_newer_comes_from_the_files(home: Home) -> None:
    with open_store(home) as store:
        store.layer_history.add(Layers(subject="only the database knows"))
        queued = store.jobs.add(_project(home), "{}")
        assert make_daily(home) is not None
        project, first = _project(home), store.images.list(_project(home))[0]
        store.marks.update(first.id, Marks(comment="newer than the backup"))
        store.projects.update(project, name="Renamed since")
        note_down(store)
        before = all_of(store)
    noise(home.database)
    report = rebuild(home)
    assert report.base.endswith(".db")
    assert report.all_is_well
    assert report.found_again == 0
    with open_store(home) as store:
        assert all_of(store) == before
        assert store.jobs.get(queued.id) == queued
        assert "only the database knows" in store.layer_history.list("subject")


def test_what_a_newer_backup_knows_is_not_undone_by_an_older_file(home: Home) -> None:
    with open_store(home) as store:
        first = store.images.list(_project(home))[0]
        store.marks.update(first.id, Marks(comment="not in the file yet"))
        make_daily(home)
    cut(home.database)
    assert rebuild(home).all_is_well
    with open_store(home) as store:
        assert store.marks.get(first.id).comment == "not in the file yet"


def test_a_broken_backup_is_passed_over(home: Home) -> None:
    with open_store(home) as store:
        whole = make_daily(home, now=1.8e9)
        broken = make_daily(home, now=1.8e9 + 86_400)
        before = all_of(store)
    assert broken is not None
    noise(broken)
    home.database.unlink()
    assert rebuild(home).base == str(whole)
    assert stored(home) == before


def test_changed_missing_and_moved_pictures_are_named(home: Home) -> None:
    changed, gone, moved, unreadable, *_ = pictures(home)
    raw = bytearray(changed.read_bytes())
    raw[-20] ^= 0xFF
    changed.write_bytes(raw)
    gone.unlink()
    moved.rename(moved.with_name("my favourite.png"))
    unreadable.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    home.database.unlink()
    report = rebuild(home)
    assert not report.all_is_well
    assert report.missing == (str(gone.relative_to(home.data)),)
    assert report.changed == (str(changed.relative_to(home.data)),)
    (named,) = report.unreadable
    assert named.path == str(unreadable.relative_to(home.data))
    assert "damaged" in named.why
    with open_store(home) as store:
        records = {store.images.file(record).name: record for record in _images(home)}
        assert set(records) == {path.name for path in pictures(home)} - {unreadable.name}
        assert records[changed.name].sha256 != files(home)[str(changed.relative_to(home.data))]
    words = "\n".join(in_words(report))
    assert all(part in words for part in ("1 missing:", "1 changed since", "1 unreadable:"))


def test_a_sound_database_learns_of_other_files_only_when_asked(home: Home) -> None:
    before = stored(home)
    with open_store(home) as store:
        new = store.projects.add("Newer than all files")
        store.projects.trash(_project(home))
    other = home.data.parent / "other"
    shutil.copytree(robot(home), other)
    home.database.unlink()
    shutil.rmtree(robot(home))
    rebuild(home)
    shutil.copytree(other, home.projects / f"{before['projects'][0].id}-robot")
    report = rebuild(home)
    assert (report.database, report.rebuilt) == (Condition.SOUND, False)
    assert (report.projects_found_again, report.images_found_again) == (1, 10)
    assert "keepers repair --rebuild" in list(in_words(report))[-1]
    asked = rebuild(home, anyway=True)
    assert asked.rebuilt
    assert asked.all_is_well
    assert asked.base == str(home.database)
    assert {image.id for image in _images(home)} == {
        image.id for image in before[before["projects"][0].id][0]
    }
    assert new.id not in {project.id for project in stored(home)["projects"]}


def test_pictures_tell_of_a_project_without_its_file(home: Home) -> None:
    before = {image.id: image for image in _images(home)}
    (robot(home) / "project.json").write_bytes(b"\xff{nonsense")
    home.database.unlink()
    report = rebuild(home)
    assert "could not read" in report.unreadable[0].why
    after = {image.id: image for image in _images(home)}
    lost = {i for i, image in before.items() if image.origin is Origin.IMPORTED}
    assert set(after) == set(before) - lost, "a picture from elsewhere says nothing of itself"
    for image_id, image in after.items():
        was = before[image_id]
        same = {"created": was.created, "seconds": was.seconds}
        assert msgspec.structs.replace(image, **same) == was
    with open_store(home) as store:
        project = store.projects.get(_project(home))
        assert (project.name, project.draft.subject) == ("robot", "a robot")


def test_images_drawn_after_the_file_was_written_are_found(home: Home) -> None:
    file = robot(home) / "project.json"
    said = msgspec.json.decode(file.read_bytes())
    before = {image.id: image for image in _images(home)}
    drawn = [image for image in said["images"] if image["origin"] != "imported"]
    said["images"] = [image for image in said["images"] if image not in drawn[1:]]
    file.write_bytes(msgspec.json.encode(said))
    home.database.unlink()
    assert rebuild(home).all_is_well
    after = {image.id: image for image in _images(home)}
    assert {i: (m.job_id, m.parent_id) for i, m in after.items()} == {
        i: (m.job_id, m.parent_id) for i, m in before.items()
    }


def test_older_files_are_read(home: Home) -> None:
    file = robot(home) / "project.json"
    said = msgspec.json.decode(file.read_bytes())
    for name in ("jobs", "sweeps", "position", "archived", "trashed", "changed"):
        del said[name]
    for image in said["images"]:
        for name in ("created", "seconds", "pixels", "width", "height"):
            del image[name]
    file.write_bytes(msgspec.json.encode(said | {"version": 2}))
    before = {image.id: image for image in _images(home)}
    home.database.unlink()
    assert rebuild(home).all_is_well
    after = {image.id: image for image in _images(home)}
    assert set(after) == set(before)
    for image_id, image in after.items():
        assert abs(image.created - before[image_id].created) < 60
        assert (image.width, image.height) == (before[image_id].width, before[image_id].height)


def test_a_copy_of_a_folder_is_named_and_left_alone(home: Home) -> None:
    before = stored(home)
    shutil.copytree(robot(home), home.projects / "copy of robot")
    shutil.copytree(robot(home), robot(home).with_name(f"{robot(home).name}-2"))
    home.database.unlink()
    report = rebuild(home)
    assert len(report.unreadable) == 2
    assert all("another folder has this project" in named.why for named in report.unreadable)
    assert stored(home) == before


def test_hostile_files_are_named_and_obeyed_in_nothing(home: Home) -> None:
    file = robot(home) / "project.json"
    said = msgspec.json.decode(file.read_bytes())
    template = said["images"][0]
    said["name"] = "\x1b[2J\u202eevil"
    said["created"] = 1e300
    said["position"]["step"] = 99
    said["jobs"][0] |= {"state": "queued", "request": '{"intent": {"model": "evil/model"}}'}
    said["images"] += [
        template | {"id": "up", "path": "../../etc/passwd.png"},
        template | {"id": "db", "path": "keepers.lock"},
        template | {"id": "../id", "path": template["path"]},
        template | {"id": "nul", "path": "projects/\0.png"},
        template | {"id": "gone", "path": "projects/none/\x1b[2Jx.png", "sha256": "x"},
        template | {"id": "big", "width": 2**63 - 1, "pixels": "0" * 64, "parent": "big"},
    ]
    said["marks"]["nobody"] = {"comment": "x"}
    file.write_bytes(msgspec.json.encode(said))
    (home.projects / "p2-link").symlink_to("/etc")
    (home.projects / "p3-deep").mkdir()
    (home.projects / "p3-deep" / "project.json").write_bytes(b"[" * 100_000)
    (home.projects / "p4-pipe").mkdir()
    for pipe in (
        home.projects / "p4-pipe" / "project.json",
        robot(home) / "pipe.png",
        home.library / "pipe.json",
        home.library / "pipe.png",
    ):
        os.mkfifo(pipe)
    (home.library / "evil.json").write_text('{"entry": {}}')
    (home.library / "x y.png").write_bytes(b"no picture")
    home.database.unlink()
    report = rebuild(home)
    assert report.rebuilt
    assert len(report.unreadable) >= 8
    words = "\n".join(in_words(report))
    assert words.replace("\n", "").isprintable()
    with open_store(home) as store:
        assert store.jobs.next_queued() is None
        assert store.projects.get(_project(home)).name == "[2Jevil"
        assert store.projects.get(_project(home)).created < time.time() + 90_000
        assert store.positions.get(_project(home)).step == 1
        ids = {image.id for image in _images(home)}
        assert not ids & {"up", "db", "../id", "nul", "gone"}
        assert len(ids - {"big"}) == 10
        assert [image.id for image in store.images.line("big")] == ["big"]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=st.integers(0, 10**6), instead=st.binary(min_size=1, max_size=8))
def test_any_change_of_a_file_is_survived(home: Home, where: int, instead: bytes) -> None:
    file = robot(home) / "project.json"
    whole = file.read_bytes()
    raw = bytearray(whole)
    place = where % len(raw)
    raw[place : place + len(instead)] = instead
    file.write_bytes(raw)
    try:
        home.database.unlink(missing_ok=True)
        assert rebuild(home).rebuilt
        assert _images(home)
        assert stored(home)["projects"]
    finally:
        file.write_bytes(whole)


def test_the_library_is_found_by_words_or_by_picture(home: Home) -> None:
    (picture,) = home.library.glob("*.png")
    style, was = sorted(stored(home)["library"], key=lambda entry: entry.has_picture)
    picture.with_suffix(".json").unlink()
    home.database.unlink()
    assert rebuild(home).all_is_well
    again, entry = sorted(stored(home)["library"], key=lambda entry: entry.has_picture)
    assert again == style, "words without a picture are enough for a style"
    assert (entry.id, entry.image_id, entry.project_id) == (was.id, was.image_id, was.project_id)
    assert (entry.sha256, entry.layers, entry.model) == (was.sha256, was.layers, was.model)
    picture.unlink()
    assert rebuild(home).missing == (str(picture.relative_to(home.data)),)


REPAIR = """
import sys
from pathlib import Path
from tui.store.paths import find_home
from tui.workflow.rebuild import rebuild
home = find_home({"KEEPERS_HOME": sys.argv[1]})
print("ready")
sys.stdin.readline()
rebuild(home)
print("done")
"""


def test_a_repair_that_is_killed_leaves_the_old_files(home: Home) -> None:
    before = stored(home)
    noise(home.database)
    broken, chance = home.database.read_bytes(), random.Random(2)
    longest = 0.1
    for _ in range(8):
        with start(REPAIR, str(home.data.parent)) as process:
            assert output(process).readline() == "ready\n"
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
            try:
                process.wait(chance.uniform(0.0, longest))
            except subprocess.TimeoutExpired:
                longest *= 1.3
            else:
                longest /= 2
            process.kill()
        there = [home.database, *home.set_aside.glob("*/keepers.db")]
        assert any(path.read_bytes() == broken for path in there)
        if home.database.read_bytes() == broken:
            continue
        assert stored(home) == before
        home.database.write_bytes(broken)
    assert rebuild(home).all_is_well
    assert stored(home) == before
    assert not list(home.data.glob(".tmp-*"))


HOLD = """
import sys
from tui.store.paths import find_home
from tui.store.store import open_store
with open_store(find_home({"KEEPERS_HOME": sys.argv[1]})):
    print("open")
    sys.stdin.readline()
"""


def test_nothing_is_repaired_while_somebody_has_the_home_open(home: Home) -> None:
    before = files(home)
    with start(HOLD, str(home.data.parent)) as process:
        assert output(process).readline() == "open\n"
        with pytest.raises(StoreError, match=r"a Keepers has .* open: leave it"):
            rebuild(home)
        process.kill()
    assert rebuild(home).all_is_well
    assert {n: d for n, d in files(home).items() if "keepers.db-" not in n} == before


KILLED = """
import os, signal, sys
from tui.store.paths import find_home
from tui.store.store import open_store
store = open_store(find_home({"KEEPERS_HOME": sys.argv[1]}))
store.projects.add("In the log alone")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_in_the_log_counts(home: Home) -> None:
    log = Path(f"{home.database}-wal")
    with start(KILLED, str(home.data.parent)):
        pass
    assert log.stat().st_size > 0
    assert rebuild(home, dry_run=True).projects == 3
    report = rebuild(home, anyway=True)
    assert (report.rebuilt, report.projects, log.exists()) == (True, 3, False)
    assert len(stored(home)["projects"]) == 3


def test_the_log_of_a_broken_database_is_set_aside_with_it(home: Home) -> None:
    before, log = stored(home), Path(f"{home.database}-wal")
    with start(KILLED, str(home.data.parent)):
        pass
    written = log.read_bytes()
    home.database.write_bytes(b"no database " * 5_000)
    report = rebuild(home)
    aside = Path(report.set_aside)
    assert aside.read_bytes() == b"no database " * 5_000
    assert aside.with_name("keepers.db-wal").read_bytes() == written
    assert stored(home) == before


def test_what_is_asked_in_words_of_a_broken_database_names_the_repair(home: Home) -> None:
    home.database.unlink()
    with pytest.raises(StoreError, match=r"is gone, .*run “keepers repair”"):
        open_store(home)
    assert not home.database.exists()
    for harm in (replace_by_text, noise):
        rebuild(home)
        harm(home.database)
        with pytest.raises(StoreError, match="run “keepers repair”"):
            stored(home)


def test_the_interface_side_never_loads_what_draws() -> None:
    code = "import sys, tui.workflow.rebuild; print([m for m in sys.modules if m == 'torch'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_reports_are_one_object(home: Home) -> None:
    noise(home.database)
    report = rebuild(home)
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def _project(home: Home) -> str:
    return robot(home).name.split("-")[0]


def _images(home: Home) -> list[ImageRecord]:
    with open_store(home) as store:
        return list(store.images.list(_project(home)))
