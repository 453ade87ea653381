"""Saving keepers and starting from them, also from several processes at once."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.store.helpers import add_image, output, start
from tui.domain.brief import Brief, Kind, Stakes
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe
from tui.domain.versioned import to_json
from tui.store.errors import NotFoundError, StoreError
from tui.store.images import ImageRecord
from tui.store.library_entry import LibraryEntry
from tui.store.paths import find_home
from tui.store.positions import Position
from tui.store.projects import Project
from tui.store.store import Store, open_store
from tui.workflow.library import save_keeper, start_from

BRIEF = Brief(
    purpose="header of the jobs page",
    place="web page",
    width=1200,
    height=630,
    kind=Kind.STYLISED,
    stakes=Stakes.PUBLIC,
    must_contain=("a robot",),
    must_avoid=("weapons",),
    style_context="flat, warm",
)
DRAFT = Layers(subject="as it was last typed")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path / "keepers")})) as opened:
        yield opened


@pytest.fixture
def project(store: Store) -> Project:
    made = store.projects.add("Jobs page", brief=BRIEF)
    return store.projects.update(made.id, draft=DRAFT)


def save(store: Store, project: Project, image: ImageRecord, name: str = "Robot") -> LibraryEntry:
    return save_keeper(
        store,
        project,
        image,
        name=name,
        purpose="jobs page",
        worked="warm light",
        tags=("robot", "Flat"),
        options='{"count": 4}',
    )


def child(
    store: Store, parent: ImageRecord, origin: Origin, recipe: Recipe | None = None
) -> ImageRecord:
    image = msgspec.structs.replace(
        parent,
        id=f"{parent.id}x",
        parent_id=parent.id,
        origin=origin,
        recipe_json="" if recipe is None else to_json(recipe),
    )
    store.images.add(image)
    return image


def repair(image: ImageRecord) -> Recipe:
    recipe = image.recipe
    assert recipe is not None
    intent = msgspec.structs.replace(
        recipe.intent,
        layers=Layers(subject="a smiling face"),
        init_image="0" * 64,
        mask="1" * 64,
        strength=0.5,
    )
    return msgspec.structs.replace(recipe, intent=intent)


def test_a_keeper_has_the_words_that_made_it(store: Store, project: Project) -> None:
    entry = save(store, project, add_image(store, project, "a", data=b"picture"))
    assert (entry.layers, entry.model) == (Layers(subject="a cat"), "starter")
    assert (entry.brief, entry.kind) == (BRIEF, Kind.STYLISED)
    assert (entry.name, entry.purpose, entry.worked) == ("Robot", "jobs page", "warm light")
    assert (entry.tags, entry.options) == (("robot", "flat"), '{"count": 4}')
    assert store.library.file(entry).read_bytes() == b"picture"
    assert save(store, project, store.images.get("a"), name="").name == "Jobs page"


def test_an_edited_keeper_has_those_of_its_nearest_ancestor(store: Store, project: Project) -> None:
    made = add_image(store, project, "a")
    repaired = child(store, made, Origin.INPAINTED, repair(made))
    edited = child(store, repaired, Origin.EDITED)
    for image in (repaired, edited):
        assert save(store, project, image).layers == Layers(subject="a cat")


def test_a_repaired_import_has_what_was_painted(store: Store, project: Project) -> None:
    made = add_image(store, project, "a")
    imported = child(store, made, Origin.IMPORTED)
    with store.database.transaction() as connection:
        connection.execute("UPDATE images SET parent_id = NULL WHERE id = ?", (imported.id,))
    entry = save(store, project, store.images.get(imported.id))
    assert (entry.layers, entry.model) == (DRAFT, "")
    repaired = child(store, store.images.get(imported.id), Origin.INPAINTED, repair(made))
    assert save(store, project, repaired).layers == Layers(subject="a smiling face")


def test_a_keeper_outlives_its_project(store: Store, project: Project) -> None:
    entry = save(store, project, add_image(store, project, "a", data=b"picture"))
    store.projects.trash(project.id)
    store.projects.delete_for_good(project.id)
    left = store.library.get(entry.id)
    assert left == msgspec.structs.replace(entry, project_id=None)
    assert store.library.file(left).read_bytes() == b"picture"
    assert start_from(store, entry.id).draft == Layers(subject="a cat")


def test_a_brief_that_cannot_be_read_is_not_saved_as_empty(store: Store, project: Project) -> None:
    image = add_image(store, project, "a")
    broken = msgspec.structs.replace(project, unreadable="this is why not")
    with pytest.raises(StoreError, match="this is why not"):
        save(store, broken, image)
    assert store.library.count() == 0


def test_a_new_project_starts_where_the_keeper_ended(store: Store, project: Project) -> None:
    entry = save(store, project, add_image(store, project, "a"))
    started = start_from(store, entry.id)
    assert started.id != project.id
    assert started == store.projects.get(started.id)
    assert (started.name, started.draft) == ("Robot", Layers(subject="a cat"))
    assert started.brief == msgspec.structs.replace(BRIEF, purpose="", must_contain=())
    assert store.positions.get(started.id) == Position(options='{"count": 4}', begun_from=entry.id)
    assert store.images.list(started.id) == ()
    used = store.library.get(entry.id)
    assert (used.used_count, used.last_used is not None) == (1, True)
    assert start_from(store, entry.id, "Careers").name == "Careers"
    assert store.library.get(entry.id).used_count == 2


def test_an_entry_knows_what_came_of_it(store: Store, project: Project) -> None:
    entry = save(store, project, add_image(store, project, "a"))
    assert store.library.came_of(entry.id) == (0, ())
    first, second = start_from(store, entry.id), start_from(store, entry.id)
    assert store.library.came_of(entry.id) == (2, ())
    for name, begun in (("b", first), ("c", second)):
        save(store, begun, add_image(store, begun, name))
    assert store.library.came_of(entry.id) == (2, ("Robot", "Robot"))


def test_nothing_starts_from_what_cannot_be_read(store: Store, project: Project) -> None:
    entry = save(store, project, add_image(store, project, "a"))
    with store.database.transaction() as connection:
        connection.execute("""UPDATE library SET layers = '{"version": 99}'""")
    before = store.projects.list()
    with pytest.raises(StoreError, match="newer Keepers"):
        start_from(store, entry.id)
    with pytest.raises(NotFoundError, match="no library entry"):
        start_from(store, "none")
    assert store.projects.list() == before


SAVER = """
import sys
from tui.store.paths import find_home
from tui.store.store import open_store
from tui.workflow.library import save_keeper
with open_store(find_home({"KEEPERS_HOME": sys.argv[1]})) as store:
    project, image = store.projects.get(sys.argv[2]), store.images.get("a")
    print("ready")
    sys.stdin.readline()
    for number in range(25):
        entry = save_keeper(
            store, project, image, name=f"{sys.argv[3]} {number}", purpose="", worked="",
            tags=("shared",), options="",
        )
        store.library.used(store.library.search("first")[0].id)
        print(entry.id)
"""


def test_two_processes_save_at_once_and_lose_nothing(store: Store, project: Project) -> None:
    image = add_image(store, project, "a", data=b"picture")
    first = save(store, project, image, "first")
    root = str(store.home.data.parent)
    writers = [start(SAVER, root, project.id, name) for name in ("robot", "fox")]
    for writer in writers:
        assert output(writer).readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    saved = []
    for writer in writers:
        with writer:
            saved += output(writer).read().split()
    assert len(set(saved)) == 50
    assert {entry.id for entry in store.library.search("shared", 1_000)} == set(saved)
    for name in ("robot", "fox"):
        assert len(store.library.search(name, 1_000)) == 25 + (name == "robot")
    assert store.library.get(first.id).used_count == 50
    files = {path.name for path in store.home.library.iterdir()}
    ends = (".png", ".json")
    assert files == {f"{entry_id}{end}" for entry_id in (*saved, first.id) for end in ends}
    assert all(
        store.library.file(entry).read_bytes() == b"picture" for entry in store.library.list(1_000)
    )


def test_no_torch_and_no_textual_is_loaded() -> None:
    code = (
        "import sys, tui.workflow.library, tui.workflow.exporting\n"
        "print([m for m in ('torch', 'textual', 'diffusers') if m in sys.modules])"
    )
    with start(code) as process:
        assert output(process).read() == "[]\n", sys.path
