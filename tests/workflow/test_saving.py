"""What is typed about a keeper is kept; saving twice makes one keeper."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.ui.drawn import placed, put
from tui.domain.brief import Brief
from tui.store.errors import StoreError
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import Store, open_store
from tui.workflow.fetching import fetch_line, short, suggested_target, with_suffix
from tui.workflow.options import Options, read_options
from tui.workflow.saving import (
    FILE_NAME,
    KeeperDraft,
    draft_of,
    is_kept,
    keep,
    leave_question,
    numbers,
    origin,
    save_draft,
    span,
    unsaved,
)
from tui.workflow.workspace import Workspace

BRIEF = Brief(purpose="jobs page header")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    folders = (tmp_path / name for name in ("data", "config", "cache", "log"))
    with open_store(Home(*folders)) as store:
        yield store


@pytest.fixture
def workspace(store: Store) -> Workspace:
    return Workspace(store, Settings())


def test_fields_begin_with_the_brief_and_go_on_with_what_was_typed(workspace: Workspace) -> None:
    image = placed(workspace, BRIEF)
    assert draft_of(workspace, image) == KeeperDraft("jobs page header", "jobs page header")
    typed = KeeperDraft("Robot", "header", "flat light", "a, b")
    save_draft(workspace.store, image, typed)
    assert draft_of(workspace, image) == typed
    child = put(workspace, image)
    assert draft_of(workspace, child) == typed
    save_draft(workspace.store, image, None)
    assert draft_of(workspace, child).name == "jobs page header"


def test_a_damaged_draft_stands_in_nobodys_way(workspace: Workspace) -> None:
    image = placed(workspace, BRIEF)
    folder = workspace.store.projects.folder(workspace.project)
    (folder / FILE_NAME).write_bytes(b"\xff{")
    assert draft_of(workspace, image).name == "jobs page header"
    save_draft(workspace.store, image, KeeperDraft("x"))
    assert draft_of(workspace, image).name == "x"


def test_saving_twice_makes_one_keeper_with_the_new_words(workspace: Workspace) -> None:
    workspace.create()
    workspace.save_options(Options(steps=7))
    image = placed(workspace, BRIEF)
    workspace.save_options(Options(steps=9))
    assert not is_kept(workspace)
    first = keep(workspace, image, KeeperDraft("Robot", "header", "light", "Flat, flat ,x"))
    assert first.tags == ("flat", "x")
    assert read_options(first.options, Options()).steps == 9
    second = keep(workspace, image, KeeperDraft("Robot 2", "", "light", ""))
    assert (second.id, second.name, second.tags) == (first.id, "Robot 2", ())
    assert workspace.store.library.count() == 1
    workspace.store.library.archive(first.id)
    keep(workspace, image, KeeperDraft("Robot 3"))
    assert workspace.store.library.count() == 1
    assert draft_of(workspace, image).name == "Robot 3"


def test_a_refused_keeper_leaves_the_draft(workspace: Workspace) -> None:
    image = placed(workspace, BRIEF)
    save_draft(workspace.store, image, KeeperDraft("typed"))
    workspace.file(image).unlink()
    with pytest.raises(StoreError):
        keep(workspace, image, KeeperDraft("typed"))
    assert draft_of(workspace, image).name == "typed"


def test_only_a_chosen_and_unsaved_image_is_asked_about(workspace: Workspace) -> None:
    assert unsaved(workspace) == ""
    workspace.create()
    assert unsaved(workspace) == ""
    image = placed(workspace, Brief(purpose="a [b]\x1b[31m"))
    assert "not in the library" in unsaved(workspace)
    assert "\x1b" not in leave_question(workspace)
    keep(workspace, image, KeeperDraft("x"))
    assert unsaved(workspace) == ""
    assert "Everything is saved" in leave_question(workspace)


def test_time_images_rounds_and_the_last_five(workspace: Workspace) -> None:
    keep(workspace, placed(workspace, BRIEF), KeeperDraft("x"))
    image = placed(workspace, BRIEF)
    keep(workspace, image, KeeperDraft("x"))
    placed(workspace, BRIEF)
    says = numbers(workspace, workspace.project.created + 400)
    assert says == "6 min 40 s · 1 image · 0 rounds  (your last 2: 1, 1 min)"
    assert origin(workspace, image) == ""
    assert origin(workspace, workspace.images()[0]) == "image 1"


def test_lengths_of_time_are_said_as_people_do() -> None:
    said = [span(seconds) for seconds in (-3, 59, 3599, 3660, 90_000, 400_000)]
    assert said == ["0 s", "59 s", "59 min 59 s", "1 h 1 min", "1 day", "4 days"]


def test_the_way_to_fetch_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 5000 10.0.0.1 22")
    monkeypatch.setenv("LOGNAME", "ann")
    assert fetch_line(Path("/a/b.png")) == "scp ann@10.0.0.1:/a/b.png ."
    assert fetch_line(Path("/a/b c.png")) == "scp 'ann@10.0.0.1:/a/b c.png' ."
    monkeypatch.setenv("SSH_CONNECTION", "::2 5000 fe80::1 22")
    assert "[fe80::1]" in fetch_line(Path("/a"))


def test_export_targets(workspace: Workspace, tmp_path: Path) -> None:
    project = msgspec.structs.replace(workspace.create(), name="Robot & Ännchen")
    assert suggested_target(project, ".png", tmp_path).endswith("/robot-annchen.png")
    assert with_suffix("~/a.png", ".jpg", (".png", ".jpg")) == "~/a.jpg"
    assert with_suffix("~/a.b", ".jpg", (".png", ".jpg")) == "~/a.b"
    assert short(Path.home() / "x") == "~/x"
