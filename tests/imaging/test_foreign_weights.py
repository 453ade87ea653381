"""Weights of other programs, written as most write them; read as what they were there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.weights import weighted
from tui.imaging.foreign.weights import from_invokeai, from_novelai


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("a (red hat)1.2, snow", "a (red hat:1.2), snow"),
        (r"a [b] (c)12, \(cat\)++", r"a \[b\] (c:10), (\(cat\):1.21)"),
        ("(soft light)++ warm- dim--", "(soft light:1.21) warm- (dim:0.81)"),
        ("(a (hat)1.5 fox)", "a (hat:1.5) fox"),
        ("well-made, (open, x) y", "well-made, open, x y"),
        (r"\(note\)", r"\(note\)"),
        ('("a", "b").blend(0.5, 0.5)', '("a", "b").blend(0.5, 0.5)'),
    ],
)
def test_those_of_invokeai(theirs: str, ours: str) -> None:
    assert from_invokeai(theirs) == ours


@pytest.mark.parametrize(
    ("theirs", "ours", "told"),
    [
        ("{{fox}}, snow", "((fox:1.05):1.05), snow", (("fox", 1.1025),)),
        ("[dim]", "(dim:0.9524)", (("dim", 0.9524),)),
        ("1.3::snow, ice::", "(snow, ice:1.3)", (("snow, ice", 1.3),)),
        ("fox (red)", r"fox \(red\)", ()),
        ("{open, a::b", "{open, a::b", ()),
    ],
)
def test_those_of_novelai(theirs: str, ours: str, told: tuple[tuple[str, float], ...]) -> None:
    assert from_novelai(theirs) == ours
    assert weighted(ours).told == told


@given(st.text(alphabet="ab ,:.19()[]{}+-\\", max_size=60))
def test_no_letter_is_lost(text: str) -> None:
    letters = [sign for sign in text if sign in "ab"]
    for rewritten in (from_invokeai(text), from_novelai(text)):
        assert [sign for sign in rewritten if sign in "ab"] == letters


def test_a_long_row_of_digits_takes_no_time() -> None:
    """It took minutes when a number could be read in many ways."""
    assert from_novelai("1" * 50_000) == "1" * 50_000
    assert from_invokeai("(a)" + "1" * 50_000)
