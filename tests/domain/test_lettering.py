"""Text that is asked for, and how it is found among lines that were read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.brief import Brief
from tui.domain.lettering import asked_by, avoided_by, matched, names_text, quoted


def test_what_is_quoted_is_asked_for_or_avoided() -> None:
    brief = Brief(
        purpose='a poster that says "Open day"',
        must_contain=("the sign “SALE”", "a robot's hand"),
        must_avoid=("the word «Closed»", "weapons"),
    )
    assert asked_by(brief) == ("Open day", "SALE")
    assert avoided_by(brief) == ("Closed",)
    assert asked_by(Brief(purpose="it's a dog's day")) == ()
    assert quoted("a sign that says “OPEN”") == ("OPEN",)


def test_a_point_names_text_as_such_unless_it_quotes_one() -> None:
    assert names_text("any text in the picture")
    assert names_text("Letters")
    assert not names_text("the word “SALE”")
    assert not names_text("texture")


@pytest.mark.parametrize(
    ("asked", "lines", "read", "where"),
    [
        ("JOBS", ["JOBS"], "JOBS", {0}),
        ("Join our team", ["we say", "JOIN OUR", "TEAM now"], "JOIN OUR TEAM", {1, 2}),
        ("Join our team", ["JOINOURTEAM"], "JOINOURTEAM", {0}),
        ("café", ["CAFÉ"], "CAFÉ", {0}),
        ("開店", ["開店"], "開店", {0}),
    ],
)
def test_as_asked_whatever_the_lines_and_capitals(
    asked: str, lines: list[str], read: str, where: set[int]
) -> None:
    found = matched(asked, lines)
    assert found.same
    assert found.read == read
    assert found.lines == where


@pytest.mark.parametrize(
    ("asked", "lines", "read"),
    [
        ("JOBS", ["more", "JOBZ"], "JOBZ"),
        ("Join our team", ["Jion our teem"], "Jion our teem"),
        ("Let's go", ["Lets go"], "Lets go"),
        ("Grand opening", ["Grand opening!"], "Grand opening!"),
        ("OPEN", ["0PEN"], "0PEN"),
        ("OPEN DAY", ["*** OPEM DAY ***"], "OPEM DAY"),
    ],
)
def test_nearly_as_asked_is_told_as_it_was_read(asked: str, lines: list[str], read: str) -> None:
    found = matched(asked, lines)
    assert not found.same
    assert found.read == read


@pytest.mark.parametrize("lines", [[], [""], ["dog"], ["quite other words", "here"]])
def test_what_is_not_there_is_not_made_up(lines: list[str]) -> None:
    found = matched("CAT", lines)
    assert (found.read, found.lines, found.same) == ("", frozenset(), False)


@given(st.text(min_size=1, max_size=20), st.lists(st.text(max_size=20), max_size=6))
def test_a_text_among_any_lines_is_found_as_it_is(asked: str, lines: list[str]) -> None:
    found = matched(asked, [*lines, asked])
    assert found.same or not asked.split()
