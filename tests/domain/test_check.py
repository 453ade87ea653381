import pytest
from msgspec.structs import replace

from tui.domain.brief import Brief, Stakes
from tui.domain.check import Answer, CheckItem, SignOff, check_items

BRIEF = Brief(must_contain=("robot", "hat"), must_avoid=("logo",))


def ids(stakes: Stakes) -> list[str]:
    return [item.id for item in check_items(replace(BRIEF, stakes=stakes))]


def test_higher_stakes_only_add_items() -> None:
    casual, public, campaign = map(ids, Stakes)
    assert casual == ["hands", "text", "faces", "must-1", "must-2", "avoid-1"]
    assert public == [*casual, "size", "person", "artist", "rights"]
    assert campaign == [*public, "licence", "disclosure"]
    assert len(set(campaign)) == len(campaign)


def test_nothing_is_answered_beforehand() -> None:
    assert not any(item.settled for item in check_items(BRIEF))
    assert check_items(BRIEF)[3].question == "Must contain: robot"


@pytest.mark.parametrize(
    ("answer", "reason", "settled"),
    [
        (Answer.OPEN, "looked", False),
        (Answer.CLEAN, "", True),
        (Answer.FIXED, "", True),
        (Answer.ACCEPTED, "", False),
        (Answer.ACCEPTED, " \u200b", False),
        (Answer.ACCEPTED, "too small to see", True),
    ],
)
def test_an_item_is_settled_by_an_answer_with_its_reason(
    answer: Answer, reason: str, *, settled: bool
) -> None:
    assert CheckItem("hands", "Hands?", answer, reason).settled is settled


def test_a_sign_off_holds_for_one_file() -> None:
    items = tuple(replace(item, answer=Answer.CLEAN) for item in check_items(BRIEF))
    signed = SignOff("a" * 64, items)
    assert signed.allows_export("a" * 64)
    assert not signed.allows_export("b" * 64)


@pytest.mark.parametrize("items", [(), check_items(BRIEF)])
def test_an_open_item_blocks_unless_waived_in_writing(items: tuple[CheckItem, ...]) -> None:
    assert not SignOff("a", items).allows_export("a")
    assert not SignOff("a", items, waiver=" \u200b").allows_export("a")
    assert SignOff("a", items, waiver="internal draft").allows_export("a")
    assert not SignOff("a", items, waiver="internal draft").allows_export("b")
