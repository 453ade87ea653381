"""What each keeper took, from one to the next: rounds, images, and minutes at work."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from tui.domain.bars import bars
from tui.store.store import Store
from tui.store.summaries import moments
from tui.workflow.step_clock import STEPS, by_step
from tui.workflow.step_names import STEP_NAMES

_MOST = 12
"""Keepers that are told of, the newest."""
_STEP_KEEPERS = 6
"""The newest whose steps are told of: more would not stand beside the other plots at 80 columns."""
_STEPS_TOLD = 3
"""As many as there are other plots, to stand beside them."""
_PAUSE = 300.0
"""Seconds between two deeds that still count as work; longer ones count as so much."""


@dataclass(frozen=True)
class Taken:
    """What one project took until its first keeper."""

    rounds: int
    images: int
    minutes: float
    """From deed to deed, without the pauses."""
    by_step: tuple[float, ...] = (0.0,) * STEPS
    """Minutes at each of the seven steps, told by keys; all 0 where nobody counted yet."""


def pace(store: Store) -> tuple[Taken, ...]:
    """What the latest keepers took, oldest first; a project counts once.

    Raises:
        StoreError: the database cannot be read.
    """
    first: dict[str, float] = {}
    for entry in store.library.of_projects(limit=10 * _MOST):
        if entry.project_id is not None:
            first[entry.project_id] = entry.created  # newest first: the last to come is the oldest
    newest = sorted(first.items(), key=lambda pair: pair[1])[-_MOST:]
    taken = (_taken(store, project, until) for project, until in newest)
    return tuple(each for each in taken if each.rounds)


def lines(found: Sequence[Taken]) -> tuple[str, ...]:
    """A small plot of each number, from the first keeper to the last; none of fewer than two."""
    if len(found) < 2:
        return ()
    told = {
        "Rounds to a keeper": [float(each.rounds) for each in found],
        "Images": [float(each.images) for each in found],
        "Minutes at work": [each.minutes for each in found],
    }
    left, right = _plots(told), _plots(_steps_that_took_most(found))
    wide = max(map(len, left))
    pairs = zip_longest(left, right, fillvalue="")
    return tuple(f"{line:{wide}}   {step}".rstrip() for line, step in pairs)


def _plots(told: Mapping[str, Sequence[float]]) -> list[str]:
    wide = max(map(len, told), default=0)
    return [
        f"{name:{wide}}  {bars(values)}  {values[0]:.0f} → {values[-1]:.0f}"
        for name, values in told.items()
    ]


def _steps_that_took_most(found: Sequence[Taken]) -> dict[str, list[float]]:
    """Minutes at the three steps that took most, of the keepers whose time was counted."""
    counted = [each.by_step for each in found if any(each.by_step)][-_STEP_KEEPERS:]
    if len(counted) < 2:
        return {}
    totals = [sum(minutes) for minutes in zip(*counted, strict=True)]
    largest = sorted(range(STEPS), key=lambda step: -totals[step])[:_STEPS_TOLD]
    return {
        f"{STEP_NAMES[step]} min": [minutes[step] for minutes in counted]
        for step in sorted(largest)
        if totals[step]
    }


def _taken(store: Store, project: str, until: float) -> Taken:
    deeds = moments(store.database, project, until)
    counts = Counter(what for what, _at in deeds)
    times = [*(at for _what, at in deeds), until]
    worked = sum(min(after - before, _PAUSE) for before, after in pairwise(times))
    by = tuple(seconds / 60 for seconds in by_step(store.stays.list(project), until))
    return Taken(counts["round"], counts["image"], worked / 60, by)
