"""The list of projects, as data."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.store.paths import find_home
from tui.store.store import Store, open_store
from tui.workflow.projects_overview import (
    Overview,
    Shelf,
    advice,
    ago,
    blank_project,
    facts,
    in_bytes,
    overview,
    put_away,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path)})) as store:
        yield store


def names(store: Store, shelf: Shelf) -> list[str]:
    return [row.project.name for row in overview(store).shelves[shelf]]


def test_the_one_used_last_is_first(store: Store) -> None:
    first, second = store.projects.add("first"), store.projects.add("second")
    assert names(store, Shelf.PROJECTS) == ["second", "first"]
    store.positions.update(first.id, step=3)
    rows = overview(store).shelves[Shelf.PROJECTS]
    assert [row.project.id for row in rows] == [first.id, second.id]
    assert (rows[0].step, rows[0].images) == (3, 0)


@pytest.mark.parametrize("shelf", [Shelf.ARCHIVED, Shelf.TRASH])
def test_putting_away_and_back(store: Store, shelf: Shelf) -> None:
    project = store.projects.add("one")
    put_away(store, project, shelf)
    assert names(store, shelf) == ["one"]
    assert names(store, Shelf.PROJECTS) == []
    put_away(store, overview(store).shelves[shelf][0].project, Shelf.PROJECTS)
    assert names(store, Shelf.PROJECTS) == ["one"]


def test_from_the_trash_an_archived_project_comes_back_archived(store: Store) -> None:
    project = store.projects.add("one")
    put_away(store, project, Shelf.ARCHIVED)
    put_away(store, project, Shelf.TRASH)
    put_away(store, store.projects.get(project.id), Shelf.PROJECTS)
    assert names(store, Shelf.ARCHIVED) == ["one"]


def test_rows_are_found_by_every_word_of_name_or_brief(store: Store) -> None:
    store.projects.add("Robot", brief=Brief(place="jobs page", must_contain=("a headline",)))
    row = overview(store).shelves[Shelf.PROJECTS][0]
    assert row.matches("")
    assert row.matches("ROBOT head")
    assert row.matches("jobs")
    assert not row.matches("robot cat")


def test_a_project_nobody_wrote_in_is_used_again(store: Store) -> None:
    assert blank_project(store) is None
    written = store.projects.add("written")
    store.projects.update(written.id, draft=Layers(subject="robot"))
    assert blank_project(store) is None
    blank = store.projects.add("Untitled")
    assert blank_project(store) == blank
    store.positions.update(blank.id, step=2)
    assert blank_project(store) is None


@pytest.mark.parametrize(
    ("rounds", "said"),
    [
        ((), ""),
        ((1,), "Your last keeper took 1 round."),
        ((3, 1), "Your last 2 keepers took 3 and 1 round."),
        ((2, 4, 3), "Your last 3 keepers took 2, 4 and 3 rounds."),
    ],
)
def test_the_coach_tells_how_many_rounds_it_took(rounds: tuple[int, ...], said: str) -> None:
    assert advice(Overview({}, rounds)) == said


def test_facts_leave_out_what_was_not_said(store: Store) -> None:
    project = store.projects.add("x", brief=Brief(place="web", width=3, height=2))
    assert facts(project) == [("Where", "web"), ("Size", "3 × 2"), ("Kind", "simple, casual")]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "yesterday"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_how_long_ago(seconds: float, said: str) -> None:
    now = time.time()
    assert ago(now - seconds, now) == said


def test_long_ago_is_a_date() -> None:
    now = time.time()
    assert ago(now - 40 * 86_400, now) == time.strftime(
        "%Y-%m-%d", time.localtime(now - 40 * 86_400)
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 kB"), (639_800, "640 kB"), (3_240_000, "3.2 MB"), (140_000_000, "140 MB")],
)
def test_bytes_in_words(number: int, said: str) -> None:
    assert in_bytes(number) == said
    assert in_bytes(1_400_000_000) == "1.4 GB"
