"""What each keeper took, from one to the next: rounds, images, and minutes at work."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tui.domain.bars import bars
from tui.store.store import Store
from tui.store.summaries import moments

_MOST = 12
"""Keepers that are told of, the newest."""
_PAUSE = 300.0
"""Seconds between two deeds that still count as work; longer ones count as so much."""


@dataclass(frozen=True)
class Taken:
    """What one project took until its first keeper."""

    rounds: int
    images: int
    minutes: float
    """From deed to deed, without the pauses."""


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
    wide = max(map(len, told))
    return tuple(
        f"{name:{wide}}  {bars(values)}  {values[0]:.0f} → {values[-1]:.0f}"
        for name, values in told.items()
    )


def _taken(store: Store, project: str, until: float) -> Taken:
    deeds = moments(store.database, project, until)
    counts = Counter(what for what, _at in deeds)
    times = [*(at for _what, at in deeds), until]
    worked = sum(min(after - before, _PAUSE) for before, after in pairwise(times))
    return Taken(counts["round"], counts["image"], worked / 60)
