"""How the points of a brief meet the prompt, and what to expect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import ANY_TEXT, BAD_INPUT, layers
from tui.domain.brief import Brief, Kind, Stakes
from tui.domain.prompt import LAYERS, Layers, phrases
from tui.workflow.brief_facts import advice, covered, drawn_size, expectation, with_avoided
from tui.workflow.options import Options

ITEMS = st.lists(ANY_TEXT, max_size=6).map(tuple)


def avoiding(*items: str) -> Brief:
    return Brief(must_avoid=items)


def test_what_is_avoided_joins_the_negatives() -> None:
    found = with_avoided(Layers(subject="robot", negatives="blurry"), avoiding("weapons", "text"))
    assert found == Layers(subject="robot", negatives="blurry, weapons, text")


@pytest.mark.parametrize(
    "there", ["weapons", "Weapons , blurry", "(weapons:1.3)", "blurry, [weapons]", "a, weapons"]
)
def test_never_twice(there: str) -> None:
    before = Layers(negatives=there)
    assert with_avoided(before, avoiding("weapons")) is before


def test_a_no_is_not_written_into_the_negatives() -> None:
    found = with_avoided(Layers(), avoiding("no weapons", "without any text", "nose"))
    assert found.negatives == "weapons, text, nose"


def test_an_item_of_several_phrases_adds_what_is_missing() -> None:
    found = with_avoided(Layers(negatives="text"), avoiding("text, letters", "letters"))
    assert found.negatives == "text, letters"


@given(layers(), ITEMS)
def test_a_second_time_changes_nothing(before: Layers, items: tuple[str, ...]) -> None:
    brief = Brief(must_avoid=items).cleaned()
    once = with_avoided(before, brief)
    assert with_avoided(once, brief) is once
    assert phrases(once.negatives)[: len(phrases(before.negatives))] == phrases(before.negatives)
    assert all(once.get(name) == before.get(name) for name in LAYERS if name != "negatives")


@pytest.mark.parametrize("text", BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_stays_harmless(text: str) -> None:
    brief = Brief(must_avoid=(text,), must_contain=(text,)).cleaned()
    found = with_avoided(Layers(), brief)
    assert found == found.cleaned()
    assert covered(text, found) in ("", *LAYERS)


@pytest.mark.parametrize(
    ("item", "layer"),
    [
        ("a friendly robot", "subject"),
        ("friendly robots", "subject"),
        ("orange background", "detail"),
        ("empty space on the left", "composition"),
        ("a purple cat", ""),
        ("the", ""),
        ("机器人", ""),
        ("", ""),
    ],
)
def test_the_layer_that_speaks_to_an_item(item: str, layer: str) -> None:
    found = Layers(
        subject="one friendly robot",
        style="flat illustration",
        composition="on the right, empty left",
        detail="orange background",
        negatives="purple, cat",
    )
    assert covered(item, found) == layer


def test_scripts_without_spaces_are_compared_by_their_signs() -> None:
    assert covered("机器人", Layers(subject="一个友好的机器人")) == "subject"


def test_expectations_follow_kind_and_stakes() -> None:
    casual = expectation(Brief(kind=Kind.STYLISED))
    campaign = expectation(Brief(kind=Kind.STYLISED, stakes=Stakes.CAMPAIGN))
    assert "Stylised pictures usually take 2–4 rounds and little editing" in casual
    assert "casual: 3 points" in casual
    assert "campaign: 9 points" in campaign


def test_experience_and_library_are_named_when_there_are_any() -> None:
    assert "Library" not in advice(Brief(), (), 0)
    assert "Yours took 2, 3." in advice(Brief(), (2, 3), 0)
    assert "1 keeper looks related, L opens" in advice(Brief(), (), 1)


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [
        (0, 0, "starter draws 128 × 128"),
        (128, 128, "starter draws 128 × 128"),
        (1200, 630, "starter draws 128 × 128, cropped and scaled 9.4 × for export"),
        (512, 512, "starter draws 128 × 128, scaled 4.0 × for export"),
    ],
)
def test_what_the_model_draws_for_a_size(width: int, height: int, said: str) -> None:
    assert drawn_size(Brief(width=width, height=height), Options()) == said
