"""A home with something of everything in it, and all that is in it as one value."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import msgspec

from tests.ui.drawn import put
from tests.workflow.drawing import drawn, workspace_in
from tui.domain.brief import Brief
from tui.domain.candidate import Closeness, Marks
from tui.domain.check import Answer, CheckItem, SignOff
from tui.domain.round import Verdict
from tui.domain.sweep import Sweep
from tui.domain.tournament import Closer, Comparison
from tui.imaging.operations import Exposure
from tui.store.keeping_safe import note_down
from tui.store.paths import Home, find_home
from tui.store.store import Store, open_store
from tui.workflow.edit_draft import EditDraft
from tui.workflow.editing import keep_edited
from tui.workflow.elements import edit, rows
from tui.workflow.iterating import adopt, current_round, judge, next_plan
from tui.workflow.library import save_keeper
from tui.workflow.light_edits import added_step
from tui.workflow.rounds import plan
from tui.workflow.workspace import Workspace


def home_in(folder: Path) -> Home:
    return find_home({"KEEPERS_HOME": str(folder / "keepers")})


def fill(folder: Path) -> None:
    """Make the home: a project taken through most of the steps, and another one in the trash."""
    workspace = workspace_in(folder)
    with workspace.store as store:
        asyncio.run(_robot(workspace))
        store.projects.trash(store.projects.add("Thrown away", brief=Brief(place="bin")).id)
        note_down(store)


async def _robot(workspace: Workspace) -> None:
    store, project = workspace.store, workspace.project.id
    workspace.save_brief(Brief(purpose="A poster\u202e", must_contain=("robot",), width=640))
    first = await drawn(workspace, plan(workspace))
    adopt(workspace, first[1])
    store.comparisons.add(project, Comparison(first[0].id, first[1].id, Closer.RIGHT))
    workspace.mark(first[0], Marks(Closeness.REJECTED, ("hands",), (), "six fingers"))
    row = next(row for row in rows(workspace) if row.text == "flat")
    edit(workspace, row, "3d render")
    child = (await drawn(workspace, next_plan(workspace, None)))[0]
    round_ = current_round(workspace)
    assert round_ is not None
    judge(workspace, round_, Verdict.BETTER)
    sweep = Sweep("style!", "style", "flat", 0, ("oil",), (1,), workspace.intent(), first[1].id)
    store.sweeps.put(project, sweep)
    edited = keep_edited(workspace, child, added_step(EditDraft(), Exposure(1)))
    item = CheckItem("text", "Text?", Answer.ACCEPTED, "it is a logo")
    store.sign_offs.update(edited.id, SignOff(edited.sha256, (item,), waiver="urgent"))
    put(workspace)
    entry = save_keeper(
        store,
        workspace.project,
        edited,
        name="Robot",
        purpose="poster",
        worked="warm light",
        tags=("robot",),
        options="{}",
    )
    store.library.used(entry.id)
    style = msgspec.structs.replace(entry, id="57713", image_id="", name="A style", project_id=None)
    store.library.bring_in(style)


def all_of(store: Store) -> dict[str, Any]:
    """Everything that is stored, but when a project was last written to."""
    projects = (*store.projects.list(archived=True), *store.projects.list(trashed=True))
    found: dict[str, Any] = {
        "projects": sorted(
            (msgspec.structs.replace(project, updated=0.0) for project in projects),
            key=lambda project: project.id,
        ),
        "jobs": store.jobs.list(),
        "library": store.library.list(99, archived=True),
        "found": store.library.search("warm"),
        "lessons": store.lessons.search(),
    }
    for project in projects:
        found[project.id] = (
            store.images.list(project.id),
            store.marks.list(project.id),
            store.comparisons.list(project.id),
            store.sign_offs.list(project.id),
            store.rounds.list(project.id),
            store.sweeps.list(project.id),
            store.positions.get(project.id),
        )
    return found


def stored(home: Home) -> dict[str, Any]:
    with open_store(home) as store:
        return all_of(store)


def files(home: Home) -> dict[str, str]:
    """Every file of a home with its hash; the lock says nothing."""
    return {
        str(path.relative_to(home.data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.data.rglob("*"))
        if path.is_file() and path != home.lock
    }
