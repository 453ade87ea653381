"""Exports in other forms: the recipe's rules hold in each of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest

from tests.imaging.helpers import RECIPE, recipe
from tests.imaging.test_vector import disc
from tests.workflow.test_exporting import add, formed, plain, png, signed
from tui.domain.lineage import Origin
from tui.imaging.errors import ImagingError
from tui.imaging.metadata import Provenance, read_provenance
from tui.imaging.pixels import open_picture, to_array
from tui.imaging.source_type import GENERATED, source_type
from tui.store.paths import find_home
from tui.store.store import Store, open_store
from tui.workflow.export_files import Form
from tui.workflow.exporting import Exported, export

SECRET = recipe('my secret </metadata> "prompt" & more')


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path / "keepers")})) as opened:
        yield opened


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def leave(store: Store, out: Path, form: Form) -> Exported:
    image = add(
        store, png(SECRET, disc()), image_id=f"i{len(store.images.list('p1'))}", given=SECRET
    )
    return export(store, image, signed(image), target=out, form=form)


@pytest.mark.parametrize("redraw", [True, False])
def test_another_size_carries_or_drops_the_recipe(store: Store, out: Path, redraw: bool) -> None:
    kept = leave(store, out, Form(size=(300, 158), redraw=redraw))
    assert open_picture(kept.path).size == (300, 158)
    assert read_provenance(kept.path).recipe == SECRET
    assert kept.path.read_bytes().count(b"XML:com.adobe.xmp") == 1
    bare = leave(store, out, Form(size=(300, 158), redraw=redraw, recipe="strip"))
    assert b"secret" not in bare.path.read_bytes()
    assert np.array_equal(to_array(open_picture(bare.path)), to_array(open_picture(kept.path)))
    assert source_type(bare.path) == source_type(kept.path) == GENERATED


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_lossy_files_come_in_any_size_too(store: Store, out: Path, kind: str) -> None:
    done = leave(store, out, formed(kind=kind, size=(300, 158), redraw=True, fit="extend"))
    assert open_picture(done.path).size == (300, 158)
    assert source_type(done.path) == GENERATED


def test_an_svg_says_what_it_shows_and_how_it_was_made(store: Store, out: Path) -> None:
    done = leave(store, out, Form(kind="svg", size=(1200, 630), title="A < B", alt="a & b"))
    assert done.path.suffix == ".svg"
    assert done.note == ""
    root = ElementTree.fromstring(done.path.read_bytes())
    space = {"svg": "http://www.w3.org/2000/svg", "k": "urn:keepers:1"}
    assert (root.get("width"), root.get("height")) == ("1200", "630")
    assert root.findtext("svg:title", namespaces=space) == "A < B"
    assert root.findtext("svg:desc", namespaces=space) == "a & b"
    text = root.findtext("svg:metadata/k:recipe", namespaces=space)
    assert text is not None
    written = msgspec.json.decode(text, type=Provenance)
    assert written.recipe == SECRET
    assert written.intact
    said = root.findtext("svg:metadata/k:parameters", namespaces=space)
    assert said is not None
    assert said.startswith(SECRET.prompt)
    assert GENERATED in done.path.read_text()
    bare = leave(store, out, Form(kind="svg", recipe="strip", title="t")).path.read_text()
    assert "secret" not in bare
    assert "keepers" not in bare
    assert GENERATED in bare


def test_a_sidecar_has_what_the_file_has_not(store: Store, out: Path) -> None:
    done = leave(store, out / "card.webp", Form(kind="webp", recipe="sidecar"))
    assert done.sidecar == out / "card.webp.json"
    assert msgspec.json.decode(done.sidecar.read_bytes(), type=Provenance).recipe == SECRET
    assert json.loads(done.sidecar.read_text())["image"] == "i1"
    assert b"secret" not in done.path.read_bytes()
    photo = add(store, plain(), image_id="p", given=None, origin=Origin.IMPORTED)
    with pytest.raises(ImagingError, match="no recipe to lay beside it: choose strip"):
        export(store, photo, signed(photo), target=out, form=Form(recipe="sidecar"))


def test_a_picture_that_is_not_flat_leaves_with_a_warning(store: Store, out: Path) -> None:
    image = add(store, png(RECIPE), image_id="n")
    done = export(store, image, signed(image), target=out, form=Form(kind="svg"))
    assert "this picture is not flat" in done.note
    assert done.path.is_file()
