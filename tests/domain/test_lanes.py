"""Pieces of work over several lanes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.lanes import ends

PIECES = st.lists(st.floats(0, 9), max_size=50)


@given(PIECES, st.integers(1, 8))
def test_nobody_is_idle_while_a_piece_waits(pieces: list[float], lanes: int) -> None:
    found, most = ends(pieces, lanes), max(pieces, default=0.0)
    assert len(found) == lanes
    assert sum(found) == pytest.approx(sum(pieces))
    assert max(found) >= most
    assert max(found) - min(found) <= most + 1e-9


@given(PIECES)
def test_one_lane_does_all_of_it(pieces: list[float]) -> None:
    assert ends(pieces, 1) == [pytest.approx(sum(pieces))]


def test_three_pieces_in_two_lanes_take_two_turns() -> None:
    assert sorted(ends([1, 1, 1], 2)) == [1, 2]
    assert sorted(ends([0.25, 1.0, 1.0], 2)) == [1.0, pytest.approx(1.25)]
