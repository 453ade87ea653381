"""The tree in lines, whatever the images and rounds are; and how two recipes differ."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.drawing import drawn
from tests.workflow.test_iterating import edited, one_round, set_element
from tui.domain.brief import Brief
from tui.domain.candidate import Closeness
from tui.domain.change import Element
from tui.domain.lineage import Origin
from tui.domain.round import Round, RoundKind, Verdict
from tui.store.leaves import Leaf
from tui.workflow.iterating import adopt, judge, next_plan
from tui.workflow.lineage_tree import Tree, build, tree_of
from tui.workflow.lineage_words import compared, told
from tui.workflow.marking import Marking
from tui.workflow.prompt_coach import tried_since_none_close
from tui.workflow.round_log import log_lines, measured
from tui.workflow.rounds import plan
from tui.workflow.saving import KeeperDraft, keep
from tui.workflow.workspace import Workspace


def leaf(id_: str, job: str | None, parent: str | None, created: float = 0.0) -> Leaf:
    return Leaf(id_, job, parent, Origin.EDITED, None, Closeness.UNSEEN, False, created)


def round_of(job: str, parent: str | None, created: float) -> Round:
    kind, change = RoundKind.CHANGE, (Element("style", "a", "b"),)
    return Round(f"r{job}", "p", job, parent, kind, change, "", Verdict.OPEN, "", created)


def said(tree: Tree, folded: set[str] | None = None) -> list[str]:
    hidden = folded or set()
    return [
        tree.words(line, folded=line.group.id in hidden, here=None, marked=None)
        for line in tree.lines(hidden)
    ]


@given(
    st.lists(
        st.tuples(st.integers(-1, 30), st.sampled_from(["j0", "j1", "j2", "gone", ""])),
        max_size=30,
    )
)
def test_every_image_has_one_line_even_in_a_circle(made: list[tuple[int, str]]) -> None:
    images = [
        leaf(f"i{n}", job or None, None if parent < 0 else f"i{parent}", n)
        for n, (parent, job) in enumerate(made)
    ]
    rounds = [round_of("j0", None, 0), round_of("j1", "i0", 1), round_of("j2", "i3", 2)]
    tree = build(images, rounds, chosen="i1")
    ids = [line.image.id for line in tree.lines() if line.image is not None]
    assert sorted(ids) == sorted(image.id for image in images)
    assert len(set(tree.names.values())) == len(images)
    groups = [group.id for group, _ in tree.groups]
    assert len(set(groups)) == len(groups)
    assert len(said(tree)) == len(tree.lines())


def test_a_story_without_branches_is_a_plain_list_and_branches_stand_in() -> None:
    images = [leaf(f"i{n}", f"j{n}", f"i{n - 1}" if n else None, n) for n in range(3_000)]
    images.append(leaf("side", "side", "i5", 9_000))
    rounds = [round_of(f"j{n}", f"i{n - 1}" if n else None, n) for n in range(3_000)]
    rounds.append(round_of("side", "i5", 9_000))
    tree = build(images, rounds, chosen="i2999")
    depths = {group.id: depth for group, depth in tree.groups}
    assert depths.pop("side") == 1
    assert set(depths.values()) == {0}
    assert [group.id for group, _ in tree.groups][5:8] == ["j5", "side", "j6"]
    assert tree.first_folds() == {"side"}
    assert len(tree.path) == 3_000


async def test_the_way_to_the_keeper_is_shown_by_a_sign(workspace: Workspace) -> None:
    parent, round_, children = await one_round(workspace)
    judge(workspace, round_, Verdict.BETTER)
    marking = Marking(workspace)
    marking.reject(children[0])
    adopt(workspace, children[1])
    image = edited(workspace, children[1], Origin.EDITED)
    assert tree_of(workspace).goal == "chosen image"
    workspace.save_brief(Brief(purpose="Robot"))
    keep(workspace, image, KeeperDraft("Robot"))
    tree = tree_of(workspace)
    assert tree.goal == "keeper"
    assert tree.path == {parent.id, children[1].id, image.id}
    assert said(tree) == [
        "┃▾ 1 first",
        "     1.1  seed 7",
        "┃    1.2  seed 8",
        "     1.3  seed 9",
        "     1.4  seed 10",
        "┃▾ 2 + style: flat → 3d render · from 1.2",
        "     2.1  seed 7  ✗ rejected",
        "┃    2.2  seed 8",
        "     2.3  seed 9",
        "     2.4  seed 10",
        "┃e1  edited · from 2.2  keeper",
    ]
    folded = said(tree, {group.id for group, _ in tree.groups})
    assert folded[1] == "┃▸ 2 + style: flat → 3d render · from 1.2 · 4 images"
    assert len(folded) == 3


async def test_two_recipes_differ_in_words(workspace: Workspace) -> None:
    parent, _, children = await one_round(workspace)
    assert compared(workspace, parent, parent) == ("nothing: both have the same recipe",)
    found = compared(workspace, parent, children[2])
    assert found[:2] == ("style: flat → 3d render", "seed: 8 → 9")
    assert not any("prompt" in phrase for phrase in found)
    image = edited(workspace, children[2], Origin.EDITED)
    assert "the right one was edited since it was drawn" in compared(workspace, parent, image)
    assert ("drawn from", "a robot, 3d render, on the right, warm light, orange") in told(
        workspace, image
    )
    alone = msgspec.structs.replace(image, id="alone", parent_id=None, origin=Origin.IMPORTED)
    workspace.store.images.add(alone)
    assert "imported" in compared(workspace, parent, alone)[0]


async def test_an_effect_is_measured_once_and_kept(workspace: Workspace) -> None:
    _, round_, children = await one_round(workspace)
    amount = measured(workspace, round_)
    assert amount is not None
    for image in children:
        workspace.file(image).unlink()
    kept = workspace.store.rounds.get(round_.id)
    assert (kept.amount, measured(workspace, kept)) == (amount, amount)
    assert "effect" in log_lines(workspace)[-1][1]
    judge(workspace, kept, Verdict.WORSE)
    (lesson,) = workspace.store.lessons.search("3d render")
    assert (lesson.amount, lesson.model, lesson.verdict) == (amount, "starter", Verdict.WORSE)


async def test_what_was_tried_since_nothing_was_close(workspace: Workspace) -> None:
    assert tried_since_none_close(workspace) is None
    images = await drawn(workspace, plan(workspace))
    assert tried_since_none_close(workspace) == ()
    draft = workspace.project.draft
    workspace.save_draft(msgspec.structs.replace(draft, composition="close-up"))
    await drawn(workspace, plan(workspace))
    (tried,) = tried_since_none_close(workspace) or ()
    assert str(tried) == "composition: on the right → close-up"
    adopt(workspace, images[0])
    assert tried_since_none_close(workspace) is None
    set_element(workspace, "style", "flat", "oil")
    await drawn(workspace, next_plan(workspace, None))
    workspace.store.positions.update(workspace.project.id, parent_id=None, image_id=None)
    assert tried_since_none_close(workspace) == ()
