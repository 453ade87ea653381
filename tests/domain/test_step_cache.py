"""The step cache in a wish: keys, changes, what is typed, and what stays as it was."""

import pytest
from hypothesis import given
from msgspec.structs import replace

from tui.domain.change import changes
from tui.domain.intent import InvalidIntentError
from tui.domain.lora import Lora
from tui.domain.recipe import Recipe, circumstances
from tui.domain.step_cache import threshold_in_words, typed_threshold
from tui.domain.sweep import Sweep, SweepError, offered
from tui.domain.text import clean
from tui.domain.versioned import from_json, to_json

from .strategies import ANY_TEXT, INTENT, RECIPE

CACHED = INTENT.with_step_cache(0.1)


def test_without_one_a_wish_is_what_it_was_before_there_was_any() -> None:
    assert INTENT.with_step_cache(0) == INTENT
    assert replace(INTENT, step_cache=0.0).key == INTENT.key
    assert "step_cache" not in to_json(RECIPE)
    assert INTENT.checked().version == 1


def test_with_one_it_is_another_wish_and_older_programs_are_told() -> None:
    keys = {wish.key for wish in (INTENT, CACHED, INTENT.with_step_cache(0.2))}
    assert len(keys) == 3
    assert CACHED.key == INTENT.with_step_cache(0.10000001).key
    assert CACHED.checked().version == 5
    assert CACHED.with_parts((Lora("/a.safetensors"),), "").checked().version == 5
    recipe = replace(RECIPE, intent=CACHED.checked())
    assert from_json(to_json(recipe), Recipe) == recipe
    assert recipe.hash != RECIPE.hash
    # What the person decided is a change, not a circumstance.
    assert circumstances(RECIPE, recipe) == []


def test_it_is_one_change() -> None:
    assert [str(each) for each in changes(INTENT, CACHED)] == ["step cache: off → 0.1"]
    assert [str(each) for each in changes(CACHED, INTENT)] == ["step cache: 0.1 → off"]
    assert changes(CACHED, INTENT.with_step_cache(0.1)) == ()


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("inf"), float("nan")])
def test_what_cannot_be_is_refused(threshold: float) -> None:
    with pytest.raises(InvalidIntentError) as refused:
        INTENT.with_step_cache(threshold).checked()
    said = "give a number above 0, up to 1, such as 0.1, or “off”"
    assert str(refused.value) == f"the step cache is {threshold:g}: {said}"


@pytest.mark.parametrize(
    ("text", "threshold"),
    [("0.1", 0.1), ("0,25", 0.25), ("1", 1.0), ("on", 0.1), ("Off", 0.0), ("", 0.0), (" 0 ", 0.0)],
)
def test_what_is_typed(text: str, threshold: float) -> None:
    assert typed_threshold(text) == threshold
    assert typed_threshold(threshold_in_words(threshold)) == threshold


@given(ANY_TEXT)
def test_whatever_is_typed_is_one_or_refused_in_a_harmless_sentence(text: str) -> None:
    said = refusal(text)
    assert said == clean(said)
    assert said == "" or said.endswith("or “off”")


def refusal(text: str) -> str:
    try:
        assert 0 <= typed_threshold(text) <= 1
    except ValueError as error:
        return str(error)
    return ""


def test_it_is_swept() -> None:
    sweep = Sweep("", "step cache", "0.1", -1, ("0.05", "off", "0.2"), (1, 2), CACHED, "p")
    assert [str(column.element) for column in sweep.columns()] == [
        "step cache: 0.1 → 0.05",
        "step cache: 0.1 → off",
        "step cache: 0.1 → 0.2",
    ]
    assert offered("step cache", CACHED) == ("0.05", "0.2")
    for value in ("much", "2"):
        with pytest.raises(SweepError, match="give a number above 0"):
            replace(sweep, values=(value,)).columns()
