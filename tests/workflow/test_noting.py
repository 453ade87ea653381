"""What is typed is true at once for every screen, and goes to the disk when the disk lets it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.store.errors import StoreError
from tui.store.paths import find_home
from tui.store.projects import Projects
from tui.store.settings import Settings
from tui.store.store import open_store
from tui.workflow.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_store(find_home({"KEEPERS_HOME": str(tmp_path)})) as store:
        yield Workspace(store, Settings())


def refuse(*_args: object, **_fields: object) -> None:
    raise StoreError("the disk is full: free some space there and try again")


def test_noted_is_seen_at_once_and_written_later(workspace: Workspace) -> None:
    project = workspace.create()
    workspace.note(brief=Brief(purpose="robot\x1b[2J"))
    assert workspace.project.brief.purpose == workspace.project.name == "robot [2J"
    assert workspace.store.projects.get(project.id).brief == Brief()
    workspace.write()
    assert workspace.store.projects.get(project.id).brief == workspace.project.brief
    assert not workspace.unsaved


def test_a_full_disk_loses_nothing_also_over_another_project(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = workspace.create("first")
    with monkeypatch.context() as patch:
        patch.setattr(Projects, "update", refuse)
        with pytest.raises(StoreError, match="the disk is full"):
            workspace.save_brief(Brief(purpose="robot"))
        with pytest.raises(StoreError, match="the disk is full"):
            workspace.save_draft(Layers(subject="robot"))
        workspace.create("second")
        assert workspace.open(first.id).brief.purpose == "robot"
    workspace.create("third")
    workspace.note(brief=Brief(purpose="cat"))
    workspace.write()
    stored = workspace.store.projects.get(first.id)
    assert (stored.brief.purpose, stored.draft.subject) == ("robot", "robot")
    assert workspace.store.projects.get(workspace.project.id).brief.purpose == "cat"


def test_what_is_typed_while_it_is_written_is_written_too(workspace: Workspace) -> None:
    project = workspace.create()
    stop = threading.Event()

    def writing() -> None:
        while not stop.is_set():
            workspace.write()

    thread = threading.Thread(target=writing)
    thread.start()
    try:
        for number in range(200):
            workspace.note(brief=Brief(purpose=f"robot {number}"))
            assert workspace.project.brief.purpose == f"robot {number}"
    finally:
        stop.set()
        thread.join()
    workspace.write()
    assert workspace.store.projects.get(project.id).brief.purpose == "robot 199"


def test_a_project_that_is_gone_is_forgotten(workspace: Workspace) -> None:
    project = workspace.create()
    workspace.note(brief=Brief(purpose="robot"))
    workspace.forget_unsaved(project.id)
    assert not workspace.unsaved
