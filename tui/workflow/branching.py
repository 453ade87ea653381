"""Step 4: how much of the parent may change: what the next batch begins with, and what to say."""

import msgspec

from tui.domain.branch import UNSET, Amount, Branch, first_steps
from tui.domain.change import Element
from tui.domain.intent import Intent
from tui.domain.prompt import LAYERS
from tui.store.images import ImageRecord
from tui.workflow.guard import GuardError
from tui.workflow.parents import Start, differences, start_of
from tui.workflow.workspace import Workspace

_MAY_DIFFER = frozenset({*LAYERS, "guidance"})
"""What may change in the middle of a drawing; all else decides about its steps from the first."""


def set_amount(workspace: Workspace, amount: Amount) -> None:
    """Keep how much may change from now on."""
    workspace.save_options(msgspec.structs.replace(workspace.options, amount=amount))


def begun_with(
    workspace: Workspace, start: Start, found: tuple[Element, ...]
) -> Branch | msgspec.UnsetType:
    """What the next batch begins with; nothing where all may change.

    Seeds that the parent's batch did not have begin with its words too: the first steps are then
    computed for them.

    Args:
        workspace: the open project.
        start: what the batch is held against.
        found: what it changes.

    Raises:
        GuardError: what changes decides about every step, so that none can be kept.
    """
    base, amount = start.base, workspace.options.amount
    if base is None or amount is Amount.ALL or _is_drawn_over(start):
        return UNSET
    if fixed := _fixed(found):
        raise GuardError(
            f"a change of {fixed} leaves no step of the parent to keep: set “How much may change” "
            "to all, or put it back with u"
        )
    step = first_steps(amount, base.steps)
    return base.begun(step) if step else UNSET


def drawn_together(workspace: Workspace, parent: ImageRecord) -> int:
    """How many images of the parent's batch were denoised at once; 0 where nobody knows.

    Numbers differ in the last bit between batches of different sizes, so twins are drawn alike.
    """
    if parent.job_id is None:
        return 0
    recipes = (image.recipe for image in workspace.store.images.for_job(parent.job_id))
    return max((recipe.batch_size for recipe in recipes if recipe is not None), default=0)


def amount_words(workspace: Workspace) -> str:
    """What the amount means for the next batch, briefly; empty without a parent."""
    parent = workspace.parent()
    if parent is None:
        return ""
    start, amount = start_of(workspace, parent), workspace.options.amount
    base = start.base
    if base is None or _is_drawn_over(start):
        return "here the strength says how much"
    if amount is not Amount.ALL and (fixed := _fixed(differences(workspace))):
        return f"not with a change of {fixed}"
    return _kept_words(base, first_steps(amount, base.steps), amount)


def _kept_words(base: Intent, step: int, amount: Amount) -> str:
    before = base.branch.step if isinstance(base.branch, Branch) else 0
    if step < before:
        # The parent's own change acted later than this one will: the effect shows both.
        return f"the parent itself kept {before} of {base.steps}"
    if step:
        return f"first {step} of {base.steps} steps: parent's"
    return (
        "drawn in full" if amount is Amount.ALL else f"{base.steps} steps are too few to keep any"
    )


def _fixed(found: tuple[Element, ...]) -> str:
    return " and ".join(element.where for element in found if element.where not in _MAY_DIFFER)


def _is_drawn_over(start: Start) -> bool:
    return start.from_picture or (start.base is not None and start.base.init_image is not None)
