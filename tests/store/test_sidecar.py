from pathlib import Path

import msgspec
import pytest

from tui.domain.brief import Brief
from tui.domain.candidate import Closeness, Marks
from tui.domain.prompt import Layers
from tui.store import inputs
from tui.store.errors import NotFoundError, StoreError
from tui.store.paths import Home
from tui.store.sidecar import read_sidecar, write_sidecar
from tui.store.store import Store

from .helpers import add_image


def test_the_sidecar_tells_what_the_images_do_not(store: Store) -> None:
    project = store.projects.add("A cat", brief=Brief(purpose="a poster"))
    project = store.projects.update(project.id, draft=Layers(subject="a cat"))
    record = add_image(store, project, "a", job_id="j")
    store.marks.update("a", Marks(closeness=Closeness.KEPT))
    path = write_sidecar(
        store.home, project, store.images.list(project.id), store.marks.list(project.id)
    )
    assert path == store.projects.folder(project) / "project.json"
    assert path.stat().st_mode & 0o777 == 0o600
    read = read_sidecar(path)
    assert (read.id, read.name) == (project.id, "A cat")
    assert (read.brief, read.draft) == (project.brief, project.draft)
    assert read.marks == {"a": Marks(closeness=Closeness.KEPT)}
    (image,) = read.images
    assert (image.id, image.parent, image.job, image.sha256) == ("a", None, "j", record.sha256)
    assert store.home.inside(image.path).read_bytes() == b"png"


def test_an_unreadable_project_does_not_replace_its_sidecar(store: Store) -> None:
    project = store.projects.add("A cat")
    path = write_sidecar(store.home, project, (), {})
    before = path.read_bytes()
    with pytest.raises(StoreError, match="why not"):
        write_sidecar(
            store.home, msgspec.structs.replace(project, unreadable="this is why not"), (), {}
        )
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "put back a copy"),
        (b"{}", "put back a copy"),
        (b"[" * 100_000, "put back a copy"),
        (b'{"version": 99}', "newer Keepers"),
        (b"\xff", "put back a copy"),
    ],
)
def test_what_is_no_sidecar_is_explained(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "project.json").write_bytes(content)
    with pytest.raises(StoreError, match=words):
        read_sidecar(tmp_path / "project.json")


def test_a_missing_sidecar_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="it is not there"):
        read_sidecar(tmp_path / "project.json")


def test_inputs_are_kept_once(home: Home) -> None:
    name = "0123456789abcdef" * 4
    path = inputs.put(home, name, b"png")
    assert path == inputs.put(home, name, b"other bytes of the same pixels")
    assert path == inputs.get(home, name) == home.inputs / f"{name}.png"
    assert path.read_bytes() == b"png"
    with pytest.raises(NotFoundError, match="choose it again"):
        inputs.get(home, "f" * 64)


@pytest.mark.parametrize("name", ["", "../x", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_hashes_name_inputs(home: Home, name: str) -> None:
    with pytest.raises(StoreError, match="is no hash"):
        inputs.put(home, name, b"")
    with pytest.raises(StoreError, match="is no hash"):
        inputs.get(home, name)
