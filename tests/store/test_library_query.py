"""Conditions typed among the words: what narrows, how it is sorted, and nothing is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.brief import Brief, Kind
from tui.domain.prompt import Layers
from tui.store.ids import new_id
from tui.store.library_entry import LibraryEntry
from tui.store.library_query import LibraryQuery, parsed
from tui.store.paths import Home
from tui.store.store import Store, open_store

ENTRIES = (
    ("Owl", ("header", "warm"), "starter", Kind.SIMPLE, "3d render", 0),
    ("Owl at night", ("headline",), "stabilityai/SDXL-Turbo", Kind.PHOTOREAL, "photo", 5),
    ("Robot", ('a "quoted" tag',), "starter", Kind.STYLISED, "flat illustration", 2),
    ("Header of the jobs page", (), "starter", Kind.SIMPLE, "ink drawing", 0),
)


def entry(
    name: str, tags: tuple[str, ...], model: str, kind: Kind, style: str, used: int, number: int
) -> LibraryEntry:
    return LibraryEntry(
        id=new_id(),
        image_id=new_id(),
        project_id=None,
        name=name,
        purpose="",
        worked="",
        tags=tags,
        brief=Brief(kind=kind),
        layers=Layers(subject=name.lower(), style=style),
        options="",
        model=model,
        kind=kind,
        path="",
        sha256="",
        width=0,
        height=0,
        created=1000.0 + number,
        used_count=used,
    )


def home_in(root: Path) -> Home:
    return Home(root / "data", root / "config", root / "cache", root / "log")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(home_in(tmp_path_factory.mktemp("home"))) as store:
        for number, values in enumerate(ENTRIES):
            store.library.put(entry(*values, number))
        yield store


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("tag:header", ["Owl"]),
        ("tag:head", ["Owl at night", "Owl"]),
        ("TAG:Head owl", ["Owl", "Owl at night"]),
        ("model:sdxl", ["Owl at night"]),
        ("kind:photo", ["Owl at night"]),
        ("kind:simple sort:age", ["Header of the jobs page", "Owl"]),
        ("style:flat", ["Robot"]),
        ("style:flat owl", []),
        ("sort:use", ["Owl at night", "Robot", "Header of the jobs page", "Owl"]),
        ("owl sort:use", ["Owl at night", "Owl"]),
        ("tag: owl", ["Owl", "Owl at night"]),
        ('tag:a"', []),
        ("header", ["Header of the jobs page", "Owl"]),
    ],
)
def test_each_condition_narrows(library: Store, typed: str, found: list[str]) -> None:
    assert [each.name for each in library.library.search(typed)] == found


def test_what_is_no_condition_is_a_word() -> None:
    assert parsed("time:now http://x sort:nosuch") == LibraryQuery(words="time:now http://x")


@given(
    st.lists(st.sampled_from(["tag:", "style:", "kind:", "model:", "sort:use", '"', "*", "ä", "'"]))
)
def test_nothing_that_is_typed_is_refused(library: Store, parts: list[str]) -> None:
    for joined in (" ".join(parts), "".join(parts)):
        library.library.search(joined)


def test_common_words_bring_the_newest_by_use(tmp_path: Path) -> None:
    with open_store(home_in(tmp_path)) as store:
        with store.database.transaction():
            for number in range(2_300):
                used = 9 if number == 3 else 1 if number == 2_250 else 0
                store.library.put(
                    entry(f"Owl {number}", (), "starter", Kind.SIMPLE, "photo", used, number)
                )
        named = [each.name for each in store.library.search("owl", 4)]
        assert named == ["Owl 2250", "Owl 2299", "Owl 2298", "Owl 2297"]
        assert [each.name for each in store.library.search("owl sort:use", 2)] == [
            "Owl 3",
            "Owl 2250",
        ]
        assert [each.name for each in store.library.search("owl 2107")] == ["Owl 2107"]
