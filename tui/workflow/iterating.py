"""Step 4: a parent, its children, the pairs to look at, and what is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

import msgspec

from tui.domain.change import Element
from tui.domain.coach import first_of, overdue, stalled, unjudged
from tui.domain.text import clean
from tui.store.images import ImageRecord
from tui.store.rounds import Round, RoundKind, Verdict
from tui.workflow.batches_view import OVER, batch_of
from tui.workflow.elements import put_all_back
from tui.workflow.parents import differences, request_of, start_of
from tui.workflow.rounds import GuardError, Plan, more_plan, plan
from tui.workflow.workspace import Workspace

_ROUNDS = frozenset({RoundKind.CHANGE, RoundKind.REWRITE, RoundKind.MORE})


@dataclass(frozen=True)
class Twin:
    """A parent and its child: drawn from one seed, with one element between them."""

    seed: int | None
    parent: ImageRecord
    child: ImageRecord | None
    is_twin: bool
    """Whether both have the same seed; else the child is held against the parent itself."""


def adopt(workspace: Workspace, image: ImageRecord) -> None:
    """Make an image the parent, and its words and settings the draft, to change one of them."""
    store, project = workspace.store, workspace.project
    # What was typed and never drawn stays to be found among the layers written before.
    store.layer_history.add(project.draft)
    store.positions.update(project.id, parent_id=image.id, image_id=image.id)
    put_all_back(workspace)


def current_round(workspace: Workspace) -> Round | None:
    """The last round that started from the parent."""
    parent_id = workspace.position.parent_id
    if parent_id is None:
        return None
    found = [
        round_
        for round_ in workspace.store.rounds.list(workspace.project.id)
        if round_.parent_image_id == parent_id and round_.kind in _ROUNDS
    ]
    shown = next((round_ for round_ in found if round_.job_id == workspace.position.job_id), None)
    return shown or (found[-1] if found else None)


def twins(
    workspace: Workspace, round_: Round | None, known: Mapping[int, str] | None = None
) -> tuple[Twin, ...]:
    """The pairs to look at, in the order of the batch; the parent alone before there is a child.

    Args:
        workspace: the open project.
        round_: whose batch the children are of.
        known: ids of children by seed, as the engine named them.
    """
    parent = workspace.parent()
    if parent is None:
        return ()
    siblings: dict[int, ImageRecord] = {}
    if not start_of(workspace, parent).from_picture:
        family = batch_of(workspace, parent.job_id)
        slots = family.slots if family is not None else ()
        siblings = {slot.seed: slot.image for slot in slots if slot.image is not None}
        siblings |= {} if parent.seed is None else {parent.seed: parent}
    batch = None if round_ is None else batch_of(workspace, round_.job_id, known)
    if batch is None:
        alone = siblings or {parent.seed or 0: parent}
        return tuple(Twin(seed, image, None, True) for seed, image in alone.items())
    return tuple(
        Twin(slot.seed, siblings.get(slot.seed, parent), slot.image, slot.seed in siblings)
        for slot in batch.slots
    )


def pending(workspace: Workspace, round_: Round | None) -> tuple[Element, ...]:
    """What the next batch would change; empty while draft and options are those of a round."""
    found = differences(workspace)
    return () if round_ is not None and found == round_.changes else found


def judge(workspace: Workspace, round_: Round, verdict: Verdict) -> bool:
    """Keep a verdict; whether the change was put back, since it is not better."""
    workspace.store.rounds.update(round_.id, verdict=verdict)
    found = differences(workspace)
    if verdict is Verdict.BETTER or not found or found != round_.changes:
        return False
    put_all_back(workspace)
    return True


def next_plan(workspace: Workspace, round_: Round | None, *, rewrite: bool = False) -> Plan:
    """What g does here: the change, or once more a batch that was broken off.

    Raises:
        GuardError: the change is drawn already; and like `rounds.plan`.
    """
    if round_ is not None and not pending(workspace, round_):
        found = differences(workspace)
        if workspace.store.jobs.get(round_.job_id).state in OVER:
            return more_plan(workspace, round_.job_id)
        wanted = plan(workspace, rewrite=rewrite) if found == round_.changes and found else None
        if wanted is not None and is_drawn(workspace, round_, wanted):
            raise GuardError(
                "this change is drawn already: say + better, = same or - worse, "
                "or put it back with u and change something else"
            )
    return plan(workspace, rewrite=rewrite)


def is_drawn(workspace: Workspace, round_: Round, wanted: Plan) -> bool:
    """Whether a plan is what the round was drawn from; another amount of change is another."""
    request = request_of(workspace, round_.job_id)
    return request is None or (
        request.intent.with_seed(0).key == wanted.request.intent.with_seed(0).key
    )


def expectation(workspace: Workspace, round_: Round | None) -> str:
    """What the person expects: of the next batch while a change waits, else of the one shown."""
    if round_ is None or pending(workspace, round_) or round_.verdict is not Verdict.OPEN:
        return workspace.options.expectation
    return round_.expectation


def expect(workspace: Workspace, round_: Round | None, text: str) -> None:
    """Keep an expectation, where `expectation` finds it."""
    if round_ is None or pending(workspace, round_) or round_.verdict is not Verdict.OPEN:
        options = msgspec.structs.replace(workspace.options, expectation=clean(text))
        workspace.save_options(options)
    else:
        workspace.store.rounds.update(round_.id, expectation=text)


def ensure_parent(workspace: Workspace) -> bool:
    """Make the chosen image the parent where there is none yet; whether there is one now."""
    if workspace.parent() is None:
        chosen = workspace.chosen()
        if chosen is None:
            return False
        adopt(workspace, chosen)
    return True


# In words


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    """Words with a sign each: ` ` in both, `-` only before, `+` only after."""
    old, new = before.split(), after.split()
    found: list[tuple[str, str]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [(" ", word) for word in old[i1:i2]]
            continue
        found += [("-", word) for word in old[i1:i2]]
        found += [("+", word) for word in new[j1:j2]]
    return found


def log_line(number: int, round_: Round, amount: float | None = None) -> str:
    """A round on one line: change → effect → verdict → learned."""
    changed = "; ".join(map(str, round_.changes)) or str(round_.kind)
    parts = [f"{number} {changed}"]
    if amount is not None:
        parts.append(f"effect {amount:.2f}")
    if round_.parent_image_id is not None:
        parts.append(round_.verdict or "no verdict yet")
    if round_.learned:
        parts.append(f"“{round_.learned}”")
    return " · ".join(parts)


def verdict_line(round_: Round | None, *, has_child: bool) -> str:
    """The three answers, the one that was given in brackets; and what was expected."""
    if round_ is None:
        return "–"
    if not has_child and round_.verdict is Verdict.OPEN:
        return "when there is something to see"
    answers = (("+", Verdict.BETTER), ("=", Verdict.SAME), ("-", Verdict.WORSE))
    line = "  ".join(
        f"[{sign} {word}]" if word is round_.verdict else f"{sign} {word}" for sign, word in answers
    )
    expected = round_.expectation if round_.verdict is not Verdict.OPEN else ""
    return f"{line}   (expected: {expected})" if expected else line


def advice(workspace: Workspace, round_: Round | None, *, drawing: bool) -> str:
    """What the process suggests now, and why."""
    if workspace.parent() is None:
        return "Mark the closest picture in 3 with space, then > brings it here as the parent."
    if drawing:
        return "The twins appear as they are made: the same seeds, so that only the change shows."
    waiting = pending(workspace, round_)
    if len(waiting) > 1:
        return refusal_line(len(waiting))
    if waiting:
        return "Say what you expect (tab, enter), then g draws it with the same seeds."
    later = workspace.options.later
    if later and (round_ is None or round_.verdict is not Verdict.OPEN):
        return f"{len(later)} of the changes you split wait: p takes the next, {later[0]}."
    rounds, brief = workspace.store.rounds.list(workspace.project.id), workspace.project.brief
    if round_ is None:
        if start_of(workspace, _parent(workspace)).from_picture:
            return (
                "The parent was edited: its picture is drawn over again (image to image, "
                f"strength {workspace.options.strength:g}). Change a phrase, or g."
            )
        return first_of(stalled(rounds), overdue(rounds, brief)) or (
            "Change exactly one thing: choose it with j k, enter edits it, g draws."
        )
    match round_.verdict:
        case Verdict.BETTER:
            better = "Better: space makes the child the next parent; > goes on to Edit."
            return f"{better} {first_of(overdue(rounds, brief))}".rstrip()
        case Verdict.SAME | Verdict.WORSE:
            return first_of(stalled(rounds)) or (
                "The parent stays, and the change is put back. Try another one, or > to Edit."
            )
        case _:
            return first_of(unjudged(rounds)) or (
                "Compare with b, v or d, then say: + better, = same, - worse."
            )


def refusal_line(count: int) -> str:
    """Why several changes are not drawn, briefly."""
    return (
        f"{count} things differ (≠): only one may, or nobody knows which did it. "
        "u puts one back, p splits them into rounds, G draws a rewrite."
    )


def _parent(workspace: Workspace) -> ImageRecord:
    parent = workspace.parent()
    assert parent is not None
    return parent
