"""Several changes at once become as many rounds, in an order the person chooses."""

import msgspec
import pytest

from tests.workflow.drawing import drawn
from tui.domain.change import Element
from tui.workflow.iterating import adopt
from tui.workflow.parents import differences
from tui.workflow.rounds import GuardError, plan
from tui.workflow.splitting import give_up, split, take, waiting
from tui.workflow.workspace import Workspace


async def changed(workspace: Workspace) -> tuple[Element, ...]:
    """Four changes from a parent: a phrase, one more, one less, and a setting."""
    images = await drawn(workspace, plan(workspace))
    adopt(workspace, images[1])
    draft = workspace.project.draft
    assert draft.style
    workspace.save_draft(
        msgspec.structs.replace(
            draft, subject="another subject", style="", detail=f"{draft.detail}, warm light"
        )
    )
    options = workspace.options
    workspace.save_options(
        msgspec.structs.replace(options, guidance=2.5, scheduler="EulerDiscreteScheduler")
    )
    found = differences(workspace)
    assert len(found) == 5
    return found


async def test_each_change_has_its_round_and_none_is_lost(workspace: Workspace) -> None:
    found = await changed(workspace)
    chosen = found[2]
    split(workspace, chosen)
    assert differences(workspace) == (chosen,)
    assert waiting(workspace) == tuple(element for element in found if element != chosen)
    seen = {chosen}
    while rest := waiting(workspace):
        split(workspace, differences(workspace)[0])  # nothing else waits twice
        assert waiting(workspace) == rest
        images = await drawn(workspace, plan(workspace))
        adopt(workspace, images[0])
        assert differences(workspace) == ()
        take(workspace, rest[-1])
        (now,) = differences(workspace)
        assert now == rest[-1]
        seen.add(now)
    assert seen == set(found)


async def test_what_it_changed_is_gone(workspace: Workspace) -> None:
    found = await changed(workspace)
    subject = next(element for element in found if element.where == "subject")
    split(workspace, next(element for element in found if element.where == "guidance"))
    with pytest.raises(GuardError, match="no change from the parent"):
        split(workspace, subject)
    workspace.save_draft(msgspec.structs.replace(workspace.project.draft, subject="a third"))
    with pytest.raises(GuardError, match="is not in the subject any more"):
        take(workspace, subject)
    assert subject not in waiting(workspace)
    assert len(waiting(workspace)) == 3
    give_up(workspace)
    assert waiting(workspace) == ()
