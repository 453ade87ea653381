"""The library: entries with a picture of their own, and a search that takes anything."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.brief import Brief, Kind
from tui.domain.prompt import Layers
from tui.store.errors import NotFoundError, StoreError
from tui.store.files import sha256_of
from tui.store.library_entry import LibraryEntry
from tui.store.library_search import LONGEST_QUERY
from tui.store.paths import find_home
from tui.store.projects import Project
from tui.store.store import Store, open_store

from .helpers import add_image

BRIEF = Brief(purpose="a poster", kind=Kind.STYLISED)
ROBOT = Layers(subject="a friendly robot", style="flat illustration", negatives="letters")


@pytest.fixture
def project(store: Store) -> Project:
    return store.projects.add("A cat")


def add(store: Store, project: Project, name: str, **other: str | tuple[str, ...]) -> LibraryEntry:
    image = add_image(store, project, f"i{store.library.count(archived=True)}", data=name.encode())
    return store.library.add(
        image,
        name=name,
        purpose=str(other.get("purpose", "")),
        worked=str(other.get("worked", "")),
        tags=other.get("tags", ()),
        brief=BRIEF,
        layers=Layers(subject=str(other.get("subject", ""))),
    )


def names(entries: tuple[LibraryEntry, ...]) -> list[str]:
    return [entry.name for entry in entries]


def test_an_entry_keeps_words_and_picture(store: Store, project: Project) -> None:
    image = add_image(store, project, "i1", data=b"the picture")
    entry = store.library.add(
        image,
        name="Robot,\n orange",
        purpose="header\x1b[2J",
        worked="flat + warm",
        tags=("Robot", " flat ", "robot", ""),
        brief=BRIEF,
        layers=ROBOT,
        options='{"count": 4}',
        model="starter",
    )
    assert (entry.name, entry.purpose) == ("Robot, orange", "header [2J")
    assert (entry.tags, entry.brief, entry.layers) == (("robot", "flat"), BRIEF, ROBOT)
    assert (entry.kind, entry.model, entry.options) == (Kind.STYLISED, "starter", '{"count": 4}')
    assert (entry.image_id, entry.project_id) == ("i1", project.id)
    assert (entry.used_count, entry.last_used, entry.archived) == (0, None, None)
    assert entry.path == f"library/{entry.id}.png"
    file = store.library.file(entry)
    assert file.read_bytes() == b"the picture"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_ino != store.images.file(image).stat().st_ino
    assert entry.sha256 == sha256_of(file)
    assert store.library.get(entry.id) == store.library.for_image("i1") == entry
    assert store.library.for_image("i2") is None
    with pytest.raises(NotFoundError, match="there is no library entry"):
        store.library.get("none")


def test_a_changed_or_missing_file_is_not_saved(store: Store, project: Project) -> None:
    image = add_image(store, project, "i1")
    store.images.file(image).write_bytes(b"something else")
    with pytest.raises(StoreError, match="is no longer the file that was made"):
        store.library.add(image, name="x", brief=BRIEF, layers=ROBOT)
    store.images.file(image).unlink()
    with pytest.raises(StoreError, match="it is not a file"):
        store.library.add(image, name="x", brief=BRIEF, layers=ROBOT)
    assert list(store.home.library.iterdir()) == []


def test_a_row_that_is_refused_leaves_no_file(store: Store, project: Project) -> None:
    image = msgspec.structs.replace(add_image(store, project, "i1"), project_id="none")
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.library.add(image, name="x", brief=BRIEF, layers=ROBOT)
    assert list(store.home.library.iterdir()) == []
    assert (store.library.count(), store.library.search("x")) == (0, ())


def test_every_field_is_found_and_the_name_counts_most(store: Store, project: Project) -> None:
    add(store, project, "One", subject="a lighthouse")
    add(store, project, "Two", worked="the lighthouse leaves room")
    add(store, project, "Three", purpose="lighthouse page")
    add(store, project, "Four", tags=("lighthouse",))
    add(store, project, "Lighthouse")
    add(store, project, "Other", subject="a café, blue-green")
    search = store.library.search
    assert names(search("lighthouse"))[0] == "Lighthouse"
    assert set(names(search("LIGHTH"))) == {"One", "Two", "Three", "Four", "Lighthouse"}
    assert names(search("room light")) == ["Two"]
    assert names(search("light room")) == [], "only the last word may be unfinished"
    assert names(search("cafe")) == names(search("CAFÉ")) == names(search("blue-gr")) == ["Other"]
    assert names(search("blue green")) == names(search("green ?! blue")) == ["Other"]
    assert search("nothing") == ()
    assert len(search("light", 2)) == 2
    assert search("light", 0) == ()


def test_without_words_the_newest_come(store: Store, project: Project) -> None:
    for name in ("One", "Two"):
        add(store, project, name)
    for words in ("", "  ", '"', "* - ( ) :", "🦊"):
        assert names(store.library.search(words)) == ["Two", "One"]


def test_changed_words_are_found_and_old_ones_are_not(store: Store, project: Project) -> None:
    entry = add(store, project, "Robot", worked="warm light", tags=("header",))
    changed = store.library.update(entry.id, name="Fox", tags=("poster", "Poster"))
    assert (changed.name, changed.worked, changed.tags) == ("Fox", "warm light", ("poster",))
    assert store.library.search("robot") == store.library.search("header") == ()
    for words in ("fox", "poster", "warm"):
        assert store.library.search(words) == (changed,)
    assert store.library.update(entry.id, tags=()).tags == ()
    assert store.library.search("poster") == ()
    assert store.library.update(entry.id, name="\x1b").name == "Untitled"
    for call in (store.library.update, store.library.archive, store.library.used):
        with pytest.raises(NotFoundError):
            call("none")


def test_archived_entries_are_only_found_on_request(store: Store, project: Project) -> None:
    entry, other = add(store, project, "Robot one"), add(store, project, "Robot two")
    archived = store.library.archive(entry.id)
    assert archived.archived is not None
    assert store.library.list() == store.library.search("robot") == (other,)
    assert (store.library.count(), store.library.count(archived=True)) == (1, 2)
    assert store.library.related("robot") == 1
    assert set(store.library.list(archived=True)) == {archived, other}
    assert set(store.library.search("robot", archived=True)) == {archived, other}
    assert store.library.archive(entry.id, False) == entry
    assert store.library.count() == 2


def test_entries_are_listed_by_age_or_use_in_parts(store: Store, project: Project) -> None:
    entries = {name: add(store, project, name) for name in "abcd"}
    for name in "bdb":
        store.library.used(entries[name].id)
    used = store.library.get(entries["b"].id)
    assert (used.used_count, used.last_used is not None) == (2, True)
    assert names(store.library.list()) == ["d", "c", "b", "a"]
    assert names(store.library.list(sort="use")) == ["b", "d", "c", "a"]
    assert names(store.library.list(2, 1)) == ["c", "b"]
    assert names(store.library.list(2, 3, "use")) == ["a"]
    assert store.library.list(-1) == ()
    assert names(store.library.list(1, -1)) == ["d"]


def test_related_entries_share_a_telling_word(store: Store, project: Project) -> None:
    add(store, project, "Robot", purpose="header of the jobs page")
    add(store, project, "Fox", purpose="poster for the fair")
    add(store, project, "狐")
    related = store.library.related
    assert related("Header picture of our JOBS page") == 1
    assert related("a robot, or a fox?") == 2
    assert related("for the of a it") == 0
    assert related("robots") == 0, "only whole words"
    assert related("") == related("?!") == 0
    assert related("狐") == 1


def test_a_brief_from_a_newer_keepers_does_not_stop_the_list(
    store: Store, project: Project
) -> None:
    add(store, project, "Robot")
    with store.database.transaction() as connection:
        connection.execute("""UPDATE library SET brief = '{"version": 99}'""")
    (entry,) = store.library.list()
    assert "newer Keepers" in entry.unreadable
    with store.database.transaction() as connection:
        connection.execute("UPDATE library SET tags = 'x'")
    with pytest.raises(StoreError, match="tags of library entry"):
        store.library.list()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path_factory.mktemp("shared"))})) as store:
        project = store.projects.add("A cat")
        add(store, project, "Robot", subject="a friendly robot NEAR a house AND not a NOT")
        yield store


PUNCTUATION = "".join(chr(n) for n in range(0x20, 0x2070) if not chr(n).isalnum())
WORDS = (
    "robot", "AND", "OR", "NOT", "NEAR", "NEAR(robot house, 2)", "name:robot", "{name tags}:",
    "rob*", '"', '""', "^robot", "robot + house", "-name", "rowid", "'; DROP TABLE library",
)  # fmt: skip
pieces = st.one_of(
    st.sampled_from(WORDS), st.text(PUNCTUATION, max_size=3), st.text(max_size=4), st.just(" ")
)


@settings(max_examples=500)
@given(st.lists(pieces, max_size=12).map("".join))
def test_no_query_is_refused(shared: Store, words: str) -> None:
    assert len(shared.library.search(words)) <= 1
    assert shared.library.related(words) <= 1


@pytest.mark.parametrize("sign", [chr(n) for n in range(0x80) if not chr(n).isalnum()])
def test_every_sign_of_ascii_is_only_a_sign(shared: Store, sign: str) -> None:
    for words in (sign, f"{sign}robot", f"robot{sign}", f"robot {sign} friendly", sign * 3):
        assert len(shared.library.search(words)) == 1
        assert shared.library.related(words) == int("robot" in words)


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_can_be_found_again(shared: Store, name: str, tag: str) -> None:
    image = shared.images.list(shared.projects.list()[0].id)[0]
    entry = shared.library.add(image, name=name, tags=(tag,), brief=BRIEF, layers=Layers())
    try:
        for words in (entry.name, *entry.tags):
            assert entry in shared.library.search(words, 1_000)
    finally:
        shared.library.file(entry).unlink()
        with shared.database.transaction() as connection:
            connection.execute("DELETE FROM library_words WHERE rowid > 1")
            connection.execute("DELETE FROM library WHERE number > 1")


def test_a_long_query_is_cut(shared: Store) -> None:
    assert names(shared.library.search("robot " * 10_000)) == ["Robot"]
    assert names(shared.library.search("friendly " * (LONGEST_QUERY // 9 + 1) + "zzz")) == ["Robot"]
    assert shared.library.related("robot " * 10_000) == 1


def test_many_entries_are_searched_at_once(store: Store, project: Project) -> None:
    image = add_image(store, project, "i1")
    with store.database.transaction():
        for number in range(300):
            store.library.add(
                image, name=f"Robot {number}", brief=BRIEF, layers=Layers(subject=f"w{number}")
            )
    assert len(store.library.search("robot", 1_000)) == 300
    assert names(store.library.search("w299")) == ["Robot 299"]
