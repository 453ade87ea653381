"""A sweep from `s` on an element to its winner as the next parent."""

import msgspec
from textual.pilot import Pilot

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.test_batch import press, said, workspace_of
from tests.ui.test_iterate import iterate
from tui.screens.iterate import IterateScreen
from tui.screens.look import LookScreen, TwoUpScreen
from tui.screens.pick import PickScreen
from tui.screens.sweep import SweepScreen
from tui.screens.sweep_form import SweepFormScreen
from tui.store.jobs import ENDED
from tui.store.rounds import Verdict
from tui.store.sweeps import SweepRecord
from tui.widgets.element_list import ElementList
from tui.widgets.field import Field
from tui.widgets.image_view import ImageView
from tui.widgets.sweep_grid import SweepGrid
from tui.workflow.parents import differences
from tui.workflow.sweeps import SweepView, view_of
from tui.workflow.workspace import Workspace


async def to_element(pilot: Pilot[None], where: str) -> None:
    """Put the cursor on the last row of a layer, or on a setting."""
    elements = pilot.app.screen.query_one(ElementList)
    place = max(n for n, row in enumerate(elements.rows) if row.where == where)
    await press(pilot, *("j",) * (place - elements.cursor), *("k",) * (elements.cursor - place))


async def form(pilot: Pilot[None], where: str) -> None:
    await to_element(pilot, where)
    await press(pilot, "s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SweepFormScreen))


def record_of(workspace: Workspace) -> SweepRecord:
    return workspace.store.sweeps.list(workspace.project.id)[0]


def view(workspace: Workspace) -> SweepView:
    return view_of(workspace, record_of(workspace))


def grid(pilot: Pilot[None]) -> SweepGrid:
    return pilot.app.screen.query_one(SweepGrid)


async def whole(pilot: Pilot[None]) -> None:
    """Wait until every cell is made, shown, and measured."""
    workspace = workspace_of(pilot)
    await until(pilot, lambda: bool(workspace.store.sweeps.list(workspace.project.id)))
    await until(pilot, lambda: view(workspace).is_whole)
    await until(pilot, lambda: "Judge" in shown(pilot))
    seen = [cell for cell in grid(pilot).cells_of(1) if cell.display]
    await until(pilot, lambda: all(c.query_one(ImageView).picture is not None for c in seen))


async def test_from_the_element_to_the_next_parent(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        parent = workspace.parent()
        await form(pilot, "guidance")
        await until(pilot, lambda: "4 values × 2 seeds = 8 images" in shown(pilot))
        await press(pilot, "enter", "ctrl+u", *"9, 4, lots", "enter")
        await until(pilot, lambda: "“lots” is no guidance" in shown(pilot))
        await press(pilot, "g")
        assert isinstance(pilot.app.screen, SweepFormScreen)
        await press(pilot, "enter", "ctrl+u", *"9, 4, 2", "enter")
        await until(pilot, lambda: "2 values × 2 seeds = 4 images" in shown(pilot))
        await press(pilot, "tab", "enter", *"how strict", "enter", "g")
        await whole(pilot)
        assert record_of(workspace).sweep.name == "how strict"
        assert record_of(workspace).sweep.values == ("9", "2")
        found = workspace.store.rounds.list(workspace.project.id)[1:]
        assert [str(round_.changes[0]) for round_ in found] == [
            "guidance: 4 → 9",
            "guidance: 4 → 2",
        ]
        await until(pilot, lambda: "…" not in shown(pilot).splitlines()[3])
        lines = shown(pilot).splitlines()
        assert [lines[2].split(), lines[3].split()[:2]] == [["▶4", "9", "2"], ["seed", "parent"]]
        assert all(0 < float(figure) < 1 for figure in lines[3].split()[2:])
        assert "guidance · 4 of 4 made" in shown(pilot)
        await press(pilot, "space", "plus")
        assert "started from" in said(pilot)
        await press(pilot, "l", "minus")
        await until(pilot, lambda: "- 0." in shown(pilot))
        await press(pilot, "space")
        assert "said worse of 9" in said(pilot)
        await press(pilot, "l", "j", "z")
        assert isinstance(pilot.app.screen, LookScreen)
        assert "3 of 3 · 2 · seed 8" in shown(pilot)
        await press(pilot, "q", "v")
        assert isinstance(pilot.app.screen, TwoUpScreen)
        await press(pilot, "q", "y")
        child = view(workspace).columns[2].slots[1].image
        assert child is not None
        assert pilot.app.clipboard == str(workspace.file(child))
        assert workspace.parent() == parent
        await press(pilot, "space")
        assert isinstance(pilot.app.screen, IterateScreen)
        assert workspace.parent() == child
        assert (workspace.options.guidance, differences(workspace)) == (2.0, ())
        await until(
            pilot,
            lambda: (
                [r.verdict for r in workspace.store.rounds.list(workspace.project.id)][1:]
                == [Verdict.WORSE, Verdict.BETTER]
            ),
        )


async def test_stop_keeps_what_is_made_and_g_goes_on(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        await form(pilot, "steps")
        await press(pilot, "enter", "ctrl+u", *"3, 40, 4", "enter", "g")
        await until(pilot, lambda: "1/40" in shown(pilot))
        await press(pilot, "ctrl+c")
        await until(pilot, lambda: "stopped" in shown(pilot))
        assert "Stopped. What is made stays" in said(pilot)
        await until(pilot, lambda: not view(workspace).is_live)
        jobs = [column.job for column in view(workspace).columns[1:] if column.job is not None]
        assert {job.state for job in jobs} <= ENDED
        assert [column.made for column in view(workspace).columns] == [2, 2, 0, 0]
        await until(pilot, lambda: "2 of 6 are made: g goes on" in shown(pilot))
        before = [image.id for image in workspace.images()]
        await press(pilot, "s")
        await press(pilot, "enter", "ctrl+u", *"3, 4", "enter")
        await until(pilot, lambda: "2 exist already · 2 to make" in shown(pilot))
        await press(pilot, "g")
        await whole(pilot)
        assert [image.id for image in workspace.images()][: len(before)] == before
        assert len(workspace.images()) == len(before) + 2
        rounds = workspace.store.rounds.list(workspace.project.id)[1:]
        assert [str(r.changes[0]) for r in rounds] == [f"steps: 2 → {n}" for n in (3, 40, 4)]
        await press(pilot, "l", "enter")
        assert isinstance(pilot.app.screen, IterateScreen)
        await until(pilot, lambda: "Changed: steps" in shown(pilot))
        await to_element(pilot, "steps")
        await press(pilot, "s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
        await until(pilot, lambda: "4 of 4 made" in shown(pilot))


async def test_a_second_element_is_refused_by_name(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        workspace.save_options(msgspec.structs.replace(workspace.options, steps=3))
        await to_element(pilot, "guidance")
        await press(pilot, "s")
        assert isinstance(pilot.app.screen, IterateScreen)
        assert "steps: 2 → 3" in said(pilot)
        await press(pilot, "u")
        await form(pilot, "style")
        values = pilot.app.screen.query_one("#values", Field)
        assert values.value == "3d render, black and white icon"
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, IterateScreen)
        assert workspace.store.sweeps.list(workspace.project.id) == ()


async def test_it_pages_and_runs_again_from_another_parent(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        await form(pilot, "composition")
        words = "on the left, on the right, close-up, wide shot, tilted, centered"
        await press(pilot, "enter", *words)
        await press(pilot, "enter", "g")
        await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
        await until(pilot, lambda: "of 6 ▸" in shown(pilot))
        await press(pilot, *"llllll")
        await until(pilot, lambda: "◂ values" in shown(pilot) and "centered" in shown(pilot))
        await until(pilot, lambda: "(without)" in shown(pilot))
        await until(pilot, lambda: not view(workspace).is_live)
        first = record_of(workspace)
        await press(pilot, "q")
        workspace.store.positions.update(workspace.project.id, parent_id=workspace.images()[0].id)
        await form(pilot, "detail")
        await press(pilot, "ctrl+r")
        assert isinstance(pilot.app.screen, PickScreen)
        await press(pilot, *"again", "enter")
        await until(pilot, lambda: "Sweep the composition" in shown(pilot))
        assert pilot.app.screen.query_one("#values", Field).value == ", ".join(first.sweep.values)
        await press(pilot, "g")
        await until(pilot, lambda: record_of(workspace).id != first.id)
        assert record_of(workspace).sweep.parent == workspace.position.parent_id
        await until(pilot, lambda: not view(workspace).is_live)


async def test_every_size_works(open_app: OpenApp) -> None:
    async with open_app((40, 10)) as pilot:
        workspace = await iterate(pilot)
        await form(pilot, "guidance")
        await press(pilot, "enter", "ctrl+u", *"8", "enter", "g")
        await until(pilot, lambda: bool(workspace.store.sweeps.list(workspace.project.id)))
        await until(pilot, lambda: view(workspace).is_whole)
        for size in ((40, 10), (20, 5), (160, 48), (80, 24)):
            await pilot.resize_terminal(*size)
            await press(pilot, *"ljklhhvz", "equals_sign", "plus", "question_mark")
            while not isinstance(pilot.app.screen, SweepScreen):
                await press(pilot, "escape")
        await until(pilot, lambda: "2 of 2 made" in shown(pilot))
