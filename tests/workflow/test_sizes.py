"""Sizes as people type them."""

import pytest
from hypothesis import given

from tests.domain.strategies import ANY_TEXT, BAD_INPUT
from tui.domain.intent import LARGEST_SIDE
from tui.workflow.sizes import NAMED, SizeError, parse_size, size_in_words


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", (0, 0)),
        ("1200 x 630", (1200, 630)),
        ("1200×630", (1200, 630)),
        (" 1200 X 630 px ", (1200, 630)),
        ("1200 630", (1200, 630)),
        ("1200 by 630 pixels", (1200, 630)),
        ("512", (512, 512)),
        ("Square", (1080, 1080)),
        ("A4", (2480, 3508)),
        ("10 x 15 cm", (1181, 1772)),
        ('4" x 6"', (1200, 1800)),
        ("4in x 150 mm", (1200, 1772)),
    ],
)
def test_what_people_type(text: str, size: tuple[int, int]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["big", "16:9", "0x3", "3x", "-3 x 4", "99999 x 1", "9" * 5000])
def test_nonsense_gets_a_sentence_that_says_what_would_do(text: str) -> None:
    with pytest.raises(SizeError, match=r"1200 × 630|from 1 to 16384"):
        parse_size(text)


@given(ANY_TEXT)
def test_any_text_is_a_size_or_a_sentence(text: str) -> None:
    try:
        width, height = parse_size(text)
    except SizeError:
        return
    assert 0 <= width <= LARGEST_SIDE
    assert 0 <= height <= LARGEST_SIDE


@pytest.mark.parametrize("text", BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_no_size(text: str) -> None:
    with pytest.raises(SizeError):
        parse_size(text)


@pytest.mark.parametrize("name", NAMED)
def test_what_is_shown_can_be_typed_again(name: str) -> None:
    size = parse_size(name)
    assert parse_size(size_in_words(*size)) == size
