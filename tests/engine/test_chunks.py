"""Long prompts in parts: nothing is lost, nothing is too long, phrases stay whole."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from transformers import CLIPTokenizer

from tests.engine.helpers import request
from tui.domain.prompt import Layers
from tui.engine.chunks import chunks_of, pairs_of
from tui.engine.models import starter_folder
from tui.engine.tokenizer_files import open_reader

READER = open_reader(starter_folder() / "tokenizer")
TOKENIZER = CLIPTokenizer.from_pretrained(starter_folder() / "tokenizer")


def ids(text: str) -> list[int]:
    """As transformers cuts a text, without the marks around it."""
    found: list[int] = TOKENIZER(text).input_ids[1:-1]
    return found


@given(st.lists(st.text("abé 9'.,(:)-", max_size=30)).map(", ".join))
@example(", ".join(["paper texture"] * 40))
def test_the_parts_are_read_as_the_whole_is(text: str) -> None:
    parts = chunks_of(text, [READER])
    assert all(len(ids(part)) <= READER.limit for part in parts)
    if max((len(READER.spans(word)) for word in text.split()), default=0) <= READER.limit:
        assert [token for part in parts for token in ids(part)] == ids(text)


@given(st.text(max_size=200))
@example("光" * 200)
@example("🙂" * 100 + " x")
def test_whatever_is_typed_fits_and_is_all_there(text: str) -> None:
    parts = chunks_of(text, [READER])
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(READER.spans(part)) <= READER.limit for part in parts)
    assert len(parts) == 1 or all(parts)


@given(st.lists(st.integers(1, 38), min_size=1, max_size=12))
def test_a_phrase_that_fits_is_not_read_in_two(lengths: list[int]) -> None:
    phrases = [" ".join(["cat"] * (length - 1)) + " cat" * (length == 1) for length in lengths]
    text = ", ".join(phrase.strip() for phrase in phrases if phrase.strip())
    found = [part.removesuffix(",").split(", ") for part in chunks_of(text, [READER])]
    assert [phrase for part in found for phrase in part] == text.split(", ")


def test_a_sentence_without_commas_is_parted_between_words() -> None:
    text = " ".join(["a cat sits"] * 30)
    parts = chunks_of(text, [READER])
    # “sits” is two tokens.
    assert {len(READER.spans(part)) for part in parts[:-1]} == {37, 38}
    assert " ".join(parts) == text


def test_the_shorter_of_two_readers_decides() -> None:
    short = open_reader(starter_folder() / "tokenizer", longest=12)
    text = "a red cat, a blue dog, a green bird, a white horse"
    assert len(chunks_of(text, [READER])) == 1
    assert len(chunks_of(text, [READER, short])) > 1
    assert chunks_of(text, [short]) == chunks_of(text, [READER, short])


LONG, SHORT = ", ".join(["paper texture"] * 20), "a cat"


@pytest.mark.parametrize(
    ("subject", "negatives", "guidance", "empty"),
    [
        (SHORT, SHORT, 4.0, [False, False]),
        (LONG, SHORT, 4.0, [False, True]),
        (SHORT, LONG, 4.0, [True, False]),
        (SHORT, LONG, 1.0, [False, False]),
        (LONG, LONG, 4.0, [False, False]),
    ],
)
def test_both_prompts_have_as_many_parts(
    subject: str, negatives: str, guidance: float, empty: list[bool]
) -> None:
    changes: dict[str, Any] = {"layers": Layers(subject=subject, negatives=negatives)}
    pairs = pairs_of(request(guidance=guidance, **changes).intent, [READER])
    assert [not words.text for words in pairs[-1]] == empty
    read = {subject, negatives} if guidance > 1 else {subject}
    assert len(pairs) == max(len(chunks_of(text, [READER])) for text in read)
