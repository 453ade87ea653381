import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.domain.candidate import FLAWS, MERITS, Marks, recurring

from .strategies import ANY_TEXT

WORDS = st.lists(ANY_TEXT, max_size=5).map(tuple)


@given(WORDS, WORDS, ANY_TEXT)
def test_cleaned_is_idempotent_and_without_repeats(
    flaws: tuple[str, ...], merits: tuple[str, ...], comment: str
) -> None:
    marks = Marks(flaws=flaws, merits=merits, comment=comment).cleaned()
    assert marks.cleaned() == marks
    for words in (marks.flaws, marks.merits):
        assert "" not in words
        assert len(set(words)) == len(words)


@pytest.mark.parametrize(("kind", "words"), [("flaws", FLAWS), ("merits", MERITS)])
@given(data=st.data())
def test_toggling_twice_changes_nothing(
    kind: str, words: tuple[str, ...], data: st.DataObject
) -> None:
    marks = replace(
        Marks(), **{kind: tuple(data.draw(st.lists(st.sampled_from(words), unique=True)))}
    )
    word = data.draw(st.sampled_from([*words, "Six  Fingers"]))
    once = marks.toggled(kind, word)
    assert set(getattr(once, kind)) ^ set(getattr(marks, kind)) == {" ".join(word.lower().split())}
    assert set(getattr(once.toggled(kind, word), kind)) == set(getattr(marks, kind))


def test_recurring_counts_images_not_words() -> None:
    batch = [
        Marks(flaws=("hands", "text"), merits=("mood",)),
        Marks(flaws=("hands", "hands")),
        Marks(flaws=("text", "face")),
        Marks(flaws=("hands",), merits=("light",)),
    ]
    assert recurring(batch, "flaws") == [("hands", 3), ("text", 2)]
    assert recurring(batch, "merits") == []
