"""Weights in words, as others write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.layering import layered
from tui.domain.prompt import Layers, phrases
from tui.domain.weights import LARGEST, nudged, told_weight, weighted, weighted_prompt


@pytest.mark.parametrize(
    ("written", "text", "told"),
    [
        ("a (red hat:1.2), snow", "a red hat, snow", (("red hat", 1.2),)),
        ("(red hat, blue coat: .8)", "red hat, blue coat", (("red hat, blue coat", 0.8),)),
        ("((snow)) [dim]", "snow dim", (("snow", 1.21), ("dim", 0.9091))),
        ("(a [b] c:1.5)", "a b c", (("a", 1.5), ("b", 1.3636), ("c", 1.5))),
        # A number of 1 is a sign like the others, and changes nothing.
        ("(hat:1.0)", "hat", ()),
        (r"Ada \(painter\), (hat:1.2)", "Ada (painter), hat", (("hat", 1.2),)),
    ],
)
def test_signs_are_taken_out_and_weigh_what_they_hold(
    written: str, text: str, told: tuple[tuple[str, float], ...]
) -> None:
    found = weighted(written)
    assert (found.text, found.told) == (text, told)
    assert found.has_signs
    assert found.is_weighted is bool(told)


@pytest.mark.parametrize(
    "written",
    ["a (hat", "hat) a (", "()", "(,)", "(:1.2)", "at (10:30)", "(x:-1)", "[cat:dog:0.5]", "[a|b]"],
)
def test_what_is_no_weight_stays_as_it_is_written(written: str) -> None:
    found = weighted(written)
    assert (found.text, found.has_signs, found.is_weighted) == (written, False, False)


def test_one_bracket_without_its_half_leaves_the_others_alone() -> None:
    found = weighted("(a] b) [c) (d:1.5)")
    assert found.told == (("a] b", 1.1), ("d", 1.5))
    assert found.text == "a] b [c) d"


def test_places_lead_back_to_what_was_written() -> None:
    found = weighted(r"a (red hat:1.2) \(b\)")
    at = found.text.index("red hat")
    assert found.span(at, at + 7) == (3, 10)
    assert found.span(found.text.index("(b"), len(found.text))[0] == 16
    assert found.span(len(found.text), len(found.text)) == (len(found.written),) * 2


@given(st.text(alphabet="ab ,:.19()[]\\|", max_size=60))
def test_any_text_has_a_weight_for_each_character_and_loses_no_letter(written: str) -> None:
    found = weighted(written)
    assert len(found.text) == len(found.weights) == len(found.origins)
    assert all(0 <= weight <= LARGEST for weight in found.weights)
    assert "".join(text for text, _ in found.fragments) == found.text
    assert list(found.origins) == sorted(found.origins)
    letters = [sign for sign in written if sign in "ab"]
    assert [sign for sign in found.text if sign in "ab"] == letters


@pytest.mark.parametrize(
    ("line", "by", "found"),
    [
        ("a cat, red| hat", 0.1, "a cat, (red hat|:1.1)"),
        ("a cat, (red hat|:1.1), snow", 0.1, "a cat, (red hat|:1.2), snow"),
        ("a cat, (red hat|:1.1)", -0.1, "a cat, red hat|"),
        ("|a cat, snow", -0.1, "(a cat|:0.9), snow"),
        ("((a), (b):1.5)|", 0.1, "((a), (b)|:1.6)"),
        ("(a) (b)|", 0.1, "((a) (b)|:1.1)"),
        ("(soft|)", 0.1, "(soft|:1.2)"),
        ("a, |", 0.1, "a, |"),
        ("|", 0.1, "|"),
        ("(a|:0.05)", -0.1, "(a|:0)"),
        ("(a|:10)", 0.1, "(a|:10)"),
    ],
)
def test_the_phrase_at_the_cursor_gets_another_weight(line: str, by: float, found: str) -> None:
    text, cursor = nudged(line.replace("|", ""), line.index("|"), by)
    assert f"{text[:cursor]}|{text[cursor:]}" == found


@pytest.mark.parametrize(
    "phrase", ["smile :)", "a) cat", "( cat", "(cat", "cat (", "a [b", "10:30)"]
)
def test_a_bracket_without_its_half_takes_no_weight_of_another(phrase: str) -> None:
    line = phrase
    for weight in (1.1, 1.2, 1.1):
        line, _ = nudged(line, 3, 0.1 if weight > 1.1 or line == phrase else -0.1)
        assert weighted(line).fragments == ((phrase, weight),)
    line, _ = nudged(line, 3, -0.1)
    assert weighted(line).fragments == ((phrase, 1.0),)
    assert weighted(told_weight("×1.2", phrase)).fragments == ((phrase, 1.2),)
    assert phrases(f"{line}, hat") == (line, "hat")


def test_a_weight_in_square_brackets_is_weakened_and_what_changes_there_is_not() -> None:
    assert weighted("[(cat:1.2)]").fragments == (("cat", round(1.2 / 1.1, 4)),)
    for other in ("[cat:dog:0.5]", "[(red:1.2)|b]"):
        assert weighted(other).text.startswith("[")


def test_long_rows_of_digits_and_brackets_take_no_time() -> None:
    """Each took minutes when a number could be read in many ways."""
    digits = ":" + "1" * 50_000
    assert weighted(digits).text == digits
    assert weighted("[" * 5000 + "a" + "]" * 5000).text == "a"
    assert layered(f"a fox, {digits}").layers.subject


def test_brackets_of_two_layers_are_no_pair() -> None:
    layers = Layers(
        subject="a cat (sitting, (red hat:1.2)", style="photo 1) grainy", detail="[dim]"
    )
    found = weighted_prompt(layers)
    assert found.text == "a cat (sitting, red hat, photo 1) grainy, dim"
    assert found.told == (("red hat", 1.2), ("dim", 0.9091))
    for place, sign in enumerate(found.text):
        assert layers.prompt[found.origins[place]] == sign
    assert weighted_prompt(Layers()) == weighted("")
    one = Layers(subject="(a:1.2), b")
    assert weighted_prompt(one) == weighted(one.prompt)
