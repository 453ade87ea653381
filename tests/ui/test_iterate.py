"""Step 4: one change, its twins, what it did, and what follows from that."""

import msgspec
import pytest
from textual.pilot import Pilot

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.test_batch import app_of, batch, press, said, workspace_of
from tui.domain.lineage import Origin
from tui.screens.iterate import IterateScreen
from tui.screens.look import LookScreen, TwoUpScreen
from tui.store.files import write_durably
from tui.store.rounds import Round, RoundKind, Verdict
from tui.widgets.element_list import ElementList
from tui.widgets.field import Field
from tui.widgets.pair_view import PairView
from tui.workflow.parents import differences
from tui.workflow.workspace import Workspace


async def iterate(pilot: Pilot[None]) -> Workspace:
    """A batch of two, the second of them the parent."""
    workspace = await batch(pilot)
    await press(pilot, "l", "space", "greater_than_sign")
    assert isinstance(pilot.app.screen, IterateScreen)
    return workspace


async def change(pilot: Pilot[None], where: str, text: str, after: str) -> None:
    """Edit one element as a person does."""
    elements = pilot.app.screen.query_one(ElementList)
    place = next(n for n, row in enumerate(elements.rows) if (row.where, row.text) == (where, text))
    keys = ("j",) * (place - elements.cursor) or ("k",) * (elements.cursor - place)
    await press(pilot, *keys, "enter", "ctrl+u", *after, "enter")


def last_round(workspace: Workspace) -> Round:
    return workspace.store.rounds.list(workspace.project.id)[-1]


async def drawn(pilot: Pilot[None]) -> None:
    """Generate, and wait for the twins and their difference."""
    workspace = workspace_of(pilot)
    before = workspace.position.job_id
    await press(pilot, "g")
    await until(pilot, lambda: workspace.position.job_id != before)
    pair = pilot.app.screen.query_one(PairView)
    await until(pilot, lambda: pair.measured is not None)
    await until(pilot, lambda: "say: + better" in shown(pilot))


async def test_one_change_from_expectation_to_the_next_parent(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        assert "Parent, seed 8" in shown(pilot)
        assert "exactly one thing" in shown(pilot)
        await change(pilot, "style", "flat illustration", "3d render")
        assert "Will change: style" in shown(pilot)
        assert "− flat illustration" in shown(pilot)
        assert "+ 3d render" in shown(pilot)
        pilot.app.screen.query_one("#expect", Field).focus()
        await press(pilot, "enter", *"more depth", "escape")
        assert workspace.options.expectation == "more depth"
        await drawn(pilot)
        found = last_round(workspace)
        assert (found.kind, found.expectation) == (RoundKind.CHANGE, "more depth")
        assert [str(element) for element in found.changes] == [
            "style: flat illustration → 3d render"
        ]
        await until(pilot, lambda: "Child, seed 8" in shown(pilot))
        # Measured off the loop, when both pictures have been read.
        await until(pilot, lambda: "effect 0." in shown(pilot))
        await press(pilot, "h")
        await until(pilot, lambda: "Child, seed 7" in shown(pilot))
        await until(pilot, lambda: "Parent's batch, seed 7" in shown(pilot))
        await press(pilot, "l", "space")
        assert "Say + first" in said(pilot)
        await press(pilot, "plus")
        assert last_round(workspace).verdict is Verdict.BETTER
        pilot.app.screen.query_one("#learned", Field).focus()
        await press(pilot, "enter", *"depth came", "escape")
        assert last_round(workspace).learned == "depth came"
        await press(pilot, "space")
        parent = workspace.parent()
        assert parent is not None
        assert (parent.seed, parent.origin) == (8, Origin.ITERATED)
        assert differences(workspace) == ()
        pilot.app.clear_notifications()
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: "Rounds of this project" in shown(pilot))
        assert "“depth came”" in shown(pilot)
        await press(pilot, "escape", "greater_than_sign")
        assert workspace.position.image_id == parent.id


async def test_worse_puts_the_change_back(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        parent = workspace.parent()
        await change(pilot, "style", "flat illustration", "cartoon")
        await drawn(pilot)
        await press(pilot, "g")
        await until(pilot, lambda: "drawn already" in said(pilot))
        await press(pilot, "minus")
        assert workspace.project.draft.style == "flat illustration"
        assert workspace.parent() == parent
        assert "The parent stays" in shown(pilot)


async def test_a_second_change_is_refused_by_name(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        await change(pilot, "style", "flat illustration", "cartoon")
        await change(pilot, "steps", "2", "3")
        assert "2 things differ" in shown(pilot)
        pilot.app.clear_notifications()
        before = workspace.position.job_id
        await press(pilot, "g")
        await until(pilot, lambda: "steps: 2 → 3" in said(pilot))
        assert workspace.position.job_id == before
        await press(pilot, "u")
        assert [element.where for element in differences(workspace)] == ["style"]
        await press(pilot, "u", "u")
        assert differences(workspace) == ()
        assert "Nothing differs" in said(pilot)


async def test_a_rewrite_is_recorded_as_one(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        await change(pilot, "style", "flat illustration", "cartoon")
        await change(pilot, "steps", "2", "3")
        before = workspace.position.job_id
        await press(pilot, "G")
        await until(pilot, lambda: workspace.position.job_id != before)
        assert last_round(workspace).kind is RoundKind.REWRITE
        assert len(last_round(workspace).changes) == 2


async def test_blink_difference_two_up_and_zoom(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        await press(pilot, "b", "d", "v", "plus", "equals_sign")
        assert "no child yet" in said(pilot)
        await change(pilot, "style", "flat illustration", "cartoon")
        await drawn(pilot)
        pair = pilot.app.screen.query_one(PairView)
        child = pair.views[1].picture
        await press(pilot, "b")
        assert "⇄ Parent" in shown(pilot)
        assert pair.views[1].picture is pair.views[0].picture
        await press(pilot, "b", "d")
        assert pair.views[1].picture is child
        assert "tinted" in shown(pilot)
        await press(pilot, "d", "v")
        assert isinstance(pilot.app.screen, TwoUpScreen)
        await press(pilot, "q", "z")
        assert isinstance(pilot.app.screen, LookScreen)
        await press(pilot, "escape", "c", *"softer", "enter", "y")
        made = workspace.images()[-1]
        assert workspace.marks(made).comment == "softer"
        assert pilot.app.clipboard == str(workspace.file(made))


async def test_an_edited_picture_is_drawn_over(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await batch(pilot)
        parent = workspace.images()[0]
        record = msgspec.structs.replace(
            parent,
            id=f"{parent.id}-edit",
            job_id=None,
            parent_id=parent.id,
            origin=Origin.EDITED,
            path=parent.path.replace(".png", "-edit.png"),
            recipe_json="",
            intent_key="",
            seed=None,
        )
        write_durably(workspace.file(record), workspace.file(parent).read_bytes())
        workspace.store.images.add(record)
        workspace.save_options(msgspec.structs.replace(workspace.options, steps=4))
        workspace.choose(record.id)
        app_of(pilot).show_step("iterate")
        await pilot.pause()
        assert "image to image" in " ".join(shown(pilot).split())
        await drawn(pilot)
        made = workspace.images()[-1]
        assert made.parent_id == record.id
        assert made.recipe is not None
        assert made.recipe.intent.init_image == record.pixels


@pytest.mark.parametrize("size", [(40, 10), (160, 48), (20, 5)])
async def test_every_size_works(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size) as pilot:
        await iterate(pilot)
        await change(pilot, "style", "flat illustration", "cartoon")
        workspace = workspace_of(pilot)
        before = workspace.position.job_id
        await press(pilot, "g")
        await until(pilot, lambda: workspace.position.job_id != before)
        pair = pilot.app.screen.query_one(PairView)
        await until(pilot, lambda: pair.measured is not None)
        await press(pilot, "h", "l", "b", "d", "j", "k", "tab", "equals_sign")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Verdict" in shown(pilot))


async def test_without_a_parent_it_says_where_to_get_one(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace_of(pilot).create("Empty")
        app_of(pilot).show_step("iterate")
        await pilot.pause()
        assert "Mark the closest picture in 3" in shown(pilot)
        await press(pilot, *"jkhlubdvzyc", "plus", "space", "greater_than_sign")
        assert isinstance(pilot.app.screen, IterateScreen)


async def test_several_changes_are_taken_apart_into_rounds(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        await change(pilot, "detail", "", "warm light")
        await change(pilot, "composition", "", "on the left")
        assert "p splits them" in shown(pilot)
        await press(pilot, "p")
        await until(pilot, lambda: "Which change first?" in shown(pilot))
        await press(pilot, *"warm", "enter")
        assert [element.after for element in differences(workspace)] == ["warm light"]
        await drawn(pilot)
        await press(pilot, "plus")
        assert "1 of the changes you split" in shown(pilot)
        await press(pilot, "space", "p")
        await until(pilot, lambda: "Which change next?" in shown(pilot))
        await press(pilot, "enter")
        assert [element.after for element in differences(workspace)] == ["on the left"]
        assert not workspace.options.later
