"""Step 4 with distilled guidance: one element, to change, put back and sweep."""

import msgspec
import pytest

from tests.workflow.drawing import drawn
from tui.domain.branch import Amount
from tui.workflow.branching import set_amount
from tui.workflow.elements import Row, edit, put_back, rows
from tui.workflow.iterating import adopt
from tui.workflow.lineage_words import told
from tui.workflow.parents import differences
from tui.workflow.rounds import GuardError, plan
from tui.workflow.sweep_draft import draft_of, typed
from tui.workflow.workspace import Workspace

NAME = "distilled guidance"


def choose(workspace: Workspace, value: float) -> None:
    workspace.save_options(msgspec.structs.replace(workspace.options, distilled_guidance=value))


def row_of(workspace: Workspace) -> Row:
    (row,) = (row for row in rows(workspace) if row.where == NAME)
    return row


async def test_it_is_one_element(workspace: Workspace) -> None:
    choose(workspace, 3.0)
    images = await drawn(workspace, plan(workspace))
    choose(workspace, 0.0)
    adopt(workspace, images[0])
    assert workspace.options.distilled_guidance == 3.0
    edit(workspace, row_of(workspace), "2,5")
    assert [str(each) for each in differences(workspace)] == [f"{NAME}: 3 → 2.5"]
    assert plan(workspace).request.intent.distilled == 2.5
    with pytest.raises(GuardError, match="give a number above 0"):
        edit(workspace, row_of(workspace), "much")
    # The parent's first steps were drawn with another one.
    set_amount(workspace, Amount.SOME)
    with pytest.raises(GuardError, match=f"a change of {NAME} leaves no step"):
        plan(workspace)
    put_back(workspace, differences(workspace)[0])
    assert workspace.options.distilled_guidance == 3.0
    sweep = typed(draft_of(workspace, row_of(workspace)), "2, own, 3", "")
    assert [column.intent.distilled for column in sweep.columns()] == [2.0, 0.0]
    assert (NAME, "3") in told(workspace, images[0])
