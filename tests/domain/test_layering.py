"""Foreign prompts in layers: by the stated rules, and without losing a phrase."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import ANY_TEXT, BAD_INPUT
from tui.domain.layering import layered, layered_style
from tui.domain.prompt import LAYERS, Layers, phrases
from tui.domain.template import filled
from tui.domain.text import LONGEST_LINE

WHERE = {
    "subject": (
        "a red fox sitting in the snow", "(red scarf:1.2)", "blue eyes", "girl with bright eyes",
        "portrait photo of an old man", "a (painting of a fox) in a frame of gold",
    ),
    "style": (
        "oil painting", "(watercolor:1.2)", "by Greg Rutkowski", "in the style of van Gogh",
        "3d render", "flat illustration", "pixel art", "<lora:foxy:0.8>", "anime style",
    ),
    "composition": (
        "close-up", "wide shot", "from above", "bird's eye view", "on the left", "full body",
        "rule of thirds", "low angle shot",
    ),
    "detail": (
        "masterpiece", "best quality", "8k", "highly detailed", "{{masterpiece}}", "(bokeh)",
        "soft golden hour light", "cinematic lighting", "navy background", "warm colors",
        "85mm lens", "score_9", "moody atmosphere", "depth of field",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "phrase"), [(layer, phrase) for layer in WHERE for phrase in WHERE[layer]]
)
def test_a_phrase_goes_where_it_speaks_of(layer: str, phrase: str) -> None:
    layers = layered(f"a lighthouse, {phrase}").layers
    expected = {"subject": f"a lighthouse, {phrase}"} if layer == "subject" else {layer: phrase}
    assert layers == msgspec.structs.replace(Layers(subject="a lighthouse"), **expected)


def test_the_first_phrase_that_says_something_else_is_the_subject() -> None:
    found = layered("masterpiece, oil painting, painting of a harbour, boats", "blurry, text")
    assert found.layers == Layers(
        subject="painting of a harbour, boats",
        style="oil painting",
        detail="masterpiece",
        negatives="blurry, text",
    )


def test_lines_part_phrases_but_not_what_is_in_brackets() -> None:
    found = layered("a fox,\n(red hat,\nblue coat:1.2)\n\nsnow")
    assert found.layers.subject == "a fox, (red hat, blue coat:1.2), snow"


def test_weights_and_tags_are_kept_and_named() -> None:
    found = layered(
        "a fox <lora:fox:1>, (hat:1.2), [dim], 1.3::snow::, {soft}, a cat BREAK a dog, 1:2 scale",
        "(bad hands:1.4)",
    )
    assert found.marked == (
        "a fox <lora:fox:1>", "(hat:1.2)", "[dim]", "1.3::snow::", "{soft}", "a cat BREAK a dog",
        "(bad hands:1.4)",
    )  # fmt: skip
    assert "(hat:1.2)" in found.layers.subject


def test_a_style_keeps_the_place_of_its_subject() -> None:
    found = layered_style("cinematic still {prompt} . emotional, gorgeous, vignette, grain", "text")
    assert found.layers == Layers(
        subject="cinematic still {prompt}",
        style="gorgeous, grain",
        composition="vignette",
        detail="emotional",
        negatives="text",
    )
    assert found.marked == ()


def test_a_subject_goes_where_a_style_wants_it() -> None:
    style = Layers(subject="still of {prompt}, {prompt} again", style="noir", negatives="{prompt}")
    assert filled(style, "a fox") == Layers(
        subject="still of a fox, a fox again", style="noir", negatives="a fox"
    )
    assert filled(style, "").subject == "still of , again"
    assert filled(Layers(style="noir"), "a fox") == Layers(subject="a fox", style="noir")
    plain = Layers(subject="a cat", style="noir")
    assert filled(plain, "a fox") == plain


@given(ANY_TEXT, ANY_TEXT)
def test_no_phrase_is_lost_or_changed(prompt: str, negative: str) -> None:
    for sort in (layered, layered_style):
        layers = sort(prompt, negative).layers
        assert layers == layers.cleaned()
        got = [phrase for layer in LAYERS[:-1] for phrase in phrases(layers.get(layer))]
        if sort is layered:
            given_phrases = phrases(re.sub(r"[ ,]*[\r\n]+[ ,]*", ", ", prompt))
            assert sorted(got) == sorted(given_phrases)
        assert not layers.negatives or negative


@given(st.lists(st.sampled_from([p for some in WHERE.values() for p in some]), max_size=8))
def test_sorting_what_is_sorted_changes_nothing(given_phrases: list[str]) -> None:
    once = layered_style(", ".join(given_phrases)).layers
    assert layered_style(once.prompt).layers == once


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_harmless(name: str) -> None:
    found = layered(BAD_INPUT[name], BAD_INPUT[name])
    assert found.layers.prompt.isprintable()
    assert found.is_cut == (name == "ten megabytes")


@pytest.mark.parametrize(
    "unit", ["a-", "-", "(", "<lora:", "1::", "ultra ", "in the style of ", "best ", "a\n", "(a:1"]
)
def test_what_is_built_to_take_long_does_not(unit: str) -> None:
    """Ten thousand signs, on which a careless pattern would work for minutes."""
    text = unit * (LONGEST_LINE // len(unit))
    assert len(layered(text, text).layers.prompt) <= LONGEST_LINE
