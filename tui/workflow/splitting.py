"""Several changes become as many rounds: one is drawn now, the others wait for their turn."""

import msgspec

from tui.domain.change import THE_MODELS_OWN, Element
from tui.domain.prompt import LAYERS, phrases
from tui.workflow.elements import Row, edit, put_back
from tui.workflow.elements import rows as rows_of
from tui.workflow.lora_elements import is_lora, remembered
from tui.workflow.parents import differences
from tui.workflow.rounds import GuardError
from tui.workflow.workspace import Workspace


def split(workspace: Workspace, first: Element) -> None:
    """Keep one of the changes for the next round, and put the others by, in their order.

    Raises:
        GuardError: it is none of the changes.
    """
    found = differences(workspace)
    if first not in found:
        raise GuardError(f"{first} is no change from the parent any more")
    others = [element for element in found if element != first]
    # Once put back, an added LoRA is in no list, and a name alone is no file.
    workspace.save_options(remembered(workspace.options, others))
    for element in others:
        put_back(workspace, element)
    _put_by(workspace, (*others, *waiting(workspace)))


def waiting(workspace: Workspace) -> tuple[Element, ...]:
    """The changes that were put by, the next one first."""
    return workspace.options.later


def take(workspace: Workspace, element: Element) -> None:
    """Make a change that was put by the next one.

    Raises:
        GuardError: what it changes is no longer there; the change is given up, by name.
    """
    _put_by(workspace, tuple(other for other in waiting(workspace) if other != element))
    row = _row_of(workspace, element)
    if row is None:
        raise GuardError(
            f"{element}: “{element.before}” is not in the {element.where} any more, "
            "so this change is given up"
        )
    edit(workspace, row, "" if element.after == THE_MODELS_OWN else element.after)


def give_up(workspace: Workspace) -> None:
    """Forget the changes that were put by."""
    _put_by(workspace, ())


def _put_by(workspace: Workspace, elements: tuple[Element, ...]) -> None:
    workspace.save_options(msgspec.structs.replace(workspace.options, later=elements))


def _row_of(workspace: Workspace, element: Element) -> Row | None:
    if element.where in LAYERS and not element.before:
        # A phrase that is added comes last: where it stood depended on those put by.
        texts = phrases(workspace.project.draft.get(element.where))
        return Row(element.where, "", len(texts))
    if is_lora(element.where) and not element.before:
        return Row(element.where, "")
    for row in rows_of(workspace):
        is_setting = row.place < 0 and element.where not in LAYERS
        if row.where == element.where and (is_setting or row.text == element.before):
            return row
    return None
