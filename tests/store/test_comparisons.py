"""Answers of a tournament: each is on disk once it is given, and can be taken back."""

import pytest

from tui.domain.tournament import Closer, Comparison
from tui.store.errors import StoreError
from tui.store.paths import Home
from tui.store.projects import Project
from tui.store.sidecar import read_sidecar
from tui.store.store import Store, open_store

from .helpers import add_image, output, start

GIVEN = (
    Comparison("b", "a", Closer.LEFT),
    Comparison("a", "c", Closer.SAME),
    Comparison("c", "d", Closer.RIGHT),
)


@pytest.fixture
def project(store: Store) -> Project:
    project = store.projects.add("A cat")
    for image_id in "abcd":
        add_image(store, project, image_id)
    return project


def test_answers_are_there_again_in_their_order(store: Store, project: Project) -> None:
    for each in GIVEN:
        store.comparisons.add(project.id, each)
    store.comparisons.add(store.projects.add("Another").id, Comparison("a", "b", Closer.LEFT))
    with open_store(store.home) as again:
        assert again.comparisons.list(project.id) == GIVEN
        again.comparisons.delete(project.id, GIVEN[1])
        again.comparisons.delete(project.id, GIVEN[1])
    assert store.comparisons.list(project.id) == (GIVEN[0], GIVEN[2])


def test_a_pair_has_one_answer(store: Store, project: Project) -> None:
    store.comparisons.add(project.id, GIVEN[0])
    store.comparisons.add(project.id, Comparison("b", "a", Closer.SAME))
    assert store.comparisons.list(project.id) == (Comparison("b", "a", Closer.SAME),)


def test_only_images_that_exist_are_compared(store: Store, project: Project) -> None:
    with pytest.raises(StoreError):
        store.comparisons.add(project.id, Comparison("a", "nobody", Closer.LEFT))
    assert store.comparisons.list(project.id) == ()


def test_kill_9_loses_no_answer(store: Store, home: Home, project: Project) -> None:
    code = """
import sys
from tui.domain.tournament import Closer, Comparison
from tui.store.paths import find_home
from tui.store.store import open_store
store = open_store(find_home({"KEEPERS_HOME": sys.argv[1]}))
for left, right in ("ab", "bc", "cd"):
    store.comparisons.add(sys.argv[2], Comparison(left, right, Closer.LEFT))
    print("given")
sys.stdin.read()
"""
    with start(code, str(home.data.parent), project.id) as giver:
        assert [output(giver).readline() for _ in range(3)] == ["given\n"] * 3
        giver.kill()
    assert [each.left for each in store.comparisons.list(project.id)] == ["a", "b", "c"]


def test_the_sidecar_holds_them(store: Store, project: Project) -> None:
    store.comparisons.add(project.id, GIVEN[0])
    assert read_sidecar(store.write_sidecar(project.id)).comparisons == GIVEN[:1]


def test_a_project_goes_although_another_compared_its_images(
    store: Store, project: Project
) -> None:
    other = store.projects.add("Another")
    add_image(store, other, "e")
    store.comparisons.add(other.id, Comparison("a", "e", Closer.LEFT))
    store.projects.trash(project.id)
    store.projects.delete_for_good(project.id)
    assert store.comparisons.list(other.id) == ()
