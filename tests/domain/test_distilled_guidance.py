"""Distilled guidance in a wish: keys, changes, what is typed, and what stays as it was."""

import pytest
from hypothesis import given

from tui.domain.change import changes
from tui.domain.distilled_guidance import distilled_in_words, typed_distilled
from tui.domain.intent import InvalidIntentError
from tui.domain.recipe import Recipe
from tui.domain.sweep import offered
from tui.domain.text import clean
from tui.domain.versioned import from_json, to_json

from .strategies import ANY_TEXT, INTENT, RECIPE

TOLD = INTENT.with_distilled(2.5)


def test_without_it_a_wish_is_what_it_was_before_there_was_any() -> None:
    assert INTENT.with_distilled(0) == INTENT
    assert "distilled_guidance" not in to_json(RECIPE)
    assert INTENT.checked().version == 1


def test_with_it_it_is_another_wish_and_older_programs_are_told() -> None:
    assert len({INTENT.key, TOLD.key, INTENT.with_distilled(2.6).key}) == 3
    assert TOLD.checked().version == 6
    assert TOLD.with_step_cache(0.1).checked().version == 6
    assert from_json(to_json(TOLD.checked()), type(TOLD)) == TOLD.checked()
    assert from_json(to_json(RECIPE), Recipe) == RECIPE


def test_it_is_one_change_and_can_be_swept() -> None:
    assert [str(each) for each in changes(INTENT, TOLD)] == [
        "distilled guidance: the model's own → 2.5"
    ]
    assert changes(TOLD, INTENT.with_distilled(2.5)) == ()
    assert offered("distilled guidance", TOLD) == ("1.5", "3.5", "5")


@pytest.mark.parametrize("value", [-0.1, 101, float("inf"), float("nan")])
def test_what_cannot_be_is_refused(value: float) -> None:
    with pytest.raises(InvalidIntentError, match=r"the distilled guidance is .*: give a number"):
        INTENT.with_distilled(value).checked()


@pytest.mark.parametrize(
    ("text", "value"), [("3.5", 3.5), ("2,5", 2.5), ("own", 0.0), ("", 0.0), ("0", 0.0)]
)
def test_what_is_typed(text: str, value: float) -> None:
    assert typed_distilled(text) == value
    assert typed_distilled(distilled_in_words(value)) == value


@given(ANY_TEXT)
def test_whatever_is_typed_is_one_or_refused_in_a_harmless_sentence(text: str) -> None:
    said = refusal(text)
    assert said == clean(said)
    assert said == "" or "give a number above 0" in said


def refusal(text: str) -> str:
    """Why a text is refused; empty where it is taken."""
    try:
        typed_distilled(text)
    except ValueError as error:
        return str(error)
    return ""
