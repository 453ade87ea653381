"""Each rule of the coach: when it speaks, what it quotes, and when it is silent."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.brief import Brief, Kind, Stakes
from tui.domain.candidate import Closeness, Marks
from tui.domain.change import Element
from tui.domain.coach import (
    all_rejected,
    expected_rounds,
    falls_off,
    first_of,
    none_close,
    overdue,
    recurring_flaw,
    several_changes,
    stalled,
    unjudged,
    unknown_words,
    unmet_must,
    unread_negatives,
    unread_weights,
    vague_layer,
)
from tui.domain.prompt import Layers
from tui.domain.round import Round, RoundKind, Verdict
from tui.domain.vague import aspects

CLEAR = Layers(subject="robot", style="flat illustration", composition="on the right")
STYLE, STEPS = Element("style", "flat", "oil"), Element("steps", "20", "30")


def round_of(
    verdict: Verdict = Verdict.OPEN,
    *changes: Element,
    kind: RoundKind = RoundKind.CHANGE,
) -> Round:
    return Round("i", "p", "j", "parent", kind, changes or (STYLE,), "", verdict, "", 1.0)


def rounds(*verdicts: Verdict) -> list[Round]:
    return [round_of(verdict) for verdict in verdicts]


B, S, W, OPEN = Verdict.BETTER, Verdict.SAME, Verdict.WORSE, Verdict.OPEN


def test_several_changes() -> None:
    assert several_changes([STYLE]) is None
    assert "2 things differ" in str(several_changes([STYLE, STEPS]))


def test_what_falls_off_is_quoted_and_cut_with_a_sign() -> None:
    assert falls_off([]) is None
    found = falls_off([("style", "oil"), ("detail", "x" * 100)])
    assert found is not None
    assert found.layer == "detail"
    assert "xx…” falls off the end: shorten the detail layer" in str(found)


def test_weights_and_tags_that_are_read_as_words() -> None:
    plain = Layers(subject="a cat (sitting) on a mat", detail="warm light")
    assert unread_weights(plain, obeyed=False) is None
    for phrase in ("(red hat:1.2)", "<lora:fox:0.8>", "((masterpiece))"):
        layers = Layers(subject="a cat", detail=f"warm light, {phrase}")
        found = unread_weights(layers, obeyed=False)
        assert found is not None
        assert found.layer == "detail"
        assert f"“{phrase}” is read as words" in str(found)
        assert (unread_weights(layers, obeyed=True) is None) is ("<" not in phrase)
    for phrase in ("[cat:dog:0.5]", "(late, 10:30)", "{soft}", "1.3::snow::", "a BREAK b"):
        assert unread_weights(Layers(detail=phrase), obeyed=True) is not None
    assert unread_weights(Layers(detail=r"\(snow\)"), obeyed=True) is None


def test_negatives_that_are_not_read() -> None:
    layers = Layers(negatives="blurry")
    assert unread_negatives(layers, read=True, at_guidance=1.0) is None
    assert unread_negatives(Layers(), read=False, at_guidance=1.0) is None
    assert "at guidance 1:" in str(unread_negatives(layers, read=False, at_guidance=1.0))


def test_a_must_and_unknown_words_are_named() -> None:
    assert unmet_must([]) is None
    assert "“a red umbrella”, which the brief wants" in str(unmet_must(["a red umbrella"]))
    assert unknown_words("starter", []) is None
    assert "“robto” (near it: robot)" in str(unknown_words("starter", [("robto", ["robot"])]))


def test_the_vague_layer_is_named_with_why() -> None:
    assert vague_layer(CLEAR) is None
    found = vague_layer(msgspec.structs.replace(CLEAR, subject="an animal"))
    assert found is not None
    assert (found.layer, found.why) == ("subject", "“animal” could be any animal")
    cool = msgspec.structs.replace(CLEAR, detail="cool light")
    assert vague_layer(cool) is None
    assert vague_layer(msgspec.structs.replace(CLEAR, detail="cool")) is not None


def test_none_close_goes_from_the_vaguest_over_composition_and_lighting_to_mood() -> None:
    assert none_close(msgspec.structs.replace(CLEAR, style=""), ()).layer == "style"
    tried: list[Element] = []
    said = []
    for change in (
        Element("composition", "on the right", "close-up"),
        Element("detail", "", "warm light"),
        Element("detail", "", "calm mood"),
    ):
        said.append(none_close(CLEAR, tried).why)
        tried.append(change)
    assert [why.split()[-1] for why in said[1:]] == ["lighting", "mood"]
    assert "composition was not tried" in said[0]
    assert "after composition, lighting and mood" in none_close(CLEAR, tried).why


@given(st.permutations(["composition", "lighting", "mood"]))
def test_each_aspect_is_named_once_in_whatever_order_it_is_tried(order: list[str]) -> None:
    changes = {
        "composition": Element("composition", "", "tilted"),
        "lighting": Element("detail", "", "spotlight"),
        "mood": Element("detail", "", "gloomy"),
    }
    tried = [changes[name] for name in order]
    whys = [none_close(CLEAR, tried[:n]).why for n in range(4)]
    for before, after, name in zip(whys, whys[1:], order, strict=False):
        assert f"the {name}" not in after
        assert before == after or f"the {name}" in before


def test_what_a_change_was_about() -> None:
    assert aspects(Element("detail", "warm light", "moody night")) == {"detail", "lighting", "mood"}
    assert aspects(Element("detail", "orange", "delighted")) == {"detail"}
    assert aspects(STEPS) == {"steps"}


def test_a_recurring_flaw_leads_to_a_negative_then_to_an_edit() -> None:
    text = [Marks(flaws=("text",)), Marks(flaws=("text", "hands")), Marks()]
    assert recurring_flaw([Marks(flaws=("text",)), Marks()]) is None
    assert str(recurring_flaw(text)) == (
        "2 of 3 show text: add “text, letters” to the negatives, or fix it in Edit."
    )
    again = str(recurring_flaw(text, Layers(negatives="Text, letters, blurry")))
    assert "although “text, letters” is among the negatives: fix it in Edit" in again
    for weighed in ("(text:1.3), (letters:1.2)", "(Text, letters:1.3)"):
        assert str(recurring_flaw(text, Layers(negatives=weighed))) == again
    own = [Marks(flaws=("melted corner",))] * 2
    assert "add “melted corner” to the negatives" in str(recurring_flaw(own))


def test_all_rejected() -> None:
    out = Marks(closeness=Closeness.REJECTED)
    assert all_rejected([]) is all_rejected([out, Marks()]) is None
    assert "n leads back" in str(all_rejected([out, out]))


@pytest.mark.parametrize(
    ("verdicts", "count"),
    [((S, W), 0), ((S, W, S), 3), ((B, W, W, S), 3), ((W, W, B), 0), ((W, W, W, OPEN), 0), ((), 0)],
)
def test_rounds_without_progress(verdicts: tuple[Verdict, ...], count: int) -> None:
    found = stalled(rounds(*verdicts))
    assert (found is not None) == (count > 0)
    if found is not None:
        assert f"{count} rounds in a row were no better (only the style)" in str(found)
        assert "sweep" in found.do
        assert "(5)" in found.do


def test_a_stall_names_what_was_tried_and_skips_other_rounds() -> None:
    more = round_of(OPEN, kind=RoundKind.MORE)
    found = stalled([round_of(S, STYLE), more, round_of(W, STEPS), round_of(W, STYLE)])
    assert "(style, steps)" in str(found)


def test_rounds_without_a_verdict() -> None:
    assert unjudged(rounds(OPEN, OPEN)) is None
    assert unjudged(rounds(OPEN, OPEN, B)) is None
    assert "the last 3 rounds have no verdict" in str(unjudged(rounds(B, OPEN, OPEN, OPEN))).lower()


def test_expected_rounds_follow_kind_and_stakes() -> None:
    for kind in Kind:
        low, high = expected_rounds(Brief(kind=kind))
        assert 1 <= low <= high
        assert expected_rounds(Brief(kind=kind, stakes=Stakes.CAMPAIGN)) > (low, high)


def test_more_rounds_than_expected() -> None:
    brief = Brief(kind=Kind.SIMPLE)
    assert overdue(rounds(B, B), brief) is None
    repairs = [round_of(OPEN, kind=RoundKind.INPAINT)] * 9
    assert overdue([*rounds(B, B), *repairs], brief) is None
    assert (
        "round 3; simple pictures usually take 1–2" in str(overdue(rounds(B, B, W), brief)).lower()
    )
    assert overdue(rounds(B, B, W), Brief(stakes=Stakes.CAMPAIGN)) is None


def test_the_first_answer_counts() -> None:
    assert first_of(None, all_rejected([]), None) == ""
    assert first_of(None, several_changes([STYLE, STEPS]), vague_layer(Layers())).startswith("2")
