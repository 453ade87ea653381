"""What keepers took: counted until the first of each project, pauses left out."""

import msgspec
import pytest

from tests.workflow.drawing import WORDS, drawn
from tui.store.images import ImageRecord
from tui.workflow.library import save_keeper
from tui.workflow.pace import Taken, lines, pace
from tui.workflow.rounds import plan
from tui.workflow.workspace import Workspace


def keep(workspace: Workspace, image: ImageRecord) -> None:
    save_keeper(
        workspace.store,
        workspace.project,
        image,
        name="Robot",
        purpose="",
        worked="",
        tags=(),
        options="{}",
    )


def set_times(workspace: Workspace, begun: float, *made: float, kept: float) -> None:
    """When the project began, its images were made, and its keepers were kept."""
    project = workspace.project.id
    with workspace.store.database.transaction() as connection:
        connection.execute("UPDATE projects SET created = ? WHERE id = ?", (begun, project))
        connection.execute("UPDATE rounds SET created = ? WHERE project_id = ?", (begun, project))
        for image, at in zip(workspace.images(), made, strict=True):
            connection.execute("UPDATE images SET created = ? WHERE id = ?", (at, image.id))
        connection.execute("UPDATE library SET created = ? WHERE project_id = ?", (kept, project))


async def test_each_project_counts_once_until_its_first_keeper(workspace: Workspace) -> None:
    store = workspace.store
    workspace.save_options(msgspec.structs.replace(workspace.options, count=2))
    images = await drawn(workspace, plan(workspace))
    keep(workspace, images[0])
    set_times(workspace, 1000.0, 1060.0, 9000.0, kept=9030.0)
    workspace.create("The second")
    workspace.save_draft(WORDS)
    workspace.save_options(msgspec.structs.replace(workspace.options, count=1))
    keep(workspace, (await drawn(workspace, plan(workspace)))[0])
    set_times(workspace, 20_000.0, 20_030.0, kept=20_060.0)
    found = pace(store)
    assert [(each.rounds, each.images) for each in found] == [(1, 2), (1, 1)]
    assert [each.minutes for each in found] == pytest.approx([(60 + 300 + 30) / 60, 1.0])


async def test_a_project_without_a_keeper_says_nothing(workspace: Workspace) -> None:
    await drawn(workspace, plan(workspace))
    assert pace(workspace.store) == ()


def test_few_keepers_are_no_line() -> None:
    assert lines(()) == lines((Taken(3, 12, 20.0),)) == ()
    assert lines((Taken(8, 32, 60.0), Taken(4, 16, 15.0))) == (
        "Rounds to a keeper  █▅  8 → 4",
        "Images              █▅  32 → 16",
        "Minutes at work     █▃  60 → 15",
    )
