"""Step 4: the rounds of a project in words: change → effect → verdict → learned."""

from tui.imaging.errors import ImagingError
from tui.imaging.pixels import open_picture
from tui.store.errors import StoreError
from tui.store.jobs import ENDED
from tui.store.rounds import Round
from tui.workflow.effect import effect
from tui.workflow.iterating import adopt, log_line
from tui.workflow.workspace import Workspace

_MEASURED_AT_ONCE = 50
"""Rounds whose pictures are read for one look at the log; older ones show what is kept of them."""


def log_lines(workspace: Workspace, last: int | None = None) -> list[tuple[str, str]]:
    """Id and line of each round, oldest first; pictures not measured before are read for it.

    Args:
        workspace: the open project.
        last: only so many, the newest; all without it.
    """
    found = list(enumerate(workspace.store.rounds.list(workspace.project.id), 1))
    new = {round_.id for _, round_ in found[-_MEASURED_AT_ONCE:]}
    shown = found if last is None else found[-last:]
    return [
        (
            round_.id,
            log_line(
                number,
                round_,
                measured(workspace, round_) if round_.id in new else round_.amount,
            ),
        )
        for number, round_ in shown
    ]


def open_round(workspace: Workspace, round_id: str) -> bool:
    """Go back to a round: its batch and its parent; False where it has no parent."""
    round_ = workspace.store.rounds.get(round_id)
    workspace.store.positions.update(workspace.project.id, job_id=round_.job_id)
    if round_.parent_image_id is None:
        return False
    adopt(workspace, workspace.store.images.get(round_.parent_image_id))
    return True


def measured(workspace: Workspace, round_: Round) -> float | None:
    """How much a round changed the parent's own twin; None where there is none to measure.

    It is measured once, and kept with the round: the log over all projects reads no picture.
    """
    if round_.amount is not None or round_.parent_image_id is None:
        return round_.amount
    store = workspace.store
    try:
        parent, children = (
            store.images.get(round_.parent_image_id),
            store.images.for_job(round_.job_id),
        )
        child = next((c for c in children if c.seed == parent.seed), None)
        if child is None:
            # While it is being drawn the twin may be still to come: no other stands in for good.
            if not children or store.jobs.get(round_.job_id).state not in ENDED:
                return None
            child = children[0]
        found = effect(open_picture(workspace.file(parent)), open_picture(workspace.file(child)))
        store.rounds.update(round_.id, effect=(found.amount, found.where))
    except (StoreError, ImagingError):
        return None
    return found.amount
