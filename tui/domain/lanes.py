"""Equal pieces of work, taken one after the other by whoever is free."""

import heapq
from collections.abc import Sequence


def longest(busy: Sequence[float], waiting: int, lanes: int) -> float:
    """How long it takes until all is done, in pieces.

    Args:
        busy: what is left of each piece that somebody is at, 1 for all of it.
        waiting: pieces that nobody has begun.
        lanes: how many are at work at most; below that others begin at once.
    """
    ends = [*busy, *[0.0] * max(0, lanes - len(busy))]
    heapq.heapify(ends)
    for _ in range(waiting):
        heapq.heapreplace(ends, ends[0] + 1)
    return max(ends, default=0.0)
