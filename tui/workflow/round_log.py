"""Step 4: the rounds of a project in words: change → effect → verdict → learned."""

from functools import lru_cache
from pathlib import Path

from tui.imaging.errors import ImagingError
from tui.imaging.pixels import open_picture
from tui.store.errors import StoreError
from tui.store.rounds import Round
from tui.workflow.effect import effect
from tui.workflow.iterating import adopt, log_line
from tui.workflow.workspace import Workspace


def log_lines(workspace: Workspace) -> list[tuple[str, str]]:
    """Id and line of each round, oldest first; pictures not measured before are read for it."""
    found = workspace.store.rounds.list(workspace.project.id)
    return [
        (round_.id, log_line(number, round_, _amount(workspace, round_)))
        for number, round_ in enumerate(found, 1)
    ]


def open_round(workspace: Workspace, round_id: str) -> bool:
    """Go back to a round: its batch and its parent; False where it has no parent."""
    round_ = workspace.store.rounds.get(round_id)
    workspace.store.positions.update(workspace.project.id, job_id=round_.job_id)
    if round_.parent_image_id is None:
        return False
    adopt(workspace, workspace.store.images.get(round_.parent_image_id))
    return True


def _amount(workspace: Workspace, round_: Round) -> float | None:
    """The effect on the parent's own twin; None where there is none to measure."""
    if round_.parent_image_id is None:
        return None
    images = workspace.store.images
    try:
        parent = images.get(round_.parent_image_id)
        children = images.for_job(round_.job_id)
        if not children:
            return None
        child = next((c for c in children if c.seed == parent.seed), children[0])
        return _measured(workspace.file(parent), workspace.file(child))
    except (StoreError, ImagingError):
        return None


@lru_cache(maxsize=256)
def _measured(parent: Path, child: Path) -> float:
    return effect(open_picture(parent), open_picture(child)).amount
