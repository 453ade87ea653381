"""Step 4: how much of the parent may change, chosen by keyboard, drawn by the engine."""

import pytest

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.test_batch import press, said
from tests.ui.test_iterate import change, drawn, iterate
from tui.domain.branch import Amount, Branch
from tui.widgets.amount_row import AmountRow
from tui.workflow.workspace import Workspace


def branch_of(workspace: Workspace) -> object:
    recipe = workspace.images()[-1].recipe
    assert recipe is not None
    return recipe.intent.branch


async def test_some_may_change(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        words = workspace.project.draft
        assert "[all]" in shown(pilot)
        assert "drawn in full" in shown(pilot)
        await change(pilot, "style", "flat illustration", "3d render")
        row = pilot.app.screen.query_one(AmountRow)
        row.focus()
        await press(pilot, "l", "right")
        assert workspace.options.amount is Amount.SOME
        assert "[some]" in shown(pilot)
        assert "first 1 of 2 steps: parent's" in shown(pilot)
        await drawn(pilot)
        assert branch_of(workspace) == Branch(1, words, workspace.options.guidance)
        # Space keeps its meaning: it marks the child.
        await press(pilot, "space")
        assert workspace.options.amount is Amount.SOME
        assert "Say + first" in said(pilot)
        await press(pilot, "plus", "space")
        # The amount stays; of a branch it says what is true of it.
        await press(pilot, "h")
        assert str(workspace.options.amount) == "most"
        assert "the parent itself kept 1 of 2" in shown(pilot)


async def test_other_steps_cannot_keep_any(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await iterate(pilot)
        await change(pilot, "steps", "2", "3")
        pilot.app.screen.query_one(AmountRow).focus()
        await press(pilot, "l", "l", "l")
        assert "not with a change of steps" in shown(pilot)
        before = workspace.position.job_id
        await press(pilot, "g")
        await until(pilot, lambda: "leaves no step of the parent" in said(pilot))
        assert workspace.position.job_id == before


@pytest.mark.parametrize("size", [(40, 10), (50, 20)])
async def test_where_there_is_little_room(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size) as pilot:
        await iterate(pilot)
        row = pilot.app.screen.query_one(AmountRow)
        assert row.display is (size[1] >= 18)
        if row.display:
            row.focus()
            await press(pilot, "l", "l", "l")
            assert "May change  all  most  some [little]" in shown(pilot)
