"""Step 4 with a step cache: one element, to change, put back, sweep; never in mid-drawing."""

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

NAME = "step cache"


def choose(workspace: Workspace, threshold: float) -> None:
    workspace.save_options(msgspec.structs.replace(workspace.options, step_cache=threshold))


async def with_parent(workspace: Workspace, threshold: float) -> None:
    choose(workspace, threshold)
    images = await drawn(workspace, plan(workspace))
    choose(workspace, 0.0)
    adopt(workspace, images[0])
    assert differences(workspace) == ()
    assert workspace.options.step_cache == threshold


def found(workspace: Workspace) -> list[Row]:
    return [row for row in rows(workspace) if row.where == NAME]


def said(workspace: Workspace) -> list[str]:
    return [str(element) for element in differences(workspace)]


async def test_it_is_changed_and_put_back(workspace: Workspace) -> None:
    await with_parent(workspace, 0.1)
    (row,) = found(workspace)
    edit(workspace, row, "0,2")
    assert said(workspace) == ["step cache: 0.1 → 0.2"]
    assert plan(workspace).request.intent.threshold == 0.2
    put_back(workspace, differences(workspace)[0])
    assert workspace.options.step_cache == 0.1
    edit(workspace, row, "off")
    assert said(workspace) == ["step cache: 0.1 → off"]
    assert found(workspace)[0].change is not None
    for text in ("much", "2"):
        with pytest.raises(GuardError, match="give a number above 0"):
            edit(workspace, row, text)
    assert workspace.options.step_cache == 0.0


async def test_it_is_an_element_only_where_it_is_or_was(workspace: Workspace) -> None:
    await with_parent(workspace, 0.0)
    assert found(workspace) == []
    choose(workspace, 0.1)
    assert said(workspace) == ["step cache: off → 0.1"]
    set_amount(workspace, Amount.SOME)
    with pytest.raises(GuardError, match="a change of step cache leaves no step"):
        plan(workspace)


async def test_it_is_swept_and_an_image_tells_it(workspace: Workspace) -> None:
    await with_parent(workspace, 0.1)
    sweep = typed(draft_of(workspace, found(workspace)[0]), "0.05, off, 0.1", "")
    assert sweep.values == ("0.05", "off")
    assert [column.intent.threshold for column in sweep.columns()] == [0.05, 0.0]
    parent = workspace.parent()
    assert parent is not None
    assert (NAME, "0.1") in told(workspace, parent)
