"""How much may change: what a plan begins with, and what is refused in words."""

import msgspec
import pytest

from tests.workflow.drawing import WORDS, drawn
from tests.workflow.test_iterating import edited, set_element, with_parent
from tui.domain.branch import UNSET, Amount, Branch
from tui.domain.lineage import Origin
from tui.store.images import ImageRecord
from tui.workflow.branching import amount_words, set_amount
from tui.workflow.iterating import adopt, current_round, next_plan
from tui.workflow.parents import differences
from tui.workflow.rounds import GuardError, more_plan
from tui.workflow.sweep_draft import base_of
from tui.workflow.workspace import Workspace


async def branched(workspace: Workspace) -> list[ImageRecord]:
    """The children of a first round of which half was kept."""
    await with_parent(workspace)
    set_amount(workspace, Amount.SOME)
    set_element(workspace, "style", "flat", "3d render")
    return await drawn(workspace, next_plan(workspace, None))


@pytest.mark.parametrize(
    ("amount", "step"), [(Amount.MOST, 5), (Amount.SOME, 10), (Amount.LITTLE, 15)]
)
async def test_a_child_begins_with_its_parents_words(
    workspace: Workspace, amount: Amount, step: int
) -> None:
    parent = await with_parent(workspace)
    set_amount(workspace, amount)
    set_element(workspace, "style", "flat", "3d render")
    wanted = next_plan(workspace, None)
    intent = wanted.request.intent
    assert intent.branch == Branch(step, WORDS, 4.0)
    assert intent.layers.style == "3d render"
    # One element, whatever the amount; the same seeds, in a batch of the same size.
    assert [str(change) for change in wanted.changes] == ["style: flat → 3d render"]
    assert wanted.request.seeds == (7, 8, 9, 10)
    assert parent.recipe is not None
    assert wanted.request.batch_size == parent.recipe.batch_size
    assert amount_words(workspace) == f"first {step} of 20 steps: parent's"


async def test_by_default_all_may_change(workspace: Workspace) -> None:
    await with_parent(workspace)
    set_element(workspace, "style", "flat", "3d render")
    request = next_plan(workspace, None).request
    assert (request.intent.branch, request.batch_size) == (UNSET, 0)
    assert amount_words(workspace) == "drawn in full"


@pytest.mark.parametrize(
    ("where", "before", "after"),
    [
        ("steps", "20", "30"),
        ("scheduler", "", "euler"),
        ("size", "128 × 128", "64 x 64"),
        ("seed", "7", "99"),
        ("model", "starter", "/models/sdxl"),
    ],
)
async def test_what_decides_about_every_step_is_refused(
    workspace: Workspace, where: str, before: str, after: str
) -> None:
    await with_parent(workspace)
    set_amount(workspace, Amount.LITTLE)
    row = {"seed": str(workspace.options.seed)}.get(where, before)
    set_element(workspace, where, row, after)
    for rewrite in (False, True):
        with pytest.raises(GuardError, match=f"a change of {where} leaves no step"):
            next_plan(workspace, None, rewrite=rewrite)
    assert amount_words(workspace) == f"not with a change of {where}"
    set_amount(workspace, Amount.ALL)
    assert next_plan(workspace, None).request.intent.branch is UNSET


async def test_guidance_may_change_in_the_middle(workspace: Workspace) -> None:
    await with_parent(workspace)
    set_amount(workspace, Amount.SOME)
    set_element(workspace, "guidance", "4", "7")
    intent = next_plan(workspace, None).request.intent
    assert (intent.guidance, intent.branch) == (7.0, Branch(10, WORDS, 4.0))


async def test_a_branch_is_a_parent_too(workspace: Workspace) -> None:
    children = await branched(workspace)
    adopt(workspace, children[0])
    assert differences(workspace) == ()
    assert workspace.options.amount is Amount.SOME
    set_element(workspace, "detail", "orange", "blue")
    first = Branch(10, WORDS, 4.0)
    # Half of the steps were its own parent's; the third quarter is its own.
    assert next_plan(workspace, None).request.intent.branch == first
    set_amount(workspace, Amount.LITTLE)
    child = msgspec.structs.replace(WORDS, style="3d render")
    assert next_plan(workspace, None).request.intent.branch == Branch(15, child, 4.0, first)
    assert amount_words(workspace).startswith("first 15 of 20")
    for amount, branch in ((Amount.MOST, Branch(5, WORDS, 4.0)), (Amount.ALL, UNSET)):
        set_amount(workspace, amount)
        assert next_plan(workspace, None).request.intent.branch == branch
        assert amount_words(workspace) == "the parent itself kept 10 of 20"


async def test_another_amount_is_another_wish(workspace: Workspace) -> None:
    await branched(workspace)
    round_ = current_round(workspace)
    with pytest.raises(GuardError, match="drawn already"):
        next_plan(workspace, round_)
    set_amount(workspace, Amount.LITTLE)
    wanted = next_plan(workspace, round_)
    assert wanted.request.intent.branch == Branch(15, WORDS, 4.0)
    assert [str(change) for change in wanted.changes] == ["style: flat → 3d render"]


async def test_more_of_a_branch_begins_with_the_same_words(workspace: Workspace) -> None:
    await branched(workspace)
    wanted = more_plan(workspace, workspace.position.job_id).request
    assert wanted.seeds == (11, 12, 13, 14)
    assert wanted.intent.branch == Branch(10, WORDS, 4.0)


@pytest.mark.parametrize("origin", [Origin.EDITED, Origin.IMPORTED])
async def test_a_picture_that_no_steps_made_has_none_to_keep(
    workspace: Workspace, origin: Origin
) -> None:
    children = await branched(workspace)
    adopt(workspace, edited(workspace, children[0], origin))
    set_element(workspace, "subject", "a robot", "a cat")
    wanted = next_plan(workspace, None)
    assert wanted.request.intent.branch is UNSET
    assert amount_words(workspace) == "here the strength says how much"
    parent = workspace.parent()
    assert parent is not None
    assert base_of(workspace, parent).checked().branch is UNSET
    # Nor has what is drawn over it.
    (child, *_) = await drawn(workspace, wanted)
    adopt(workspace, child)
    set_element(workspace, "style", "3d render", "flat")
    assert next_plan(workspace, None).request.intent.branch is UNSET


async def test_two_steps_are_too_few_to_keep_a_quarter(workspace: Workspace) -> None:
    workspace.save_options(msgspec.structs.replace(workspace.options, steps=2))
    await with_parent(workspace)
    set_amount(workspace, Amount.MOST)
    set_element(workspace, "style", "flat", "3d render")
    assert next_plan(workspace, None).request.intent.branch is UNSET
    assert amount_words(workspace) == "2 steps are too few to keep any"
