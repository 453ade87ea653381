"""Positions, rounds, sign-offs and layer texts: what the process remembers of itself."""

import msgspec
import pytest

from tui.domain.change import Element
from tui.domain.check import Answer, CheckItem, SignOff
from tui.domain.lineage import Origin
from tui.domain.prompt import LAYERS, Layers
from tui.store.errors import NotFoundError, StoreError
from tui.store.positions import Position
from tui.store.projects import Project
from tui.store.rounds import RoundKind, Verdict
from tui.store.sidecar import read_sidecar
from tui.store.store import Store

from .helpers import add_image

STYLE = Element("style", "flat illustration", "3d render")


@pytest.fixture
def project(store: Store) -> Project:
    return store.projects.add("A cat")


def test_a_position_changes_field_by_field(store: Store, project: Project) -> None:
    assert store.positions.get(project.id) == Position(1, None, None, None, "")
    store.positions.update(project.id, step=3, job_id="j", image_id="i")
    store.positions.update(project.id, parent_id="p", options='{"count": 4}')
    assert store.positions.get(project.id) == Position(3, "j", "i", "p", '{"count": 4}')
    assert store.positions.update(project.id, image_id=None).image_id is None
    assert store.positions.get(project.id) == Position(3, "j", None, "p", '{"count": 4}')
    for step in (0, 8):
        with pytest.raises(StoreError, match="refused an entry"):
            store.positions.update(project.id, step=step)
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.positions.update("none", step=2)
    assert store.positions.get(project.id).step == 3


def test_a_round_keeps_its_change_and_what_was_learned(store: Store, project: Project) -> None:
    first = store.rounds.add(project.id, "j1", RoundKind.FIRST)
    assert (first.verdict, first.changes, first.parent_image_id) == (Verdict.OPEN, (), None)
    second = store.rounds.add(
        project.id,
        "j2",
        RoundKind.CHANGE,
        parent_image_id="i1",
        changes=(STYLE, Element("seed", "7", "8\x1b[2J")),
        expectation="more\ndepth",
    )
    assert second.changes == (STYLE, Element("seed", "7", "8 [2J"))
    assert second.expectation == "more depth"
    assert store.rounds.list(project.id) == (first, second)
    assert store.rounds.for_job("j2") == second
    assert store.rounds.for_job("none") is None
    judged = store.rounds.update(second.id, verdict=Verdict.BETTER, learned="depth came")
    assert judged == msgspec.structs.replace(second, verdict=Verdict.BETTER, learned="depth came")
    assert store.rounds.update(second.id, expectation="").verdict is Verdict.BETTER
    assert store.rounds.update(second.id, verdict=Verdict.OPEN).verdict is Verdict.OPEN
    with pytest.raises(NotFoundError, match="there is no round"):
        store.rounds.update("none", learned="x")
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.rounds.add("none", "j", RoundKind.MORE)


def test_lessons_are_from_all_projects_newest_first(store: Store, project: Project) -> None:
    other = store.projects.add("A dog")
    rounds = [
        store.rounds.add(owner.id, f"j{number}", RoundKind.CHANGE, changes=(STYLE,))
        for number, owner in enumerate((project, other, project, other))
    ]
    for number in (0, 1, 3):
        store.rounds.update(rounds[number].id, verdict=Verdict.WORSE)
    store.projects.trash(other.id)
    assert [r.id for r in store.rounds.learned()] == [rounds[n].id for n in (3, 1, 0)]
    assert [r.id for r in store.rounds.learned(1)] == [rounds[3].id]


def test_damaged_changes_are_said(store: Store, project: Project) -> None:
    made = store.rounds.add(project.id, "j", RoundKind.MORE)
    for damaged in ("nonsense", "[[]]", b"\xff", "[" * 10_000):
        with store.database.transaction() as connection:
            connection.execute("UPDATE rounds SET changes = ?", (damaged,))
        with pytest.raises(StoreError, match="cannot be read"):
            store.rounds.get(made.id)


def test_a_sign_off_is_kept_for_its_image(store: Store, project: Project) -> None:
    image = add_image(store, project, "a")
    assert store.sign_offs.get("a") is None
    item = CheckItem("text", "Text?", Answer.ACCEPTED, "it is\x1b]0;x\x07 a logo")
    store.sign_offs.update("a", SignOff(image.sha256, (item,)))
    kept = SignOff(
        image.sha256, (CheckItem("text", "Text?", Answer.ACCEPTED, "it is ]0;x a logo"),)
    )
    assert store.sign_offs.get("a") == kept
    store.sign_offs.update("a", msgspec.structs.replace(kept, waiver="urgent"))
    found = store.sign_offs.list(project.id)
    assert {image_id: s.waiver for image_id, s in found.items()} == {"a": "urgent"}
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.sign_offs.update("none", kept)
    with store.database.transaction() as connection:
        connection.execute("""UPDATE sign_offs SET sign_off = '{"version": 99}'""")
    with pytest.raises(StoreError, match=r"cannot be read: .*newer Keepers"):
        store.sign_offs.get("a")


def test_layer_texts_come_back_last_used_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1, 100))
    monkeypatch.setattr("tui.store.layer_history.time.time", lambda: float(next(clock)))
    history = store.layer_history
    history.add(Layers(subject="a cat", style="flat,  warm"))
    history.add(Layers(subject="a dog", style="flat, warm", negatives="text"))
    history.add(Layers(subject="ein Bär, 100%", style=" , "))
    history.add(Layers(subject="a cat"))
    assert history.list("subject") == ("a cat", "ein Bär, 100%", "a dog")
    assert history.list("style") == ("flat, warm",)
    assert (history.list("negatives"), history.list("detail")) == (("text",), ())
    assert history.list("subject", 1) == ("a cat",)
    assert history.search("subject", "A") == ("a cat", "a dog")
    assert history.search("subject", "BÄR 10") == ("ein Bär, 100%",)
    assert history.search("subject", "%") == ("ein Bär, 100%",)
    assert history.search("subject", "_") == ()
    assert history.search("subject", "") == history.list("subject")
    assert history.search("subject", "a", 1) == ("a cat",)
    assert history.search("style", "cat") == ()
    for ask in (history.list, lambda layer: history.search(layer, "x")):
        with pytest.raises(KeyError):
            ask("mood")
    assert all(len(history.list(layer)) <= 3 for layer in LAYERS)


def test_edited_and_imported_images_need_no_recipe(store: Store, project: Project) -> None:
    made = add_image(store, project, "a")
    for image_id, origin, parent in (("b", Origin.EDITED, "a"), ("c", Origin.IMPORTED, None)):
        store.images.add(
            msgspec.structs.replace(
                made,
                id=image_id,
                origin=origin,
                parent_id=parent,
                recipe_json="",
                recipe_hash="",
                intent_key="",
                model_revision="",
                seed=None,
                created=2.0,
            )
        )
    edited, imported = store.images.get("b"), store.images.get("c")
    assert (edited.recipe, edited.seed, imported.origin) == (None, None, Origin.IMPORTED)
    assert store.images.children("a") == (edited,)
    assert store.images.children("c") == ()
    assert store.images.line("b") == (edited, made)
    with store.database.transaction() as connection:
        connection.execute("UPDATE images SET parent_id = 'b' WHERE id = 'a'")
        connection.execute("UPDATE images SET parent_id = 'gone' WHERE id = 'c'")
    assert [image.id for image in store.images.line("a")] == ["a", "b"]
    assert [image.id for image in store.images.line("c")] == ["c"]
    with pytest.raises(NotFoundError):
        store.images.line("none")


def test_the_sidecar_holds_rounds_and_sign_offs(store: Store, project: Project) -> None:
    image = add_image(store, project, "a", job_id="j")
    made = store.rounds.add(project.id, "j", RoundKind.CHANGE, changes=(STYLE,))
    sign_off = SignOff(image.sha256, (CheckItem("text", "Text?"),), waiver="urgent")
    store.sign_offs.update("a", sign_off)
    path = store.write_sidecar(project.id)
    read = read_sidecar(path)
    assert (read.version, read.rounds, read.sign_offs) == (3, (made,), {"a": sign_off})
    first = msgspec.json.decode(path.read_bytes())
    for name in (*("rounds", "sign_offs", "comparisons", "jobs", "sweeps", "position", "changed"),):
        del first[name]
    for image_of_then in first["images"]:
        for name in ("created", "seconds", "pixels", "width", "height"):
            del image_of_then[name]
    path.write_bytes(msgspec.json.encode(first | {"version": 1}))
    old = read_sidecar(path)
    assert (old.version, old.rounds, old.sign_offs) == (1, (), {})
    assert [(image.id, image.sha256) for image in old.images] == [("a", image.sha256)]
