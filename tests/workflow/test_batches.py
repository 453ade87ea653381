"""A batch in words, its grid, its marks, and more of it."""

import msgspec
import pytest

from tests.workflow.drawing import drawn, sent
from tui.domain.candidate import Closeness, Marks
from tui.store.jobs import JobState
from tui.store.rounds import RoundKind
from tui.workflow.batches_view import (
    advice,
    batch_ids,
    batch_of,
    neighbour,
    recurring_line,
    slot_title,
    slot_words,
    state_line,
)
from tui.workflow.grid import FRAME, grid_for, pages
from tui.workflow.marking import Marking, words_to_choose
from tui.workflow.rounds import GuardError, more_plan, plan
from tui.workflow.workspace import Workspace


@pytest.mark.parametrize(
    ("count", "columns", "rows", "shape"),
    [
        (4, 80, 18, (4, 1)),
        (4, 160, 40, (4, 1)),
        (4, 60, 30, (2, 2)),
        (9, 160, 60, (3, 3)),
        (1, 80, 18, (1, 1)),
    ],
)
def test_the_grid_has_the_largest_pictures(
    count: int, columns: int, rows: int, shape: tuple[int, int]
) -> None:
    grid = grid_for(count, columns, rows)
    assert (grid.columns, grid.rows) == shape


@pytest.mark.parametrize("size", [(80, 18), (160, 42), (40, 5), (1, 1), (200, 60), (30, 70)])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 9, 16, 64])
@pytest.mark.parametrize("aspect", [1.0, 0.5, 2.0])
def test_cells_fit_into_the_terminal_and_keep_proportions(
    size: tuple[int, int], count: int, aspect: float
) -> None:
    grid = grid_for(count, *size, aspect)
    assert grid.columns * grid.width <= max(size[0], FRAME + 1)
    assert grid.rows * grid.height <= max(size[1], FRAME + 1)
    assert pages(count, grid.per_page) * grid.per_page >= count
    if min(size) > 16:
        width, height = grid.width - FRAME, grid.height - FRAME
        assert width / height / 2 == pytest.approx(aspect, rel=0.25)


async def test_a_batch_is_known_before_and_after_it_is_drawn(workspace: Workspace) -> None:
    assert batch_of(workspace, None) is None
    assert "g" in advice(None)
    job = await sent(workspace, plan(workspace))
    batch = batch_of(workspace, job)
    assert batch is not None
    assert [slot.seed for slot in batch.slots] == [7, 8, 9, 10]
    assert batch.made == 0
    assert state_line(batch) == "waiting for its turn · 0 of 4 made"
    images = await drawn(workspace, plan(workspace))
    found = batch_of(workspace, workspace.position.job_id)
    assert found is not None
    assert [slot.image for slot in found.slots] == images
    assert state_line(found) == ""


async def test_images_that_exist_already_are_found_for_a_later_batch(workspace: Workspace) -> None:
    images = await drawn(workspace, plan(workspace))
    job = workspace.store.jobs.get(images[0].job_id or "")
    again = workspace.store.jobs.add(workspace.project.id, job.request)
    batch = batch_of(workspace, again.id)
    assert batch is not None
    assert [slot.image for slot in batch.slots] == images


async def test_only_one_is_the_closest_and_undo_takes_marks_back(workspace: Workspace) -> None:
    first, second, *_ = await drawn(workspace, plan(workspace))
    marking = Marking(workspace)

    def batch() -> object:
        found = batch_of(workspace, first.job_id)
        assert found is not None
        return found.closest

    found = batch_of(workspace, first.job_id)
    assert found is not None
    assert marking.closest(found, first)
    found = batch_of(workspace, first.job_id)
    assert found is not None
    assert marking.closest(found, second)
    assert batch() == second
    assert workspace.marks(first).closeness is Closeness.KEPT
    assert workspace.position.image_id == second.id
    assert marking.undo()
    assert batch() == first
    assert workspace.position.image_id == first.id
    marking.reject(first)
    assert batch() is None
    assert workspace.position.image_id is None
    assert marking.undo()
    assert marking.undo()
    assert batch() is None
    assert not marking.undo()


async def test_words_recur_and_lead_to_advice(workspace: Workspace) -> None:
    images = await drawn(workspace, plan(workspace))
    marking = Marking(workspace)
    for image in images[:2]:
        marking.word(image, "flaws", "Text")
        marking.word(image, "merits", "colour")
    marking.word(images[2], "flaws", "melted\x1b[31m corner")
    marking.comment(images[2], "  nearly  there ")
    batch = batch_of(workspace, images[0].job_id)
    assert batch is not None
    assert recurring_line(batch) == "Recurring: text in 2 of 4 · Works: colour"
    assert "negatives" in advice(batch)
    rows = words_to_choose(workspace, "flaws", Marks(flaws=("text",)))
    assert rows[0] == ("text", "✓ text")
    assert "melted [31m corner" in [word for word, _ in rows]
    assert slot_words(batch.slots[2]) == "− melted [31m corner · “nearly there”"
    assert slot_title(batch.slots[2], 3) == "3"


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (JobState.FAILED, "Failed: no room. g tries again."),
        (JobState.CANCELLED, "Cancelled with 0 of 4 made. g makes the rest."),
        (JobState.SET_ASIDE, "No room. o changes the options, g tries again."),
    ],
)
async def test_a_broken_off_batch_is_asked_for_again_with_its_own_seeds(
    workspace: Workspace, state: JobState, says: str
) -> None:
    job = await sent(workspace, plan(workspace))
    workspace.store.jobs.set_state(job, state, error="no room")
    batch = batch_of(workspace, job)
    assert batch is not None
    assert state_line(batch) == says
    again = more_plan(workspace, job)
    assert again.request.seeds == (7, 8, 9, 10)
    assert again.kind is RoundKind.FIRST


async def test_more_of_the_same_goes_on_with_the_next_seeds(workspace: Workspace) -> None:
    first = await drawn(workspace, plan(workspace))
    more = more_plan(workspace, first[0].job_id)
    assert more.kind is RoundKind.MORE
    assert more.request.seeds == (11, 12, 13, 14)
    second = await drawn(workspace, more)
    assert more_plan(workspace, first[0].job_id).request.seeds[0] == 15
    assert plan(workspace).request.seeds == (15, 16, 17, 18)
    ids = batch_ids(workspace)
    assert ids == (first[0].job_id, second[0].job_id)
    assert neighbour(ids, ids[1], -1) == ids[0]
    assert neighbour(ids, ids[1], 1) is None
    assert neighbour((), None, -1) is None


async def test_other_words_without_a_parent_are_a_rewrite_with_the_same_seeds(
    workspace: Workspace,
) -> None:
    await drawn(workspace, plan(workspace))
    workspace.save_draft(msgspec.structs.replace(workspace.project.draft, style="oil", detail=""))
    wanted = plan(workspace)
    assert wanted.kind is RoundKind.REWRITE
    assert wanted.request.seeds == (7, 8, 9, 10)
    assert {element.where for element in wanted.changes} == {"style", "detail"}


def test_more_of_nothing_is_refused_in_words(workspace: Workspace) -> None:
    with pytest.raises(GuardError, match="no batch yet"):
        more_plan(workspace, None)
