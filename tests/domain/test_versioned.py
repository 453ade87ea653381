import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.brief import Brief
from tui.domain.candidate import Marks
from tui.domain.check import CheckItem, SignOff
from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe
from tui.domain.versioned import UnreadableError, from_json, to_json

from .strategies import INTENT, RECIPE, VALUES

STORED = (Brief, Layers, Intent, Recipe, Marks, CheckItem, SignOff)


@given(VALUES)
def test_what_is_written_is_read_back(value: msgspec.Struct) -> None:
    assert from_json(to_json(value), type(value)) == value
    assert from_json(to_json(value).encode(), type(value)) == value


@pytest.mark.parametrize("kind", STORED)
def test_a_newer_shape_is_refused_in_words(kind: Any) -> None:
    text = f'{{"version": {kind.VERSION + 1}, "unheard": true}}'
    with pytest.raises(UnreadableError, match=f"{kind.__name__.lower()} was written by a newer"):
        from_json(text, kind)


def test_a_newer_shape_inside_is_refused_too() -> None:
    intent = msgspec.structs.replace(INTENT, layers=Layers(version=2))
    recipe = msgspec.structs.replace(RECIPE, intent=intent)
    signed = SignOff("a", (CheckItem("hands", "Hands?", version=3),))
    with pytest.raises(UnreadableError, match="this layers was written by a newer Keepers"):
        from_json(to_json(recipe), Recipe)
    with pytest.raises(UnreadableError, match="this checkitem was written by a newer Keepers"):
        from_json(to_json(signed), SignOff)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "null",
        '{"version": null}',
        '{"version": NaN}',
        '{"version": ' + "9" * 10_000 + "}",
        '{"purpose": "' + "\ud800" + '"}',
        b'{"purpose": "\xff"}',
        '{"x": ' + "[" * 100_000,
        '{"width": 1e400}',
        '{"colour": "red"}',
        '{"kind": "sculpture"}',
        to_json(RECIPE),
    ],
)
def test_garbage_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(UnreadableError, match=r"this (is not a stored brief|brief was written by)"):
        from_json(text, Brief)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_an_error(data: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        assert isinstance(from_json(data, Marks), Marks)


def test_the_message_carries_no_escape_sequences() -> None:
    with pytest.raises(UnreadableError) as caught:
        from_json('{"\\u001b]2;owned\\u0007\\u202e": 1}', Brief)
    assert str(caught.value).isprintable()
