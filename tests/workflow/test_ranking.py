"""A tournament over a batch: it outlives what happens to the batch, and says how it stands."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from tests.workflow.drawing import drawn
from tui.domain.brief import Brief
from tui.domain.tournament import Closer
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.workflow.batches_view import BatchView, batch_of, slot_line
from tui.workflow.marking import Marking
from tui.workflow.ranking import (
    answer,
    question,
    question_line,
    ranking_line,
    standing_of,
    take_back,
    what_now,
)
from tui.workflow.rounds import more_plan, plan
from tui.workflow.workspace import Workspace


def batch_in(workspace: Workspace) -> BatchView:
    batch = batch_of(workspace, workspace.position.job_id)
    assert batch is not None
    return batch


def play(workspace: Workspace, closest_first: Sequence[ImageRecord], most: int = 99) -> int:
    """Answer as somebody who holds them in this order; returns how many answers it took."""
    ids, given = [image.id for image in closest_first], 0
    while given < most and (pair := standing_of(workspace, batch_in(workspace).said).pair):
        left, right = map(ids.index, pair)
        answer(workspace, pair, Closer.LEFT if left < right else Closer.RIGHT)
        given += 1
    return given


def places(workspace: Workspace) -> list[str]:
    return [slot.place for slot in batch_in(workspace).slots]


async def test_places_are_shown_once_all_are_ranked(workspace: Workspace) -> None:
    a, b, c, d = await drawn(workspace, plan(workspace))
    assert places(workspace) == [""] * 4
    play(workspace, [c, a, d, b], most=2)
    assert places(workspace) == [""] * 4
    play(workspace, [c, a, d, b])
    assert places(workspace) == ["2nd", "4th", "1st", "3rd"]
    Marking(workspace).word(c, "flaws", "text")
    slot = batch_in(workspace).slots[2]
    assert slot_line(slot, 3) == "3 · seed 9 · 1st · − text"


async def test_a_rejected_picture_leaves_and_comes_back_without_a_question(
    workspace: Workspace,
) -> None:
    a, b, c, d = await drawn(workspace, plan(workspace))
    play(workspace, [c, a, d, b])
    marking = Marking(workspace)
    marking.reject(a)
    assert places(workspace) == ["", "3rd", "1st", "2nd"]
    marking.reject(a)
    assert places(workspace) == ["2nd", "4th", "1st", "3rd"]
    for image in (b, c, d):
        marking.reject(image)
    assert places(workspace) == [""] * 4


async def test_the_rest_of_a_batch_takes_part_when_it_is_drawn(workspace: Workspace) -> None:
    a, b = await drawn(workspace, plan(workspace), most=2, state=JobState.CANCELLED)
    assert play(workspace, [b, a]) == 1
    assert places(workspace) == ["2nd", "1st", "", ""]
    rest = more_plan(workspace, workspace.position.job_id)
    # The engine would find the first two; here they are in another job, and come last.
    request = msgspec.structs.replace(rest.request, seeds=(9, 10, 7, 8))
    c, d = await drawn(workspace, replace(rest, request=request), most=2)
    assert standing_of(workspace, batch_in(workspace).said).asked == 1
    assert play(workspace, [b, d, a, c]) <= 4
    assert places(workspace) == ["4th", "2nd", "3rd", "1st"]


async def test_answers_are_taken_back_one_by_one(workspace: Workspace) -> None:
    images = await drawn(workspace, plan(workspace))
    given = play(workspace, images)
    said = batch_in(workspace).said
    asked = []
    while (taken := take_back(workspace, said)) is not None:
        asked.append((taken.left, taken.right))
        assert standing_of(workspace, said).pair == asked[-1]
    assert len(asked) == given


async def test_as_good_as_each_other(workspace: Workspace) -> None:
    await drawn(workspace, plan(workspace))
    said = batch_in(workspace).said
    while (pair := standing_of(workspace, said).pair) is not None:
        answer(workspace, pair, Closer.SAME)
    assert places(workspace) == ["=1st", "=1st", "=1st", "=1st"]
    found = standing_of(workspace, said)
    numbers = {one: number for number, one in enumerate(said, 1)}
    assert ranking_line(found, numbers) == "The closest first: 1 = 2 = 3 = 4"
    assert "4 are equally close" in what_now(found)


async def test_two_batches_are_ranked_each_for_itself(workspace: Workspace) -> None:
    first = await drawn(workspace, plan(workspace))
    play(workspace, first)
    await drawn(workspace, more_plan(workspace, workspace.position.job_id))
    assert standing_of(workspace, batch_in(workspace).said).asked == 0
    assert take_back(workspace, batch_in(workspace).said) is None


async def test_places_read_as_they_are_spoken(workspace: Workspace) -> None:
    workspace.save_options(msgspec.structs.replace(workspace.options, count=23))
    play(workspace, await drawn(workspace, plan(workspace)))
    found = places(workspace)
    assert found[:4] == ["1st", "2nd", "3rd", "4th"]
    assert found[10:13] == ["11th", "12th", "13th"]
    assert found[20:] == ["21st", "22nd", "23rd"]


def test_the_question_names_the_purpose_harmlessly() -> None:
    words = question(Brief(purpose="jobs\x1b]2;owned\x07 page [b]"))
    assert words.startswith("Which is closer to “jobs ]2;owned page [b]”? h left")
    assert question(Brief()).startswith("Which is closer to what the brief asks? h left")


async def test_the_number_of_the_question_is_in_the_line(workspace: Workspace) -> None:
    images = await drawn(workspace, plan(workspace))
    play(workspace, images, most=1)
    found = standing_of(workspace, batch_in(workspace).said)
    assert question_line(found) == "Question 2 of at most 5: which is closer?"
