from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.domain.change import Element, changes
from tui.domain.intent import Intent
from tui.domain.prompt import LAYERS, Layers

from .strategies import INPAINT, INTENT, PHRASE, PHRASES, intents, layers

LAYER = st.sampled_from(LAYERS)
SOME = st.lists(PHRASE, min_size=1, max_size=6)

SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "model": ({"model": "other"}, "model: starter → other"),
    "seed": ({"seed": 8}, "seed: 7 → 8"),
    "steps": ({"steps": 21}, "steps: 20 → 21"),
    "guidance": ({"guidance": 4.5}, "guidance: 4 → 4.5"),
    "scheduler": ({"scheduler": "PNDMScheduler"}, "scheduler: the model's own → PNDMScheduler"),
    "size": ({"width": 64, "height": 96}, "size: 128 × 128 → 64 × 96"),
    "strength": ({"strength": 0.7}, "strength: 0.6 → 0.7"),
    "init image": ({"init_image": "3" * 64}, "init image: 11111111 → 33333333"),
    "mask": (
        {"feather": 5},
        "mask: 22222222, 32 px around, 4 px soft → 22222222, 32 px around, 5 px soft",
    ),
}


def with_phrases(layer: str, phrases: list[str]) -> Intent:
    return replace(INTENT, layers=replace(INTENT.layers, **{layer: ", ".join(phrases)}))


@given(intents())
def test_equal_wishes_differ_in_nothing(intent: Intent) -> None:
    assert changes(intent, intent.cleaned()) == ()


@given(LAYER, SOME, PHRASE, st.data())
def test_one_edited_phrase_is_one_element(
    layer: str, old: list[str], phrase: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(old) - 1))
    assume(old[place] != phrase)
    new = [*old[:place], phrase, *old[place + 1 :]]
    found = changes(with_phrases(layer, old), with_phrases(layer, new))
    assert found == (Element(layer, old[place], phrase),)


@given(LAYER, PHRASES, PHRASE, st.data())
def test_one_added_or_removed_phrase_is_one_element(
    layer: str, short: list[str], phrase: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(short)))
    less = with_phrases(layer, short)
    more = with_phrases(layer, [*short[:place], phrase, *short[place:]])
    assert changes(less, more) == (Element(layer, "", phrase),)
    assert changes(more, less) == (Element(layer, phrase, ""),)


@given(LAYER, SOME, st.data())
def test_one_moved_phrase_is_one_element(layer: str, old: list[str], data: st.DataObject) -> None:
    places = st.integers(0, len(old) - 1)
    new = list(old)
    new.insert(data.draw(places), new.pop(data.draw(places)))
    assume(new != old)
    (found,) = changes(with_phrases(layer, old), with_phrases(layer, new))
    assert found.before == found.after or len(set(old)) < len(old)


@pytest.mark.parametrize("name", SETTINGS)
def test_one_setting_is_one_element(name: str) -> None:
    fields, words = SETTINGS[name]
    (found,) = changes(INPAINT, replace(INPAINT, **fields))
    assert found.where == name
    assert str(found) == words


@given(layers(), layers())
def test_both_directions_find_the_same_elements(a: Layers, b: Layers) -> None:
    there = changes(replace(INTENT, layers=a), replace(INTENT, layers=b))
    back = changes(replace(INTENT, layers=b), replace(INTENT, layers=a))
    assert [(e.where, e.before, e.after) for e in there] == [
        (e.where, e.after, e.before) for e in back
    ]


@given(st.lists(LAYER, min_size=2, max_size=2, unique=True), PHRASES, PHRASE)
def test_edits_in_two_layers_are_two_elements(both: list[str], old: list[str], new: str) -> None:
    parent = replace(Layers(), **{layer: ", ".join(old) for layer in both})
    child = replace(Layers(), **{layer: ", ".join([*old, new]) for layer in both})
    found = changes(replace(INTENT, layers=parent), replace(INTENT, layers=child))
    assert {element.where for element in found} == set(both)
    assert len(found) == 2


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        (["a", "b"], ["b", "b"], 1),
        (["a", "a", "b", "a", "a"], ["a", "a", "a", "a", "a"], 1),
        (["(a, b:1.2)", "c"], ["(a, b:1.2)", "c :("], 1),
        (["a", "b", "c"], ["c", "b", "a"], 2),
        (["a", "b", "c"], ["x", "b", "y"], 2),
        (["a"], ["x", "y"], 2),
        (["b", "a"], ["a", "b", "b"], 2),
    ],
)
def test_examples(old: list[str], new: list[str], count: int) -> None:
    assert len(changes(with_phrases("subject", old), with_phrases("subject", new))) == count


def test_elements_say_what_happened() -> None:
    assert str(Element("detail", "", "fog")) == "detail: added “fog”"
    assert str(Element("detail", "fog", "")) == "detail: removed “fog”"
    assert str(Element("detail", "fog", "fog")) == "detail: moved “fog”"
    assert str(Element("detail", "fog", "rain")) == "detail: fog → rain"
