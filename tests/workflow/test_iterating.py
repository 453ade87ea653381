"""One change means one change; parents, twins, verdicts, and pictures that are drawn over."""

import msgspec
import pytest

from tests.workflow.drawing import WORDS, drawn
from tui.domain.lineage import Origin
from tui.store import inputs
from tui.store.files import write_durably
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.store.rounds import Round, RoundKind, Verdict
from tui.workflow.elements import Row, edit, put_back, rows
from tui.workflow.iterating import (
    adopt,
    advice,
    current_round,
    ensure_parent,
    expect,
    expectation,
    judge,
    log_line,
    next_plan,
    pending,
    twins,
    verdict_line,
    word_diff,
)
from tui.workflow.parents import differences, drawn_size
from tui.workflow.round_log import log_lines, open_round
from tui.workflow.rounds import GuardError, plan
from tui.workflow.workspace import Workspace


async def with_parent(workspace: Workspace) -> ImageRecord:
    images = await drawn(workspace, plan(workspace))
    adopt(workspace, images[1])
    return images[1]


def row_of(workspace: Workspace, where: str, text: str) -> Row:
    return next(row for row in rows(workspace) if row.where == where and row.text == text)


def set_element(workspace: Workspace, where: str, before: str, after: str) -> None:
    edit(workspace, row_of(workspace, where, before), after)


async def one_round(workspace: Workspace) -> tuple[ImageRecord, Round, list[ImageRecord]]:
    parent = await with_parent(workspace)
    set_element(workspace, "style", "flat", "3d render")
    children = await drawn(workspace, next_plan(workspace, None))
    round_ = current_round(workspace)
    assert round_ is not None
    return parent, round_, children


async def test_a_parent_brings_its_words_and_nothing_differs(workspace: Workspace) -> None:
    images = await drawn(workspace, plan(workspace))
    workspace.save_draft(msgspec.structs.replace(WORDS, subject="something else"))
    workspace.choose(images[2].id)
    assert ensure_parent(workspace)
    assert workspace.project.draft == WORDS
    assert workspace.parent() == images[2]
    assert differences(workspace) == ()
    assert workspace.store.layer_history.list("subject")[0] == "something else"
    with pytest.raises(GuardError, match="nothing differs"):
        plan(workspace)


def test_there_is_no_parent_without_a_chosen_picture(workspace: Workspace) -> None:
    assert not ensure_parent(workspace)
    assert twins(workspace, None) == ()
    assert "closest" in advice(workspace, None, drawing=False)


async def test_every_element_can_be_the_one_change_and_be_put_back(workspace: Workspace) -> None:
    await with_parent(workspace)
    texts = {"steps": "8", "guidance": "5,5", "scheduler": "euler", "size": "64x128", "seed": "99"}
    for row in rows(workspace):
        if row.where == "model":
            continue
        edit(workspace, row, texts.get(row.where, "something new"))
        found = differences(workspace)
        assert [element.where for element in found] == [row.where]
        assert [r.change for r in rows(workspace) if r.change] == list(found)
        assert plan(workspace).kind is RoundKind.CHANGE
        put_back(workspace, found[0])
        assert differences(workspace) == ()
        assert workspace.project.draft == WORDS


async def test_a_phrase_is_taken_away_by_an_empty_text(workspace: Workspace) -> None:
    await with_parent(workspace)
    set_element(workspace, "detail", "warm light", "")
    (found,) = differences(workspace)
    assert str(found) == "detail: removed “warm light”"
    put_back(workspace, found)
    assert workspace.project.draft.detail == "warm light, orange"


@pytest.mark.parametrize(
    ("where", "text"),
    [("steps", "many"), ("guidance", "nan"), ("size", "12"), ("seed", "-1"), ("scheduler", "?!")],
)
async def test_a_setting_that_is_none_is_refused_and_nothing_lost(
    workspace: Workspace, where: str, text: str
) -> None:
    await with_parent(workspace)
    row = next(row for row in rows(workspace) if row.where == where)
    with pytest.raises(GuardError):
        edit(workspace, row, text)
    assert differences(workspace) == ()


async def test_a_second_difference_is_refused_by_name_and_u_or_a_rewrite_lead_out(
    workspace: Workspace,
) -> None:
    await with_parent(workspace)
    set_element(workspace, "style", "flat", "oil")
    set_element(workspace, "detail", "orange", "blue")
    with pytest.raises(GuardError, match=r"style: flat → oil; detail: orange → blue"):
        next_plan(workspace, None)
    assert "G" in advice(workspace, None, drawing=False)
    assert next_plan(workspace, None, rewrite=True).kind is RoundKind.REWRITE
    put_back(workspace, differences(workspace)[0])
    wanted = next_plan(workspace, None)
    assert [str(change) for change in wanted.changes] == ["detail: orange → blue"]


async def test_two_changes_in_one_layer_are_put_back_one_at_a_time(workspace: Workspace) -> None:
    await with_parent(workspace)
    set_element(workspace, "detail", "warm light", "cold light")
    set_element(workspace, "detail", "orange", "blue")
    first, second = differences(workspace)
    put_back(workspace, first)
    assert differences(workspace) == (second,)
    assert workspace.project.draft.detail == "warm light, blue"


async def test_children_are_twins_of_the_parents_batch(workspace: Workspace) -> None:
    parent, round_, children = await one_round(workspace)
    pairs = twins(workspace, round_)
    assert [pair.seed for pair in pairs] == [7, 8, 9, 10]
    assert all(pair.is_twin and pair.parent.seed == pair.seed for pair in pairs)
    assert [pair.child for pair in pairs] == children
    assert pairs[1].parent == parent
    assert all(child.parent_id == parent.id for child in children)
    assert pending(workspace, round_) == ()
    with pytest.raises(GuardError, match="drawn already"):
        next_plan(workspace, round_)


async def test_a_better_child_becomes_the_parent_and_keeps_the_change(workspace: Workspace) -> None:
    _, round_, children = await one_round(workspace)
    assert not judge(workspace, round_, Verdict.BETTER)
    assert workspace.project.draft.style == "3d render"
    adopt(workspace, children[0])
    assert workspace.position.parent_id == workspace.position.image_id == children[0].id
    assert current_round(workspace) is None
    assert differences(workspace) == ()


@pytest.mark.parametrize("verdict", [Verdict.SAME, Verdict.WORSE])
async def test_otherwise_the_change_is_put_back(workspace: Workspace, verdict: Verdict) -> None:
    parent, round_, _ = await one_round(workspace)
    assert judge(workspace, round_, verdict)
    assert workspace.project.draft == WORDS
    assert workspace.parent() == parent
    round_ = workspace.store.rounds.get(round_.id)
    assert f"{verdict}]" in verdict_line(round_, has_child=True)
    assert "put back" in advice(workspace, round_, drawing=False)


async def test_a_verdict_leaves_a_change_that_was_made_since(workspace: Workspace) -> None:
    _, round_, _ = await one_round(workspace)
    set_element(workspace, "subject", "a robot", "a cat")
    assert not judge(workspace, round_, Verdict.WORSE)
    assert workspace.project.draft.subject == "a cat"


async def test_the_expectation_goes_along_with_the_round(workspace: Workspace) -> None:
    await with_parent(workspace)
    set_element(workspace, "style", "flat", "oil")
    expect(workspace, None, "more depth")
    assert expectation(workspace, None) == "more depth"
    await drawn(workspace, next_plan(workspace, None))
    round_ = current_round(workspace)
    assert round_ is not None
    assert round_.expectation == expectation(workspace, round_) == "more depth"
    assert workspace.options.expectation == ""
    workspace.store.rounds.update(round_.id, learned="depth came")
    assert judge(workspace, round_, Verdict.SAME)
    _, line = log_lines(workspace)[-1]
    assert line == "2 style: flat → oil · effect 0.00 · same · “depth came”"


async def test_a_broken_off_batch_is_drawn_again(workspace: Workspace) -> None:
    await with_parent(workspace)
    set_element(workspace, "style", "flat", "oil")
    await drawn(workspace, next_plan(workspace, None), most=1, state=JobState.CANCELLED)
    round_ = current_round(workspace)
    again = next_plan(workspace, round_)
    assert again.request.seeds == (7, 8, 9, 10)
    assert again.kind is RoundKind.CHANGE
    assert [str(change) for change in again.changes] == ["style: flat → oil"]


async def test_an_earlier_round_can_be_gone_back_to(workspace: Workspace) -> None:
    parent, round_, children = await one_round(workspace)
    judge(workspace, round_, Verdict.BETTER)
    adopt(workspace, children[0])
    assert open_round(workspace, round_.id)
    assert workspace.parent() == parent
    assert current_round(workspace) is not None
    first = workspace.store.rounds.list(workspace.project.id)[0]
    assert not open_round(workspace, first.id)
    assert workspace.position.job_id == first.job_id


def edited(workspace: Workspace, parent: ImageRecord, origin: Origin) -> ImageRecord:
    """A picture that came out of an edit: no recipe of its own."""
    record = msgspec.structs.replace(
        parent,
        id=f"{origin}-1",
        job_id=None,
        parent_id=parent.id,
        origin=origin,
        path=parent.path.replace(".png", f"-{origin}.png"),
        recipe_json="",
        recipe_hash="",
        intent_key="",
        seed=None,
    )
    write_durably(workspace.file(record), workspace.file(parent).read_bytes())
    workspace.store.images.add(record)
    return record


@pytest.mark.parametrize("origin", [Origin.EDITED, Origin.INPAINTED])
async def test_an_edited_picture_is_drawn_over_with_its_ancestors_words(
    workspace: Workspace, origin: Origin
) -> None:
    image = edited(workspace, await with_parent(workspace), origin)
    adopt(workspace, image)
    assert "image to image" in advice(workspace, None, drawing=False)
    assert differences(workspace) == ()
    wanted = next_plan(workspace, None)
    intent = wanted.request.intent
    assert (intent.init_image, intent.strength, intent.mask) == (image.pixels, 0.6, None)
    assert [element.where for element in wanted.changes] == ["init image"]
    assert inputs.get(workspace.store.home, image.pixels).is_file()
    set_element(workspace, "style", "flat", "oil")
    wanted = next_plan(workspace, None)
    assert [str(change) for change in wanted.changes] == ["style: flat → oil"]
    children = await drawn(workspace, wanted)
    pairs = twins(workspace, current_round(workspace))
    assert all(pair.parent == image and not pair.is_twin for pair in pairs)
    # From a child of it the picture is kept, and one change is one change again.
    adopt(workspace, children[0])
    assert differences(workspace) == ()
    set_element(workspace, "strength", "0.6", "0.3")
    (found,) = differences(workspace)
    assert str(found) == "strength: 0.6 → 0.3"
    assert plan(workspace).request.intent.init_image == image.pixels
    set_element(workspace, "subject", "a robot", "a cat")
    with pytest.raises(GuardError):
        plan(workspace)


async def test_a_picture_that_nobody_drew_here_can_be_a_parent(workspace: Workspace) -> None:
    image = edited(workspace, await with_parent(workspace), Origin.IMPORTED)
    workspace.store.images.add(
        msgspec.structs.replace(image, id="alone", parent_id=None, path=image.path)
    )
    workspace.store.positions.update(workspace.project.id, parent_id="alone")
    assert differences(workspace) == ()
    assert next_plan(workspace, None).request.intent.init_image == image.pixels


def test_a_drawn_size_keeps_the_proportions() -> None:
    image = msgspec.structs.replace(_IMAGE, width=1200, height=630)
    assert drawn_size(image, 128) == (128, 64)
    assert drawn_size(msgspec.structs.replace(_IMAGE, width=1, height=5000), 128) == (8, 128)


_IMAGE = ImageRecord(
    id="i",
    project_id="p",
    origin=Origin.IMPORTED,
    path="p",
    sha256="",
    pixels="",
    width=1,
    height=1,
    created=0,
)


def test_words_that_differ_are_found() -> None:
    assert word_diff("flat warm light", "flat cold light") == [
        (" ", "flat"),
        ("-", "warm"),
        ("+", "cold"),
        (" ", "light"),
    ]


async def test_a_round_without_a_change_is_called_by_its_kind(workspace: Workspace) -> None:
    await drawn(workspace, plan(workspace))
    (first,) = workspace.store.rounds.list(workspace.project.id)
    assert log_line(1, first) == "1 first"
