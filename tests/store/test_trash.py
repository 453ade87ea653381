"""Trash, restore, and deleting for good: what goes, and above all what stays."""

import shutil
from pathlib import Path

import pytest

from tui.domain.candidate import Marks
from tui.domain.check import CheckItem, SignOff
from tui.domain.prompt import Layers
from tui.domain.tournament import Closer, Comparison
from tui.store.errors import NotFoundError, StoreError
from tui.store.jobs import JobState
from tui.store.library_entry import LibraryEntry
from tui.store.projects import Project
from tui.store.rounds import RoundKind
from tui.store.store import Store

from .helpers import add_image

TABLES = ("projects", "jobs", "images", "marks", "positions", "rounds", "sign_offs", "comparisons")


def filled(store: Store, name: str) -> tuple[Project, LibraryEntry]:
    """A project with a row in every table and a file, and a library entry saved from it."""
    project = store.projects.add(name)
    job = store.jobs.add(project.id, "{}")
    store.jobs.set_state(job.id, JobState.DONE)
    image = add_image(store, project, f"{name}1", job_id=job.id, data=name.encode())
    other = add_image(store, project, f"{name}2", data=bytes(1_000))
    store.comparisons.add(project.id, Comparison(image.id, other.id, Closer.LEFT))
    store.marks.update(image.id, Marks(comment="nice"))
    store.sign_offs.update(image.id, SignOff(image.sha256, (CheckItem("a", "a?"),)))
    store.rounds.add(project.id, job.id, RoundKind.FIRST)
    store.positions.update(project.id, step=3)
    entry = store.library.add(image, name=name, brief=project.brief, layers=Layers(subject=name))
    return project, entry


def rows(store: Store) -> dict[str, int]:
    with store.database.read() as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in TABLES
        }


def test_the_trash_hides_and_gives_back(store: Store) -> None:
    kept, gone = store.projects.add("Kept"), store.projects.add("Gone")
    store.projects.update(gone.id, archived=True)
    trashed = store.projects.trash(gone.id)
    assert trashed.trashed is not None
    assert [p.id for p in store.projects.list(archived=True)] == [kept.id]
    assert store.projects.list(trashed=True) == (trashed,)
    assert store.projects.update(gone.id, name="Renamed").trashed == trashed.trashed
    restored = store.projects.restore(gone.id)
    assert (restored.trashed, restored.name) == (None, "Renamed")
    assert restored.archived is not None
    assert store.projects.list(trashed=True) == ()
    for call in (store.projects.trash, store.projects.restore, store.projects.delete_for_good):
        with pytest.raises(NotFoundError, match="there is no project"):
            call("none")


def test_what_is_used_again_leaves_the_trash(store: Store) -> None:
    store.projects.ensure("cli", "Command line")
    store.projects.trash("cli")
    assert store.projects.ensure("cli", "Command line").trashed is None


def test_deleting_leaves_library_and_other_projects_whole(store: Store) -> None:
    other, other_entry = filled(store, "dog")
    before = rows(store)
    images, sidecar = store.images.list(other.id), store.write_sidecar(other.id).read_bytes()
    project, entry = filled(store, "cat")
    assert {table: n - before[table] for table, n in rows(store).items()} == dict(
        zip(TABLES, (1, 1, 2, 1, 1, 1, 1, 1), strict=True)
    )
    folder = store.projects.folder(project)
    store.projects.trash(project.id)
    store.projects.delete_for_good(project.id)
    assert rows(store) == before
    assert not folder.exists()
    with pytest.raises(NotFoundError):
        store.projects.get(project.id)

    left = store.library.get(entry.id)
    assert (left.project_id, left.image_id, left.layers) == (None, "cat1", Layers(subject="cat"))
    assert store.library.file(left).read_bytes() == b"cat"
    assert store.library.search("cat") == (left,)
    assert store.library.get(other_entry.id) == other_entry
    assert store.images.list(other.id) == images
    assert [store.images.file(image).is_file() for image in images] == [True, True]
    assert store.write_sidecar(other.id).read_bytes() == sidecar
    with store.database.read() as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_only_what_is_in_the_trash_is_deleted(store: Store) -> None:
    project, _ = filled(store, "cat")
    before = rows(store)
    with pytest.raises(StoreError, match="“cat” is not in the trash: put it there first"):
        store.projects.delete_for_good(project.id)
    assert rows(store) == before
    assert store.projects.folder(project).is_dir()


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_a_project_with_open_jobs_stays(store: Store, state: JobState) -> None:
    project, _ = filled(store, "cat")
    job = store.jobs.add(project.id, "{}")
    store.jobs.set_state(job.id, state)
    before = rows(store)
    store.projects.trash(project.id)
    with pytest.raises(StoreError, match="has 1 open in the queue: cancel that first"):
        store.projects.delete_for_good(project.id)
    assert rows(store) == before
    store.jobs.set_state(job.id, JobState.CANCELLED)
    store.projects.delete_for_good(project.id)


def test_a_folder_that_is_gone_is_no_trouble(store: Store) -> None:
    project, _ = filled(store, "cat")
    shutil.rmtree(store.projects.folder(project))
    assert store.projects.disk_use(project) == 0
    store.projects.trash(project.id)
    store.projects.delete_for_good(project.id)
    assert store.projects.list(trashed=True) == ()


def test_a_link_in_its_place_is_not_followed(store: Store, tmp_path: Path) -> None:
    project, _ = filled(store, "cat")
    folder, precious = store.projects.folder(project), tmp_path / "precious"
    folder.rename(precious)
    folder.symlink_to(precious)
    store.projects.trash(project.id)
    with pytest.raises(StoreError, match="the project is deleted, but could not delete its folder"):
        store.projects.delete_for_good(project.id)
    assert (precious / "cat1.png").read_bytes() == b"cat"


def test_disk_use_counts_the_files(store: Store, tmp_path: Path) -> None:
    project, _ = filled(store, "cat")
    assert store.projects.disk_use(project) == 3 + 1_000
    inner = store.projects.folder(project) / "masks"
    inner.mkdir()
    (inner / "a").write_bytes(bytes(50))
    (tmp_path / "big").write_bytes(bytes(9_999))
    (inner / "link").symlink_to(tmp_path / "big")
    assert store.projects.disk_use(project) == 3 + 1_000 + 50
