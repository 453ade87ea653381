"""Pieces of work over several lanes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.lanes import longest

BUSY = st.lists(st.floats(0, 1), max_size=8)


@given(BUSY, st.integers(0, 50), st.integers(1, 8))
def test_it_is_never_shorter_than_a_fair_share_nor_than_the_longest_piece(
    busy: list[float], waiting: int, lanes: int
) -> None:
    found = longest(busy, waiting, lanes)
    workers = max(lanes, len(busy))
    assert found >= (sum(busy) + waiting) / workers - 1e-9
    assert found >= max(busy, default=0.0)
    # Nobody is idle while a piece waits.
    assert found <= (sum(busy) + waiting) / workers + 1 + 1e-9


@given(st.integers(0, 50))
def test_one_lane_does_all_of_it(waiting: int) -> None:
    assert longest([0.5], waiting, 1) == pytest.approx(0.5 + waiting)


def test_three_pieces_in_two_lanes_take_two_turns() -> None:
    assert longest([], 3, 2) == 2
    assert longest([0.25, 1.0], 1, 2) == pytest.approx(1.25)
