from hypothesis import given
from hypothesis import strategies as st

from tui.domain.bars import bars, towers


def test_numbers_become_heights() -> None:
    assert bars([0, 1, 2, 4, 7]) == "▁▂▃▅█"
    assert bars([0.5, 3], full=1) == "▅█"
    assert bars([0, 0]) == "▁▁"
    assert bars([]) == ""


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_a_larger_number_is_never_lower(values: list[float]) -> None:
    drawn = bars(values)
    assert len(drawn) == len(values)
    pairs = sorted(zip(values, drawn, strict=True))
    assert [letter for _, letter in pairs] == sorted(drawn)


def test_towers_stand_on_each_other() -> None:
    assert towers([0, 1, 8, 12, 16], 2) == ("   ▄█", " ▁███")
    assert towers([0, 0.001, 5], 1) == (" ▁█",)
    assert towers([0, 0], 2) == ("  ", "  ")


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 4))
def test_a_tower_is_empty_for_nothing_alone_and_the_highest_is_full(
    values: list[float], rows: int
) -> None:
    drawn = towers(values, rows)
    assert [len(row) for row in drawn] == [len(values)] * rows
    for value, *column in zip(values, *drawn, strict=True):
        assert (set(column) == {" "}) == (value == 0)
        assert (set(column) == {"█"}) >= (value == max(values) > 0)
