"""A sweep goes on from what is stored alone: nothing twice, nothing lost, one element."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec
import pytest

from tests.workflow.drawing import Queue, drawn, put_images, workspace_in
from tui.domain.sweep import SweepError
from tui.engine.jobs import JobRequest
from tui.engine.messages import JobView
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.store.rounds import RoundKind, Verdict
from tui.store.sweeps import SweepRecord
from tui.workflow.elements import Row, edit, rows
from tui.workflow.iterating import adopt
from tui.workflow.link import EngineLink, NoEngineError
from tui.workflow.parents import differences
from tui.workflow.rounds import GuardError, plan
from tui.workflow.sweep_draft import (
    AGAIN,
    OPEN,
    again_here,
    count_line,
    draft_of,
    known_sweep,
    listed,
    typed,
)
from tui.workflow.sweep_effects import column_effect, keep_effect, pairs
from tui.workflow.sweeps import run_sweep, stop_sweep, view_of, win
from tui.workflow.workspace import Workspace


class Line(Queue):
    """A link that can cancel, and that breaks after some jobs."""

    def __init__(self, workspace: Workspace, most: int = 99) -> None:
        super().__init__(workspace)
        self._left = most

    async def submit(self, project: str, job: JobRequest) -> JobView:
        if not self._left:
            raise NoEngineError("the engine went away: try again")
        self._left -= 1
        return await super().submit(project, job)

    async def cancel(self, job: str) -> None:
        self._workspace.store.jobs.set_state(job, JobState.CANCELLED)


def link(workspace: Workspace, most: int = 99) -> EngineLink:
    return cast("EngineLink", Line(workspace, most))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_in(tmp_path)
    made.save_options(msgspec.structs.replace(made.options, count=2))
    yield made
    made.store.close()


@pytest.fixture
async def parent(workspace: Workspace) -> ImageRecord:
    images = await drawn(workspace, plan(workspace))
    adopt(workspace, images[1])
    return images[1]


def row_of(workspace: Workspace, where: str, text: str) -> Row:
    return next(row for row in rows(workspace) if row.where == where and row.text == text)


def guidance(workspace: Workspace, values: str = "2, 6, 8") -> SweepRecord:
    draft = draft_of(workspace, row_of(workspace, "guidance", "4"))
    return workspace.store.sweeps.put(workspace.project.id, typed(draft, values, ""))


def draw(workspace: Workspace, record: SweepRecord, *columns: int, most: int = 99) -> None:
    """Draw what is queued of some columns, counted from 1."""
    view = view_of(workspace, record)
    for place in columns:
        job = view.columns[place].job
        assert job is not None
        put_images(workspace, job.id, most=most)
        if most > 1:
            workspace.store.jobs.set_state(job.id, JobState.DONE)


async def test_a_column_is_one_change_with_a_round_of_its_own(
    workspace: Workspace, parent: ImageRecord
) -> None:
    record = guidance(workspace)
    assert record.sweep.name == "guidance: 2, 6, 8"
    assert count_line(workspace, record.sweep).endswith("6 images · 0 exist already · 6 to make")
    assert await run_sweep(workspace, link(workspace), record) == 3
    found = workspace.store.rounds.list(workspace.project.id)[1:]
    assert [str(round_.changes[0]) for round_ in found] == [
        "guidance: 4 → 2",
        "guidance: 4 → 6",
        "guidance: 4 → 8",
    ]
    assert {(len(r.changes), r.kind, r.parent_image_id) for r in found} == {
        (1, RoundKind.CHANGE, parent.id)
    }
    draw(workspace, record, 1)
    view = view_of(workspace, record)
    assert [column.title for column in view.columns] == ["4", "2", "6", "8"]
    assert [column.made for column in view.columns] == [2, 2, 0, 0]
    assert [slot.seed for slot in view.columns[1].slots] == [7, 8]
    assert view.columns[0].slots[1].image == parent
    assert count_line(workspace, record.sweep).endswith("2 exist already · 4 to make")


async def test_what_waits_or_exists_is_not_asked_for_again(
    workspace: Workspace, parent: ImageRecord
) -> None:
    record = guidance(workspace)
    await run_sweep(workspace, link(workspace), record)
    assert await run_sweep(workspace, link(workspace), record) == 0
    draw(workspace, record, 1, 2, 3)
    assert view_of(workspace, record).is_whole
    assert await run_sweep(workspace, link(workspace), record) == 0
    more = workspace.store.sweeps.put(
        record.project_id, typed(record.sweep, "2, 3, 6", "mine"), sweep_id=record.id
    )
    assert (more.id, more.sweep.name) == (record.id, "mine")
    assert await run_sweep(workspace, link(workspace), more) == 1


async def test_after_the_line_broke_it_goes_on_where_it_was(
    workspace: Workspace, parent: ImageRecord
) -> None:
    record = guidance(workspace)
    with pytest.raises(NoEngineError):
        await run_sweep(workspace, link(workspace, most=1), record)
    assert [column.needs_job for column in view_of(workspace, record).columns[1:]] == [
        False,
        True,
        True,
    ]
    assert await run_sweep(workspace, link(workspace), record) == 2


async def test_stop_keeps_what_is_made_and_goes_on_with_the_rest(
    workspace: Workspace, parent: ImageRecord
) -> None:
    record = guidance(workspace)
    await run_sweep(workspace, link(workspace), record)
    draw(workspace, record, 1)
    draw(workspace, record, 2, most=1)
    assert await stop_sweep(workspace, link(workspace), record) == 2
    view = view_of(workspace, record)
    assert (view.made, view.is_live, view.is_whole) == (3, False, False)
    assert await run_sweep(workspace, link(workspace), record) == 2
    rounds = workspace.store.rounds.list(workspace.project.id)[1:]
    jobs = [column.job for column in view_of(workspace, record).columns[1:]]
    assert [round_.job_id for round_ in rounds] == [job.id for job in jobs if job is not None]


async def test_the_winner_is_the_next_parent(workspace: Workspace, parent: ImageRecord) -> None:
    record = guidance(workspace)
    await run_sweep(workspace, link(workspace), record)
    draw(workspace, record, 1, 2, 3)
    view = view_of(workspace, record)
    image, worse = view.columns[2].slots[0].image, view.columns[3]
    assert image is not None
    assert worse.round is not None
    workspace.store.rounds.update(worse.round.id, verdict=Verdict.WORSE)
    worse = view_of(workspace, record).columns[3]
    with pytest.raises(GuardError, match=r"you said worse of 8"):
        win(workspace, worse, image)
    with pytest.raises(GuardError, match="started from"):
        win(workspace, view.columns[0], parent)
    keep_effect(workspace, view, 2)
    win(workspace, view.columns[2], image)
    assert workspace.parent() == image
    assert differences(workspace) == ()
    assert workspace.options.guidance == 6
    rounds = workspace.store.rounds.list(workspace.project.id)[1:]
    assert [round_.verdict for round_ in rounds] == ["", "better", "worse"]
    assert rounds[1].amount is not None
    assert column_effect(pairs(view, 2)) == pytest.approx(rounds[1].amount, abs=1e-6)


async def test_the_guard_holds_before_a_sweep_starts(
    workspace: Workspace, parent: ImageRecord
) -> None:
    with pytest.raises(GuardError, match="rows of a sweep are seeds"):
        draft_of(workspace, row_of(workspace, "seed", "8"))
    edit(workspace, row_of(workspace, "detail", "orange"), "teal")
    with pytest.raises(GuardError, match=r"differs from the parent already .*orange → teal"):
        draft_of(workspace, row_of(workspace, "guidance", "4"))
    draft = draft_of(workspace, row_of(workspace, "detail", "teal"))
    assert (draft.before, draft.place, draft.values[0]) == ("orange", 1, "teal")
    assert draft.base.layers.detail == "warm light, orange"
    with pytest.raises(SweepError, match="one element"):
        msgspec.structs.replace(draft, values=("teal, cold light",)).columns()
    with pytest.raises(SweepError, match="no value yet"):
        typed(draft, "orange", "")
    light = draft_of(workspace, row_of(workspace, "detail", "teal"))
    assert [c.intent.layers.detail for c in typed(light, "teal, -, (red, blue:1.2)", "").columns()]
    assert typed(light, "teal, -", "").columns()[1].intent.layers.detail == "warm light"
    # What it is now has no weight of its own, so ×1 is the parent's.
    weights = typed(light, "×0.8, x1, * 1.3", "")
    assert weights.values == (f"({light.before}:0.8)", f"({light.before}:1.3)")


async def test_a_sweep_runs_again_from_another_parent_and_in_another_project(
    workspace: Workspace, parent: ImageRecord
) -> None:
    record = guidance(workspace)
    style = draft_of(workspace, row_of(workspace, "style", "flat"))
    assert (style.before, style.place) == ("flat", 0)
    phrase = workspace.store.sweeps.put(
        workspace.project.id, typed(style, "cartoon, ink drawing", "looks")
    )
    assert known_sweep(workspace, style) == phrase
    assert [value for value, _ in listed(workspace)] == [
        f"{OPEN}{phrase.id}",
        f"{OPEN}{record.id}",
    ]
    workspace.create("Other")
    workspace.save_draft(msgspec.structs.replace(workspace.project.draft, subject="an owl"))
    workspace.save_options(
        msgspec.structs.replace(workspace.options, count=1, guidance=6.0, seed=9)
    )
    adopt(workspace, (await drawn(workspace, plan(workspace)))[0])
    assert [value for value, _ in listed(workspace)] == [
        f"{AGAIN}{phrase.id}",
        f"{AGAIN}{record.id}",
    ]
    here = again_here(workspace, record.sweep, None)
    assert typed(here, ", ".join(here.values), here.name).values == ("2", "8")
    assert (here.seeds, here.base.layers.subject) == ((9,), "an owl")
    with pytest.raises(GuardError, match="no such element"):
        again_here(workspace, phrase.sweep, row_of(workspace, "guidance", "6"))
    new_style = next(row for row in rows(workspace) if row.where == "style")
    added = again_here(workspace, phrase.sweep, new_style)
    assert [str(c.element) for c in added.columns()] == [
        "style: added “cartoon”",
        "style: added “ink drawing”",
    ]
