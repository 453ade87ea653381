import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.store.ids import LONGEST_SLUG, is_id, new_id, slug


@given(st.text())
def test_any_name_gives_a_safe_slug(name: str) -> None:
    made = slug(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= LONGEST_SLUG
    assert slug(made) == made
    assert not re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", made)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Crème Brûlée!", "creme-brulee"),
        ("../x", "x"),
        ("-rf", "rf"),
        ("CON", "con-project"),
        ("lpt1", "lpt1-project"),
        ("🐱", "untitled"),
        ("", "untitled"),
        ("a" * 300, "a" * 40),
        ("a" * 39 + " b", "a" * 39),
        ("\x1b[2J\u202ex\udc80", "2jx"),
    ],
)
def test_bad_names(name: str, expected: str, tmp_path: Path) -> None:
    assert slug(name) == expected
    (tmp_path / slug(name)).mkdir()


def test_ids_sort_by_time_and_do_not_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for milliseconds in (1, 1_000, 1_764_000_000_000, 1_764_000_000_001, 2**47):
        monkeypatch.setattr("time.time_ns", lambda now=milliseconds: now * 1_000_000)
        made.append(new_id())
    assert made == sorted(made)
    assert all(is_id(text) and len(text) == 18 for text in made)
    assert new_id() != new_id()


@pytest.mark.parametrize("text", ["", "../x", "A", "a" * 41, "a-b", "a\n", os.sep])
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)
