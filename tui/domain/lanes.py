"""Pieces of work, taken one after the other by whoever is free."""

import heapq
from collections.abc import Iterable


def ends(pieces: Iterable[float], lanes: int) -> list[float]:
    """When each lane is done, in no order.

    Args:
        pieces: how long each takes, in the order in which they are begun.
        lanes: how many are at work at once; at least 1.
    """
    found = [0.0] * lanes
    for piece in pieces:
        heapq.heapreplace(found, found[0] + piece)
    return found
