"""The queue as a whole: its order, its pause, and what a list of it shows."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.store.errors import NotFoundError, StoreError
from tui.store.jobs import JobState
from tui.store.paths import find_home
from tui.store.projects import Project
from tui.store.store import Store, open_store

from .helpers import add_image, recipe


@pytest.fixture
def project(store: Store) -> Project:
    return store.projects.add("A cat")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for the many examples of a property."""
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path_factory.mktemp("shared"))})) as store:
        yield store


def waiting(store: Store) -> list[str]:
    return [job.id for job in store.jobs.list({JobState.QUEUED})]


@settings(deadline=None)  # a disk takes its time
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), max_size=8))
def test_moving_is_moving_in_a_list(shared: Store, moves: list[tuple[int, int]]) -> None:
    with shared.database.transaction() as connection:
        connection.execute("DELETE FROM jobs")
    project = shared.projects.ensure("queue", "Queue").id
    ids = [shared.jobs.add(project, "{}").id for _ in range(5)]
    shared.jobs.set_state(ids.pop(2), JobState.RUNNING)
    for place, by in moves:
        job = ids[place]
        target = min(max(place + by, 0), len(ids) - 1)
        assert shared.jobs.move(job, by) is (target != place)
        ids.insert(target, ids.pop(place))
        assert waiting(shared) == ids
    first = shared.jobs.next_queued()
    assert first is not None
    assert first.id == ids[0]


def test_two_at_one_position_can_be_moved(store: Store, project: Project) -> None:
    first, second, third = (store.jobs.add(project.id, "{}").id for _ in range(3))
    with store.database.transaction() as connection:
        connection.execute("UPDATE jobs SET position = 1")
    assert store.jobs.move(third, -1)
    assert waiting(store) == [first, third, second]


def test_only_what_waits_is_moved(store: Store, project: Project) -> None:
    job = store.jobs.add(project.id, "{}")
    store.jobs.set_state(job.id, JobState.RUNNING)
    with pytest.raises(StoreError, match="move one that waits"):
        store.jobs.move(job.id, 1)
    with pytest.raises(NotFoundError):
        store.jobs.move("none", 1)


def test_what_ended_without_success_waits_again_behind_all(store: Store, project: Project) -> None:
    first, second = (store.jobs.add(project.id, "{}").id for _ in range(2))
    with pytest.raises(StoreError, match="has not ended"):
        store.jobs.requeue(first)
    store.jobs.record_death(first)
    store.jobs.set_state(first, JobState.SET_ASIDE, error="killed two workers")
    again = store.jobs.requeue(first)
    assert (again.state, again.deaths, again.error) == (JobState.QUEUED, 0, "")
    assert (again.started, again.finished) == (None, None)
    assert waiting(store) == [second, first]
    store.jobs.set_state(second, JobState.DONE)
    with pytest.raises(StoreError, match="nothing is missing"):
        store.jobs.requeue(second)


def test_a_pause_is_kept(store: Store) -> None:
    assert not store.queue.paused
    store.queue.pause(paused=True)
    store.queue.pause(paused=True)
    with open_store(store.home) as other:
        assert other.queue.paused
        other.queue.pause(paused=False)
    assert not store.queue.paused


def test_what_is_open_and_what_ended_lately(store: Store, project: Project) -> None:
    ids = [store.jobs.add(project.id, "{}").id for _ in range(6)]
    store.jobs.set_state(ids[3], JobState.RUNNING)
    for number, state in ((0, JobState.DONE), (4, JobState.FAILED), (5, JobState.DONE)):
        store.jobs.set_state(ids[number], state)
    with store.database.transaction() as connection:
        for number, finished in ((0, 10.0), (4, 5.0), (5, 20.0)):
            connection.execute("UPDATE jobs SET finished = ? WHERE id = ?", (finished, ids[number]))
    add_image(store, project, "a", job_id=ids[3])
    add_image(store, project, "b", job_id=ids[3], slot=1, seed=8)
    found = store.queue.open_jobs()
    assert [row.id for row in found] == [ids[3], ids[1], ids[2]]
    assert (found[0].project_name, found[0].made, found[1].made) == ("A cat", 2, 0)
    assert recipe().device in found[0].recipe
    assert found[1].recipe == ""
    assert [r.id for r in store.queue.ended_jobs(9, done_since=15)] == [ids[5], ids[4]]
    assert [r.id for r in store.queue.ended_jobs(2, done_since=0)] == [ids[5], ids[0]]


def test_images_whose_time_was_taken(store: Store, project: Project) -> None:
    add_image(store, project, "a", seconds=0.0)
    newer, newest = (add_image(store, project, name, seconds=2.0) for name in ("b", "c"))
    assert store.images.timed(9) == (newest, newer)
    assert store.images.timed(1) == (newest,)
