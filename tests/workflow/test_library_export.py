"""The library goes out, and comes in again without a loss."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflow.library_homes import ODD, ODD_LAYERS, everything, home, painted, put
from tui.domain.prompt import Layers
from tui.store.errors import StoreError
from tui.store.store import Store
from tui.workflow.brought import Outcome
from tui.workflow.library_export import export_csv, export_json
from tui.workflow.library_folder import export_folder
from tui.workflow.library_import import Importer


def brought(store: Store, path: Path) -> Outcome:
    outcome = Importer(store).bring(path)
    assert outcome.troubles == ()
    return outcome


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_comes_in_again_with_everything(tmp_path: Path) -> None:
    with home(tmp_path / "a") as store:
        for name, picture in (
            ("Robot, orange", painted(tmp_path)),
            ("Fox", painted(tmp_path, "red", ".jpg")),
            ("Style", None),
        ):
            put(store, name, picture)
        store.library.archive(store.library.search("fox")[0].id)
        before = everything(store)
        done = export_folder(store, tmp_path / "out")
    assert (done.entries, done.written, done.troubles) == (3, 6, ())
    with home(tmp_path / "b") as store:
        outcome = brought(store, tmp_path / "out")
        assert (len(outcome.added), outcome.known) == (3, 0)
        assert everything(store) == before
        for entry in before.values():
            if entry.has_picture:
                assert store.library.file(entry).stat().st_mode & 0o777 == 0o600
        again = brought(store, tmp_path / "out" / "library.json")
        assert (len(again.added), again.known) == (0, 3)
        assert [entry.name for entry in store.library.search("orange")] == ["Robot, orange"]
        assert export_folder(store, tmp_path / "other").written == 6
    assert content(tmp_path / "other") == content(tmp_path / "out")


def test_a_second_export_changes_only_what_changed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with home(tmp_path / "a") as store:
        robot, fox = put(store, "Robot", painted(tmp_path)), put(store, "Fox")
        export_folder(store, out)
        (out / ".gitignore").write_text("x")
        (out / ".git").mkdir()
        times = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
        assert export_folder(store, out).written == 0
        assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == times
        store.library.update(fox.id, worked="cold light")
        assert export_folder(store, out).written == 2  # its page and the list
        store.library.update(robot.id, name="Cat")
        export_folder(store, out)
    names = {path.name for path in out.iterdir()}
    assert names == {
        f"cat-{robot.id}.md",
        f"cat-{robot.id}.png",
        f"fox-{fox.id}.md",
        "library.json",
        ".git",
        ".gitignore",
    }
    page = (out / f"cat-{robot.id}.md").read_text()
    assert page.startswith(f"# Cat\n\n![](cat-{robot.id}.png)\n\n- For: for Robot\n")
    assert "Subject:\n\n    a robot\n" in page


def test_a_folder_with_other_things_is_refused_and_untouched(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.tex").write_text("mine")
    with home(tmp_path / "a") as store:
        put(store)
        with pytest.raises(StoreError, match=r"holds other things, such as thesis\.tex"):
            export_folder(store, out)
        assert content(out) == {"thesis.tex": b"mine"}
        (out / "library.json").write_text('{"what": "something else"}')
        with pytest.raises(StoreError, match="no list of an export"):
            export_folder(store, out)
        with pytest.raises(StoreError, match="is a file"):
            export_folder(store, out / "thesis.tex")
        with pytest.raises(StoreError, match="there is no folder"):
            export_folder(store, tmp_path / "no" / "such")
        for inside in (store.home.data, store.home.library / "x"):
            with pytest.raises(StoreError, match="keeps its own files"):
                export_folder(store, inside)


def test_an_export_that_was_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with home(tmp_path / "a") as store:
        put(store, "Robot", painted(tmp_path))
        export_folder(store, out)
        whole = content(out)
        (out / "library.json").unlink()
        (out / f".tmp-12-{'0' * 16}").write_text("half of it")
        export_folder(store, out)
    assert {name: data for name, data in content(out).items() if name[0] != "."} == whole


def test_a_list_that_names_foreign_files_deletes_none(tmp_path: Path) -> None:
    out, mine = tmp_path / "out", tmp_path / "mine.png"
    mine.write_text("mine")
    with home(tmp_path / "a") as store:
        entry = put(store)
        export_folder(store, out)
        page = (out / f"robot-{entry.id}.md").rename(out / "mine.md")
        listed = json.loads((out / "library.json").read_text())
        listed["entries"][0] |= {"picture": "../mine.png", "name": "../mine", "id": "../mine"}
        (out / "library.json").write_text(json.dumps(listed))
        with pytest.raises(StoreError, match=r"holds other things, such as mine\.md"):
            export_folder(store, out)
        page.unlink()
        assert export_folder(store, out).written == 2
    assert mine.read_text() == "mine"


def test_a_changed_or_missing_picture_is_told(tmp_path: Path) -> None:
    with home(tmp_path / "a") as store:
        entry = put(store, "Robot", painted(tmp_path))
        store.library.file(entry).write_bytes(b"something else")
        done = export_folder(store, tmp_path / "out")
        assert "“Robot” goes without its picture: its file was changed" in done.troubles[0]
        store.library.file(entry).unlink()
        assert "goes without its picture" in export_folder(store, tmp_path / "out").troubles[0]
    assert not list((tmp_path / "out").glob("*.png"))


def test_json_and_csv_do_not_write_over_other_files(tmp_path: Path) -> None:
    target = tmp_path / "x"
    with home(tmp_path / "a") as store:
        put(store, "Robot", painted(tmp_path))
        for export in (export_json, export_csv):
            target.write_text("mine")
            with pytest.raises(StoreError, match="is there already"):
                export(store, target)
            assert target.read_text() == "mine"
            assert export(store, target, force=True).written == 1
            assert export(store, target).written == 0
        with pytest.raises(StoreError, match="is a folder"):
            export_json(store, tmp_path)
        told = export_json(store, tmp_path / "new").troubles
        assert told == ("1 picture is not in it: export a folder to take pictures along",)


def test_what_cannot_be_read_is_left_out_and_told(tmp_path: Path) -> None:
    with home(tmp_path / "a") as store:
        put(store, "Robot")
        broken = put(store, "From the future")
        with store.database.transaction() as connection:
            connection.execute(
                "UPDATE library SET layers = '{\"version\": 99}' WHERE id = ?", (broken.id,)
            )
        for done in (
            export_json(store, tmp_path / "x.json"),
            export_csv(store, tmp_path / "x.csv"),
            export_folder(store, tmp_path / "x"),
        ):
            assert done.entries == 1
            assert "left out: the library entry “From the future”" in done.troubles[0]


def test_the_table_is_the_one_that_a1111_reads(tmp_path: Path) -> None:
    with home(tmp_path / "a") as store:
        odd = Layers(subject="a {prompt}, (red, blue:1.2)", negatives="text")
        put(store, 'Odd, "name"', layers=odd)
        put(store, "Same")
        put(store, "Same")
        done = export_csv(store, tmp_path / "styles.csv")
        assert "1 of the names are there before" in done.troubles[0]
    # modules/styles.py, StyleDatabase.load_from_csv
    with (tmp_path / "styles.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {
        "name": 'Odd, "name"',
        "prompt": "a {prompt}, (red, blue:1.2)",
        "negative_prompt": "text",
    }


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(ODD, ODD_LAYERS), min_size=1, max_size=8))
def test_round_trips_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory, given_entries: list[tuple[str, Layers]]
) -> None:
    root = tmp_path_factory.mktemp("trip")
    with home(root / "a") as store:
        for name, layers in given_entries:
            put(store, name, layers=layers)
        before = everything(store)
        export_json(store, root / "x.json")
        export_csv(store, root / "x.csv")
        export_folder(store, root / "folder")
        assert brought(store, root / "x.json").known == len(before)
        assert Importer(store).bring(root / "x.csv").added == ()
    for source in (root / "x.json", root / "folder"):
        with home(root / f"b {source.name}") as store:
            brought(store, source)
            assert everything(store) == before
    rows = list(csv.DictReader(io.StringIO((root / "x.csv").read_text("utf-8-sig"), newline="")))
    words = [(e.name, e.layers.prompt, e.layers.negative_prompt) for e in before.values()]
    assert sorted((r["name"], r["prompt"], r["negative_prompt"]) for r in rows) == sorted(words)


def _edited(change: dict[str, Any], **top: Any) -> bytes:
    entry = {"id": "abc123", "name": "Robot", "created": 5.0, "layers": {"subject": "a robot"}}
    whole = {"what": "keepers library", "version": 1, "entries": [{**entry, **change}]}
    return json.dumps(whole | top).encode()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "path as picture": (_edited({"picture": "../x.png", "sha256": "0" * 64}), "a path instead"),
    "absolute picture": (_edited({"picture": "/etc/passwd"}), "a path instead"),
    "missing picture": (_edited({"picture": "x.png", "sha256": "0" * 64}), "there is no file"),
    "other picture": (_edited({"picture": "teal.png", "sha256": "0" * 64}), "no longer the file"),
    "path as id": (_edited({"id": "../x"}), "no usable id"),
    "empty id": (_edited({"id": ""}), "no usable id"),
    "huge number": (_edited({"width": 10**30}), "not a stored libraryfile"),
    "negative": (_edited({"used_count": -1}), "not a stored libraryfile"),
    "wrong type": (_edited({"name": 7}), "not a stored libraryfile"),
    "unknown field": (_edited({"rm": 1}), "not a stored libraryfile"),
    "newer": (_edited({}, version=99), "newer Keepers"),
    "newer layers": (_edited({"layers": {"version": 9}}), "newer Keepers"),
    "deep": (b'{"what": "keepers library", "entries": ' + b"[" * 100_000, "not a stored"),
    "cut short": (_edited({})[:-30], "not a stored libraryfile"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_exports_end_in_a_sentence(tmp_path: Path, name: str) -> None:
    data, says = HOSTILE[name]
    painted(tmp_path)
    (tmp_path / "library.json").write_bytes(data)
    with home(tmp_path / "a") as store:
        outcome = Importer(store).bring(tmp_path / "library.json")
        (trouble,) = outcome.troubles
        assert says in trouble
        assert trouble.isprintable()
        assert (store.library.count(), list(store.home.library.iterdir())) == (0, [])


def test_settings_of_a_model_that_is_not_here_stay_out(tmp_path: Path) -> None:
    """Or a file could have a model fetched that nobody asked for."""
    path = tmp_path / "library.json"
    path.write_bytes(_edited({"options": '{"model": "nobody/nothing"}'}))
    with home(tmp_path / "a") as store:
        (found,) = Importer(store).bring(path).added
        assert (found.entry.options, len(found.notes)) == ("", 1)


def test_texts_of_an_export_are_made_harmless(tmp_path: Path) -> None:
    bad = "c\x1b]52;c;b3duZWQ=\x07at"
    path = tmp_path / "library.json"
    path.write_bytes(
        _edited({"name": bad, "purpose": bad, "tags": [bad], "model": bad, "image_id": bad})
    )
    with home(tmp_path / "a") as store:
        (found,) = Importer(store).bring(path).added
        shown = msgspec.to_builtins(found.entry)
        assert all(text.isprintable() for text in shown.values() if isinstance(text, str))
        assert found.entry.tags[0].isprintable()
        assert found.entry.image_id == ""
