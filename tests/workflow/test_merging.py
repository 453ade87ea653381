"""Merging entries: nothing of them is lost, images lead to the one that is left, undo is exact."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.store.helpers import add_image
from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.store.errors import StoreError
from tui.store.library_entry import LibraryEntry
from tui.store.library_file import entry_file, read_entry
from tui.store.paths import Home, find_home
from tui.store.store import Store, open_store
from tui.workflow.merging import merge_entries, undo_merge
from tui.workflow.rebuild import rebuild


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return find_home({"KEEPERS_HOME": str(tmp_path / "keepers")})


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with open_store(home) as opened:
        yield opened


def add(store: Store, name: str, worked: str = "", tags: tuple[str, ...] = ()) -> LibraryEntry:
    project = store.projects.ensure("p1", "A cat")
    number = store.library.count(archived=True)
    image = add_image(store, project, f"i{number}", data=name.encode())
    return store.library.add(
        image,
        name=name,
        purpose="a poster",
        worked=worked,
        tags=tags,
        brief=Brief(purpose=name),
        layers=Layers(subject=name),
    )


def test_the_first_stands_for_all(store: Store) -> None:
    first = add(store, "Robot", "warm light", ("robot", "flat"))
    second = add(store, "Robot again", "navy", ("flat", "navy"))
    third = add(store, "Robot three", "warm light")
    for entry in (first, second, second):
        store.library.used(entry.id)
    begun = store.projects.ensure("p2", "Begun")
    store.positions.update(begun.id, begun_from=third.id)
    merged = merge_entries(store, (first.id, second.id, third.id)).entry
    assert (merged.name, merged.path, merged.layers) == (first.name, first.path, first.layers)
    assert merged.tags == ("robot", "flat", "navy")
    assert (merged.worked, merged.purpose) == ("warm light · navy", "a poster")
    assert merged.used_count == 3
    assert merged.last_used == store.library.get(second.id).last_used
    assert [entry.id for entry in store.library.list()] == [first.id]
    assert [entry.id for entry in store.library.search("navy")] == [first.id]
    assert store.library.search("again") == ()
    for image in ("i0", "i1", "i2"):
        assert store.library.for_image(image) == merged
    assert store.library.came_of(first.id)[0] == 1, "what began from another leads here too"
    assert store.library.file(second).read_bytes() == b"Robot again"


def test_merging_the_merged_leads_on(store: Store) -> None:
    one, two, three = (add(store, name) for name in ("one", "two", "three"))
    merge_entries(store, (two.id, one.id))
    merge_entries(store, (three.id, two.id))
    found = store.library.for_image("i0")
    assert found is not None
    assert found.id == three.id
    with pytest.raises(StoreError, match="is part of another entry already"):
        merge_entries(store, (three.id, one.id))


def test_undo_is_exact_and_never_undoes_more(store: Store, home: Home) -> None:
    before = [add(store, "a", "x", ("t",)), add(store, "b", "y", ("u",))]
    files = [entry_file(home, entry.id).read_bytes() for entry in before]
    merged = merge_entries(store, [entry.id for entry in before])
    undo_merge(store, merged)
    assert [store.library.get(entry.id) for entry in before] == before
    assert [entry_file(home, entry.id).read_bytes() for entry in before] == files
    again = merge_entries(store, [entry.id for entry in before])
    store.library.update(before[0].id, worked="written since")
    with pytest.raises(StoreError, match="“a” was changed after the merge"):
        undo_merge(store, again)
    assert store.library.get(before[0].id).worked == "written since"


def test_what_cannot_be_merged_is_explained_and_left(store: Store) -> None:
    full = add(store, "full", "w" * 9_000, tuple(f"t{n}" for n in range(50)))
    other, long = add(store, "other", tags=("one more",)), add(store, "long", "v" * 9_000)
    before = store.library.list()
    for ids, words in (
        ((full.id,), "mark a second"),
        ((full.id, full.id), "mark a second"),
        ((full.id, other.id), "51 tags"),
        ((full.id, long.id), "notes are too long"),
        ((full.id, "none"), "no library entry"),
    ):
        with pytest.raises(StoreError, match=words):
            merge_entries(store, ids)
    assert store.library.list() == before


def test_a_repair_finds_them_merged(store: Store, home: Home) -> None:
    first, second = add(store, "first", "x"), add(store, "second", "y")
    merged = merge_entries(store, (first.id, second.id)).entry
    gone = store.library.get(second.id)
    assert read_entry(entry_file(home, first.id)) == merged
    assert read_entry(entry_file(home, second.id)) == gone
    store.close()
    for path in home.data.glob("keepers.db*"):
        path.unlink()
    for path in home.data.rglob("backups/*"):
        path.unlink()
    assert rebuild(home).library_found_again == 2
    with open_store(home) as again:
        assert again.library.get(first.id).worked == "x · y"
        assert again.library.get(second.id).archived == gone.archived
        assert [entry.id for entry in again.library.list()] == [first.id]


def test_a_circle_of_merges_ends(store: Store) -> None:
    one, two = add(store, "one"), add(store, "two")
    for entry, other in ((one, two), (two, one)):
        store.library.put(msgspec.structs.replace(entry, merged_into=other.id))
    assert store.library.for_image("i0") is not None
