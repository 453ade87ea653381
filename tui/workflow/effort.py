"""What a project took so far, step by step: time and images."""

from collections import Counter

from tui.domain.bars import bars
from tui.domain.lineage import Origin
from tui.store.store import Store
from tui.workflow.step_clock import by_step
from tui.workflow.step_names import STEP_NAMES

_MADE_AT = {Origin.GENERATED: 3, Origin.ITERATED: 4}
"""Steps that make images; all others come from Edit."""
_EDIT = 5


def effort(store: Store, project_id: str) -> tuple[tuple[str, str], ...]:
    """Name and value of time and images by step, as a plot over the seven; none where nothing is.

    Raises:
        StoreError: the database cannot be read.
    """
    seconds = by_step(store.stays.list(project_id))
    made = Counter(_MADE_AT.get(image.origin, _EDIT) for image in store.images.list(project_id))
    images = [float(made[step]) for step in range(1, len(STEP_NAMES) + 1)]
    told = []
    if sum(seconds) >= 1:
        minutes = [each / 60 for each in seconds]
        told.append(("Time", f"{bars(minutes)} {sum(minutes):.0f} min, {_most(minutes)}"))
    if any(images):
        told.append(("Images", f"{bars(images)} {sum(images):.0f}, {_most(images)}"))
    return tuple(told)


def _most(values: list[float]) -> str:
    """The step with the largest share: `most at Iterate`."""
    return f"most at {STEP_NAMES[values.index(max(values))]}"
