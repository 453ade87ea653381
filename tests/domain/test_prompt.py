import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.domain.prompt import LAYERS, POSITIVE_LAYERS, Layers, phrases
from tui.domain.text import LONGEST_LINE

from .strategies import ANY_TEXT, layers

WEIGHTED = st.sampled_from(["(red hat, blue coat:1.2)", "[a, [b, c]]", "<lora:x, y>", "cat", ":)"])


@given(st.lists(WEIGHTED, max_size=6))
def test_phrases_come_back_as_they_were_joined(parts: list[str]) -> None:
    assert phrases(" ,, ".join(parts)) == tuple(parts)


@given(layers(st.lists(WEIGHTED, max_size=4)))
def test_prompt_is_the_positive_layers_in_order(value: Layers) -> None:
    expected = [phrase for layer in POSITIVE_LAYERS for phrase in phrases(value.get(layer))]
    assert phrases(value.prompt) == tuple(expected)
    assert value.negative_prompt == value.cleaned().negatives


@given(layers(st.lists(st.sampled_from(["cat", "", " "]), max_size=4)))
def test_empty_layers_leave_no_stray_commas(value: Layers) -> None:
    assert "" not in [part.strip() for part in value.prompt.split(",")] or value.prompt == ""


@given(st.lists(ANY_TEXT, min_size=5, max_size=5))
def test_cleaned_is_idempotent_and_keeps_the_prompt(texts: list[str]) -> None:
    value = replace(Layers(), **dict(zip(LAYERS, texts, strict=True)))
    assert value.cleaned().cleaned() == value.cleaned()
    assert value.cleaned().prompt == value.prompt


def test_cleaned_is_idempotent_at_the_longest() -> None:
    value = Layers(subject="a,b" * LONGEST_LINE).cleaned()
    assert len(value.subject) <= LONGEST_LINE
    assert value.cleaned() == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(red hat, blue coat", ("(red hat", "blue coat")),
        ("red hat), blue coat", ("red hat)", "blue coat")),
        ("(red hat, blue coat:1.2), dog :(", ("(red hat, blue coat:1.2)", "dog :(")),
        ("(a [b, c), d", ("(a [b, c)", "d")),
        ("a [b, (c, d), e", ("a [b", "(c, d)", "e")),
        (" , ,", ()),
    ],
)
def test_an_unclosed_bracket_is_a_letter(text: str, expected: tuple[str, ...]) -> None:
    assert phrases(text) == expected


def test_an_unknown_layer_is_an_error() -> None:
    with pytest.raises(KeyError, match="version"):
        Layers().get("version")
