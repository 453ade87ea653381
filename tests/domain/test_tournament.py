"""A ranking by few questions: right, never asked twice, and at peace with any coming and going."""

from collections.abc import Iterable, Mapping
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.tournament import Closer, Comparison, Standing, standing

IDS = [chr(ord("a") + n) for n in range(12)]
HIDDEN = st.lists(st.integers(0, 7), max_size=len(IDS)).map(
    lambda scores: dict(zip(IDS, scores, strict=False))
)
"""How close each picture is, which only the person knows; equal scores are equally close."""
ANY_COMPARISON = st.builds(
    Comparison, st.sampled_from(IDS), st.sampled_from(IDS), st.sampled_from(Closer)
)


def answered(pair: tuple[str, str], hidden: Mapping[str, int]) -> Comparison:
    left, right = (hidden[one] for one in pair)
    closer = Closer.SAME if left == right else Closer.LEFT if left > right else Closer.RIGHT
    return Comparison(*pair, closer)


def played(
    candidates: Iterable[str], hidden: Mapping[str, int], comparisons: list[Comparison]
) -> Standing:
    """Answer until all have their place, and watch that no promise is broken on the way."""
    from_its_beginning = not comparisons
    wanted = list(candidates)
    found = standing(wanted, comparisons)
    while found.pair is not None:
        said = {frozenset((each.left, each.right)) for each in comparisons}
        assert frozenset(found.pair) not in said
        comparisons.append(answered(found.pair, hidden))
        after = standing(wanted, comparisons)
        assert found.asked < after.asked <= after.at_most
        if from_its_beginning:
            assert after.at_most <= found.at_most
        found = after
    return found


def in_order(candidates: Iterable[str], hidden: Mapping[str, int]) -> list[set[str]]:
    best_first = sorted(candidates, key=lambda one: -hidden[one])
    return [set(group) for _, group in groupby(best_first, key=lambda one: hidden[one])]


@given(HIDDEN)
def test_any_order_is_found_with_no_more_questions_than_binary_insertion(
    hidden: dict[str, int],
) -> None:
    comparisons: list[Comparison] = []
    at_the_worst = sum(placed.bit_length() for placed in range(len(hidden)))
    assert standing(hidden, ()).at_most == at_the_worst
    found = played(hidden, hidden, comparisons)
    assert [set(group) for group in found.ranking] == in_order(hidden, hidden)
    assert len(comparisons) == found.asked <= at_the_worst


@given(HIDDEN, st.data())
def test_answers_taken_back_and_pictures_that_come_and_go_do_no_harm(
    hidden: dict[str, int], data: st.DataObject
) -> None:
    comparisons: list[Comparison] = []
    here: set[str] = set(hidden)
    for _ in range(data.draw(st.integers(0, 25))):
        found = standing(sorted(here), comparisons)
        match data.draw(st.sampled_from(["answer", "undo", "come or go"])):
            case "answer" if found.pair is not None:
                comparisons.append(answered(found.pair, hidden))
                back = standing(sorted(here), comparisons[:-1])
                assert back == found
            case "undo" if comparisons:
                comparisons.pop()
            case "come or go" if hidden:
                here ^= {data.draw(st.sampled_from(sorted(hidden)))}
            case _:
                pass
    found = played(sorted(here), hidden, comparisons)
    assert [set(group) for group in found.ranking] == in_order(here, hidden)


@given(st.lists(ANY_COMPARISON, max_size=20), st.lists(st.sampled_from(IDS), unique=True))
def test_answers_that_contradict_each_other_do_no_harm(
    comparisons: list[Comparison], candidates: list[str]
) -> None:
    hidden = {one: IDS.index(one) for one in candidates}
    found = played(candidates, hidden, list(comparisons))
    assert sorted(one for group in found.ranking for one in group) == sorted(candidates)


@given(HIDDEN, st.data())
def test_one_more_picture_costs_no_more_than_its_own_place(
    hidden: dict[str, int], data: st.DataObject
) -> None:
    late = data.draw(st.sampled_from(sorted(hidden))) if hidden else None
    comparisons: list[Comparison] = []
    played([one for one in hidden if one != late], hidden, comparisons)
    before = len(comparisons)
    played(hidden, hidden, comparisons)
    assert len(comparisons) - before <= max(0, len(hidden) - 1).bit_length()


@pytest.mark.parametrize(("pictures", "questions"), [(0, 0), (1, 0), (2, 1), (4, 5), (8, 17)])
def test_the_number_of_questions_is_small(pictures: int, questions: int) -> None:
    assert standing(IDS[:pictures], ()).at_most == questions


def test_what_was_said_of_one_that_has_gone_still_tells() -> None:
    said = [Comparison("a", "b", Closer.LEFT), Comparison("b", "c", Closer.LEFT)]
    assert standing(["a", "c"], said).ranking == (("a",), ("c",))


def test_after_two_first_ones_comes_the_third() -> None:
    said = [Comparison("a", "b", Closer.SAME), Comparison("a", "c", Closer.LEFT)]
    assert standing(["a", "b", "c"], said).places == {"a": 1, "b": 1, "c": 3}


def test_the_new_picture_stands_at_the_right_until_it_has_its_place() -> None:
    comparisons: list[Comparison] = []
    shown = []
    while (pair := standing("abcd", comparisons).pair) is not None:
        shown.append(pair)
        comparisons.append(Comparison(*pair, Closer.LEFT))
    assert [right for _, right in shown] == ["b", "c", "d", "d"]
