"""How long an image takes, from the times of those that were made."""

from collections.abc import Sequence
from statistics import median

from tui.domain.branch import Branch
from tui.domain.intent import Intent
from tui.store.images import ImageRecord

LOOKED_AT = 200
"""Newest images whose times count; older ones tell of another machine, or a busier day."""

_ENOUGH = 20


def usual_seconds(made: Sequence[ImageRecord], intent: Intent, job_id: str = "") -> float | None:
    """Seconds that one image of this wish takes; None where nothing like it was made.

    Like it is what the same model drew at the same size on the device that it was last drawn on;
    the job's own images say more than all others. Seconds follow the steps that are run.

    Args:
        made: images whose time is known, the newest first.
        intent: the wish.
        job_id: the job that draws it.
    """
    paces: list[float] = []
    own: list[float] = []
    device = None
    for image in made:
        recipe = image.recipe
        if recipe is None or _kind(recipe.intent) != _kind(intent):
            continue
        device = device or recipe.device
        if recipe.device == device:
            pace = image.seconds / _steps_run(recipe.intent)
            (own if image.job_id == job_id else paces).append(pace)
    found = own or paces[:_ENOUGH]
    return median(found) * _steps_run(intent) if found else None


def _kind(intent: Intent) -> tuple[str, int, int, bool]:
    return intent.model, intent.width, intent.height, intent.mask is not None


def _steps_run(intent: Intent) -> float:
    """A picture to start from, or a parent's first steps, spare some of the steps."""
    if isinstance(intent.branch, Branch):
        return max(1.0, intent.steps - intent.branch.step)
    return max(1.0, intent.steps * (intent.strength or 1.0))
