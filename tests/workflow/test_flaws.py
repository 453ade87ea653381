"""Flaws of earlier pictures, from the marks of all projects."""

import msgspec

from tests.workflow.drawing import drawn
from tui.domain.brief import Brief, Kind
from tui.domain.candidate import Marks
from tui.domain.prompt import Layers
from tui.workflow.flaws import flaws_to_expect, judged_pictures
from tui.workflow.rounds import plan
from tui.workflow.workspace import Workspace


async def draw(workspace: Workspace, words: Layers, wrong: int, count: int = 4) -> None:
    workspace.save_draft(words)
    workspace.save_options(msgspec.structs.replace(workspace.options, count=count))
    for image in (await drawn(workspace, plan(workspace)))[:wrong]:
        workspace.mark(image, Marks(flaws=("hands",), comment="six fingers"))


async def test_batches_that_were_looked_through_count_in_every_project(
    workspace: Workspace,
) -> None:
    robot = Layers(subject="a robot", style="oil painting", negatives="text")
    workspace.save_brief(Brief(kind=Kind.COMPLEX))
    await draw(workspace, robot, wrong=3)
    workspace.create("Another")
    await draw(workspace, msgspec.structs.replace(robot, subject="A robot"), wrong=2)
    await draw(workspace, Layers(subject="a robot", style="flat"), wrong=0)

    judged = judged_pictures(workspace.store)
    assert len(judged) == 8, "nobody looked at the last batch"
    assert {picture.kind for picture in judged} == {Kind.COMPLEX, Brief().kind}
    (memory,) = flaws_to_expect(workspace, judged, robot)
    assert str(memory) == "hands went wrong in 5 of 8 with “a robot”"
    assert flaws_to_expect(workspace, judged, Layers(subject="an owl")) != (), (
        "it is the same model"
    )
    workspace.save_options(msgspec.structs.replace(workspace.options, model="another"))
    assert flaws_to_expect(workspace, judged, Layers(subject="an owl")) == ()


async def test_what_cannot_be_read_is_left_out(workspace: Workspace) -> None:
    await draw(workspace, Layers(subject="a robot"), wrong=2)
    with workspace.store.database.transaction() as connection:
        connection.execute("UPDATE marks SET marks = '{' WHERE rowid = 1")
        connection.execute("UPDATE images SET recipe = '[]' WHERE rowid = 4")
    assert len(judged_pictures(workspace.store)) == 2
