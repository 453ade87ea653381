from hypothesis import given
from hypothesis import strategies as st

from tui.domain.bars import bars


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
