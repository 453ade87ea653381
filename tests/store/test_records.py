"""Projects, jobs, images and marks: what goes in comes out."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.brief import Brief, Kind, Stakes
from tui.domain.candidate import Closeness, Marks
from tui.domain.intent import MAX_SEED
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.store.errors import NotFoundError, StoreError
from tui.store.ids import new_id
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.store.paths import find_home
from tui.store.projects import Project
from tui.store.store import Store, open_store

from .helpers import add_image, recipe


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for the many examples of a property."""
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path_factory.mktemp("shared"))})) as store:
        yield store


@pytest.fixture
def project(store: Store) -> Project:
    return store.projects.add("A cat")


texts = st.text(max_size=60)
briefs = st.builds(
    Brief,
    purpose=texts,
    place=texts,
    width=st.integers(0, 99_999),
    height=st.integers(0, 99_999),
    kind=st.sampled_from(Kind),
    stakes=st.sampled_from(Stakes),
    must_contain=st.lists(texts, max_size=3).map(tuple),
    must_avoid=st.lists(texts, max_size=3).map(tuple),
    style_context=texts,
    version=st.just(1),
)
drafts = st.builds(Layers, texts, texts, texts, texts, texts, version=st.just(1))
all_marks = st.builds(
    Marks,
    closeness=st.sampled_from(Closeness),
    flaws=st.lists(texts, max_size=3).map(tuple),
    merits=st.lists(texts, max_size=3).map(tuple),
    comment=texts,
    version=st.just(1),
)
plain = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
times = st.floats(0, 1e10)


@settings(deadline=None)  # a disk takes its time
@given(name=texts, brief=briefs, draft=drafts)
def test_projects_come_back_as_they_went_in(
    shared: Store, name: str, brief: Brief, draft: Layers
) -> None:
    added = shared.projects.add(name, brief=brief)
    assert added.name == (clean(name) or "Untitled")
    assert added.brief == brief.cleaned()
    updated = shared.projects.update(added.id, draft=draft)
    assert shared.projects.get(added.id) == updated
    assert (updated.draft, updated.brief, updated.unreadable) == (draft.cleaned(), added.brief, "")


@settings(deadline=None)
@given(
    made=st.builds(
        ImageRecord,
        id=st.just(""),
        project_id=st.just("cli"),
        job_id=st.none() | plain,
        parent_id=st.none() | plain,
        origin=st.sampled_from(Origin),
        path=st.just("projects/a.png"),
        sha256=plain,
        pixels=plain,
        intent_key=plain,
        model_revision=plain,
        recipe_json=plain,
        recipe_hash=plain,
        seed=st.none() | st.integers(0, MAX_SEED),
        slot=st.integers(0, 255),
        width=st.integers(1, 16_384),
        height=st.integers(1, 16_384),
        seconds=times,
        created=times,
    ),
    marks=all_marks,
)
def test_images_and_marks_come_back_as_they_went_in(
    shared: Store, made: ImageRecord, marks: Marks
) -> None:
    shared.projects.ensure("cli", "Command line")
    (shared.home.projects / "a.png").touch()
    made = msgspec.structs.replace(made, id=new_id())
    shared.images.add(made)
    assert shared.images.get(made.id) == made
    assert made.recipe is None
    shared.marks.update(made.id, marks)
    assert shared.marks.get(made.id) == marks.cleaned()


def test_a_project_keeps_its_folder_when_its_name_changes(store: Store, project: Project) -> None:
    folder = store.projects.folder(project)
    assert folder == store.home.projects / f"{project.id}-a-cat"
    renamed = store.projects.update(project.id, name="A dog")
    assert renamed.name == "A dog"
    assert store.projects.folder(renamed) == folder


def test_ensure_makes_a_project_once(store: Store) -> None:
    first = store.projects.ensure("cli", "Command line")
    store.projects.update("cli", name="Mine")
    again = store.projects.ensure("cli", "Command line")
    assert (again.id, again.slug, again.name) == ("cli", "command-line", "Mine")
    assert again.created == first.created
    with pytest.raises(StoreError, match="is no id"):
        store.projects.ensure("../x", "x")


def test_archived_projects_are_listed_on_request(store: Store, project: Project) -> None:
    other = store.projects.add("Other")
    assert store.projects.update(project.id, archived=True).archived is not None
    assert [p.id for p in store.projects.list()] == [other.id]
    assert {p.id for p in store.projects.list(archived=True)} == {other.id, project.id}
    assert store.projects.update(project.id, name="x").archived is not None
    assert store.projects.update(project.id, archived=False).archived is None


def test_what_is_not_there_is_said(store: Store) -> None:
    for get in (store.projects.get, store.jobs.get, store.images.get):
        with pytest.raises(NotFoundError, match="there is no"):
            get("none")
    with pytest.raises(NotFoundError):
        store.projects.update("none", name="x")
    with pytest.raises(NotFoundError):
        store.jobs.set_state("none", JobState.DONE)
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.jobs.add("none", "{}")
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.marks.update("none", Marks())


def test_a_brief_from_a_newer_keepers_is_shown_and_never_replaced(
    store: Store, project: Project
) -> None:
    newer = '{"version": 99, "mood": "new"}'
    with store.database.transaction() as connection:
        connection.execute("UPDATE projects SET brief = ?", (newer,))
    (listed,) = store.projects.list()
    assert "newer Keepers" in listed.unreadable
    with pytest.raises(StoreError, match="newer Keepers"):
        store.projects.update(project.id, brief=Brief(purpose="x"))
    store.projects.update(project.id, name="Renamed")
    with store.database.read() as connection:
        assert connection.execute("SELECT brief FROM projects").fetchone()[0] == newer


def test_the_queue_runs_in_order(store: Store, project: Project) -> None:
    first, second = (store.jobs.add(project.id, f'{{"n": {n}}}') for n in (1, 2))
    assert (first.state, first.deaths, first.request) == (JobState.QUEUED, 0, '{"n": 1}')
    assert store.jobs.next_queued() == first
    running = store.jobs.set_state(first.id, JobState.RUNNING)
    assert running.started is not None
    assert running.finished is None
    assert store.jobs.next_queued() == second
    done = store.jobs.set_state(first.id, JobState.DONE)
    assert done.started == running.started
    assert done.finished is not None
    assert store.jobs.list({JobState.DONE}) == (done,)
    assert store.jobs.list(project_id=project.id) == (done, second)
    assert store.jobs.list(project_id="other") == ()
    failed = store.jobs.set_state(second.id, JobState.FAILED, error="no\x1b[2J memory\nline")
    assert "\x1b" not in failed.error
    assert store.jobs.next_queued() is None


def test_after_a_crash_running_jobs_wait_at_their_place(store: Store, project: Project) -> None:
    jobs = [store.jobs.add(project.id, "{}") for _ in range(3)]
    store.jobs.set_state(jobs[0].id, JobState.RUNNING)
    assert store.jobs.record_death(jobs[0].id) == 1
    assert store.jobs.requeue_running() == 1
    again = store.jobs.next_queued()
    assert again is not None
    assert (again.id, again.deaths, again.started) == (jobs[0].id, 1, None)
    assert store.jobs.record_death(jobs[0].id) == 2
    store.jobs.set_state(jobs[0].id, JobState.SET_ASIDE, error="killed two workers")
    assert store.jobs.requeue_running() == 0
    assert store.jobs.next_queued() == jobs[1]
    with pytest.raises(NotFoundError):
        store.jobs.record_death("none")


def test_images_are_found_by_intent_newest_first(store: Store, project: Project) -> None:
    add_image(store, project, "a", created=1)
    newer = add_image(store, project, "b", created=2)
    other = add_image(store, project, "c", created=3, seed=8)
    assert store.images.find(newer.intent_key, "r1") == newer
    assert store.images.find(other.intent_key, "r1") == other
    assert store.images.find(newer.intent_key, "r2") is None
    store.images.file(newer).unlink()
    found = store.images.find(newer.intent_key, "r1")
    assert found is not None
    assert found.id == "a", "a file that somebody deleted is no result"


def test_images_of_a_job_and_a_project(store: Store, project: Project) -> None:
    second = add_image(store, project, "a", job_id="j", slot=1)
    first = add_image(store, project, "b", job_id="j", slot=0)
    alone = add_image(store, project, "c", created=0)
    assert store.images.for_job("j") == (first, second)
    assert store.images.list(project.id) == (alone, first, second)
    assert first.recipe == recipe()
    assert first.recipe_hash == recipe().hash


def test_the_largest_seed_fits(store: Store, project: Project) -> None:
    add_image(store, project, "a", seed=MAX_SEED)
    assert store.images.get("a").seed == MAX_SEED


def test_no_row_without_a_file(store: Store, project: Project) -> None:
    record = add_image(store, project, "a")
    missing = msgspec.structs.replace(record, id="b", path="projects/none.png")
    with pytest.raises(StoreError, match="is not there"):
        store.images.add(missing)
    with pytest.raises(StoreError, match="leads out of"):
        store.images.add(msgspec.structs.replace(record, id="b", path="../../etc/passwd"))
    with pytest.raises(StoreError, match="UNIQUE"):
        store.images.add(record)
    assert store.images.list(project.id) == (record,)


def test_marks_of_a_project(store: Store, project: Project) -> None:
    for image_id in ("a", "b"):
        add_image(store, project, image_id)
    assert store.marks.get("a") == Marks()
    store.marks.update("a", Marks(flaws=("hands",)))
    store.marks.update("a", Marks(flaws=("hands", "text")))
    assert store.marks.list(project.id) == {"a": Marks(flaws=("hands", "text"))}


def test_damaged_columns_are_said(store: Store, project: Project, tmp_path: Path) -> None:
    add_image(store, project, "a")
    store.marks.update("a", Marks())
    with store.database.transaction() as connection:
        connection.execute("UPDATE images SET width = 'wide'")
        connection.execute("UPDATE marks SET marks = x'ff'")
    with pytest.raises(StoreError, match="no imagerecord"):
        store.images.get("a")
    with pytest.raises(StoreError, match="cannot be read"):
        store.marks.get("a")
    with store.database.transaction() as connection:
        connection.execute("UPDATE images SET sha256 = CAST(x'ff' AS TEXT)")
    with pytest.raises(StoreError, match="damaged"):
        store.images.get("a")
