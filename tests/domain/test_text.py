import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.text import LONGEST_LINE, as_sentence, clean, clean_lines

from .strategies import ANY_TEXT, BAD_INPUT

JOINER = "\u200d"


def assert_harmless(text: str, allowed: str = "") -> None:
    for character in text:
        category = unicodedata.category(character)
        if character != JOINER and character not in allowed:
            assert category not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}, repr(character)
    text.encode()  # a lone surrogate cannot be written


@given(ANY_TEXT, st.integers(1, 40))
def test_clean_is_harmless_short_and_idempotent(text: str, limit: int) -> None:
    once = clean(text, limit=limit)
    assert_harmless(once)
    assert len(once) <= limit
    assert once == " ".join(once.split())
    assert clean(once, limit=limit) == once


@given(ANY_TEXT, st.integers(1, 40))
def test_clean_lines_keeps_line_feeds_only(text: str, limit: int) -> None:
    once = clean_lines(text, limit=limit)
    assert_harmless(once, allowed="\n")
    assert len(once) <= limit
    assert clean_lines(once, limit=limit) == once


@pytest.mark.parametrize("text", BAD_INPUT.values(), ids=BAD_INPUT)
def test_clean_survives_the_corpus(text: str) -> None:
    assert_harmless(clean(text))
    assert len(clean(text)) <= LONGEST_LINE
    assert_harmless(clean_lines(text), allowed="\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[2J\x1b[10;10Hcat", "[2J [10;10Hcat"),
        ("\x1b]52;c;eA==\x07cat", "]52;c;eA== cat"),
        ("\x9b2Jcat", "2Jcat"),
        ("one\r\ntwo\tthree\u2028four", "one two three four"),
        ("cat\u202egnp\u2066", "catgnp"),
        ("e" + "\u0301" * 200, "e" + "\u0301" * 4),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("c\u200dat\u200d, \u200d", "cat,"),
        ("\u3164\u2800", ""),
        ("Grüße, 猫, क्षि", "Grüße, 猫, क्षि"),
    ],
)
def test_clean_examples(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(ANY_TEXT)
def test_a_sentence_is_clean_and_ends_once(text: str) -> None:
    sentence = as_sentence(text)
    assert sentence == clean(sentence)
    if sentence:
        assert sentence[-1] == "."
        assert not sentence.endswith("..")
        assert sentence[0] == sentence[0].upper()[:1] or len(sentence[0].upper()) > 1
    else:
        assert not clean(text).rstrip(". ")
