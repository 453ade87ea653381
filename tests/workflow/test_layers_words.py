import msgspec
import pytest

from tui.domain.brief import Brief
from tui.domain.change import Element
from tui.domain.prompt import Layers
from tui.domain.round import Verdict
from tui.domain.vague import vaguest
from tui.engine.model_facts import model_facts
from tui.store.lessons import Lesson
from tui.workflow.layer_undo import LayerUndo
from tui.workflow.layers_view import Reading
from tui.workflow.learned import evidence, learned_of, with_phrase
from tui.workflow.prompt_coach import Scene, advice
from tui.workflow.vocabulary import completed, unknown_words

FULL = Layers(subject="robot", style="flat illustration", composition="on the right")


def changed(layers: Layers, **texts: str) -> Layers:
    return msgspec.structs.replace(layers, **texts)


@pytest.mark.parametrize(
    ("layers", "layer", "why"),
    [
        (Layers(), "subject", "empty"),
        (changed(FULL, subject="a person"), "subject", "“person” could be any person"),
        (changed(FULL, subject="Man,"), "subject", "“man”"),
        (changed(FULL, detail="nice light"), "detail", "“nice” names nothing"),
        (changed(FULL, style="Good quality photo"), "style", "“Good quality”"),
        (changed(FULL, style=" , "), "style", "empty"),
        (changed(FULL, composition=""), "composition", "where the subject stands"),
    ],
)
def test_the_vaguest_layer_is_named_with_its_words(layers: Layers, layer: str, why: str) -> None:
    found, sentence = vaguest(layers)
    assert found == layer
    assert why in sentence


def test_what_is_clear_is_not_complained_about() -> None:
    assert vaguest(FULL) == ("", "")
    assert vaguest(changed(FULL, subject="a man with a red hat", detail="greatcoat")) == ("", "")


def test_the_last_phrase_is_completed_from_the_starter_s_words() -> None:
    assert completed("subject", "rob") == "robot"
    assert completed("subject", "a rob") == "a robot"
    assert completed("style", "cartoon, 3d r") == "cartoon, 3d render"
    assert completed("subject", "owl, (rob") == "owl, (robot"
    assert completed("detail", "Orange b") == "Orange background"
    assert completed("subject", "robot") is None
    assert completed("subject", "r") is None
    assert completed("subject", "zqqq") is None
    assert completed("subject", "") is None


def test_words_the_starter_never_read_come_with_their_nearest() -> None:
    found = dict(unknown_words(changed(FULL, subject="robto")))
    assert "robot" in found["robto"]
    both = unknown_words(
        changed(FULL, subject="a plar bear and hambrger", detail="navvy background")
    )
    assert [(word, near[0]) for word, near in both] == [
        ("plar", "polar bear"), ("hambrger", "hamburger"), ("navvy", "navy background"),
    ]  # fmt: skip
    assert unknown_words(FULL) == ()


def test_undo_goes_back_step_by_step_and_over_repeats() -> None:
    undo, first, second = LayerUndo(), Layers(subject="a"), Layers(subject="b")
    undo.note(first)
    undo.note(first)
    undo.note(second)
    assert undo.back(second) == first
    assert undo.back(first) is None


# What was learned


def lesson(
    change: Element,
    *,
    verdict: Verdict = Verdict.BETTER,
    learned: str = "",
    amount: float | None = None,
    model: str = "/models/starter",
) -> Lesson:
    where, before, after = change.where, change.before, change.after
    return Lesson(
        "i", "p", where, before, after, model, verdict, learned, amount, "everywhere", 1.0
    )


def test_what_was_learned_of_the_phrases_that_are_there() -> None:
    right = Element("composition", "in the middle", "On the right")
    lessons = [
        lesson(right),
        lesson(right, learned="room for text"),
        lesson(right, verdict=Verdict.WORSE, learned="older words"),
        lesson(Element("style", "", "cartoon"), learned="not in these layers"),
        lesson(Element("steps", "20", "30")),
        lesson(Element("detail", "", "on the right")),
    ]
    said = "“On the right” → room for text, better 2 of 3 (starter)"
    assert learned_of(lessons, FULL) == (said,)
    assert learned_of(lessons, Layers()) == ()


def test_evidence_is_put_together_by_element_phrase_and_model() -> None:
    close, gone = Element("composition", "", "close-up"), Element("composition", "tilted", "")
    found = evidence(
        [
            lesson(Element("steps", "20", "30")),
            lesson(gone, verdict=Verdict.SAME),
            lesson(close, amount=0.1),
            lesson(Element("composition", "wide shot", "Close-up"), amount=0.3),
            lesson(close, model=""),
        ]
    )
    assert [str(e) for e in found] == [
        "“close-up” → changed everywhere, better 2 of 2 (starter)",
        "“close-up” → changed everywhere, better 1 of 1",
        "without “tilted” → changed everywhere, better 0 of 1 (starter)",
        "“30” → changed everywhere, better 1 of 1 (starter)",
    ]
    assert found[0].amount == pytest.approx(0.2)


def test_a_phrase_comes_where_it_came_before() -> None:
    (close,) = evidence([lesson(Element("composition", "On the RIGHT", "close-up"))])
    put = with_phrase(FULL, close)
    assert put is not None
    assert put.composition == "close-up"
    assert with_phrase(put, close) is None
    other = with_phrase(changed(FULL, composition="tilted"), close)
    assert other is not None
    assert other.composition == "tilted, close-up"
    (gone,) = evidence([lesson(Element("composition", "on the right", ""))])
    put = with_phrase(FULL, gone)
    assert put is not None
    assert put.composition == ""
    assert with_phrase(put, gone) is None
    (steps,) = evidence([lesson(Element("steps", "20", "30"))])
    assert with_phrase(FULL, steps) is None


# The coach


def scene(layers: Layers = FULL, **changes: object) -> Scene:
    readings = (Reading(layers.prompt), Reading(layers.negative_prompt))
    fields = {"brief": Brief(), "model": "starter", "guidance": 4.0, "readings": readings}
    return Scene(layers=layers, **(fields | changes))  # type: ignore[arg-type]


def test_the_coach_is_silent_when_there_is_nothing_to_say() -> None:
    assert advice(scene()) == ""


def test_the_coach_says_what_matters_most_first() -> None:
    two = (Element("style", "a", "b"), Element("steps", "1", "2"))
    lost = (Reading("x", 3, 1, 1, {}, (("detail", "warm light"),)), Reading(""))
    assert "u puts the last one back" in advice(scene(found=two, readings=lost))
    assert advice(scene(readings=lost)).startswith("“warm light” falls off the end")
    assert "never read “qqq”" in advice(scene(changed(FULL, detail="qqq")))
    other = scene(changed(FULL, detail="qqq"), model="/models/other")
    assert "never read" not in advice(other)  # nobody knows what it read
    brief = Brief(must_contain=("a red umbrella",))
    assert "“a red umbrella”" in advice(scene(brief=brief))
    assert "composition" in advice(scene(changed(FULL, composition="")))


def test_half_a_word_is_not_held_against_anybody() -> None:
    assert advice(scene(changed(FULL, detail="qqq"), typing="detail")) == ""


def test_other_models_have_no_list_of_words() -> None:
    assert advice(scene(changed(FULL, detail="qqq"), model="owner/other")) == ""


def test_negatives_that_are_not_read_are_said() -> None:
    layers, facts = changed(FULL, negatives="blurry"), model_facts("starter")
    assert advice(scene(layers, facts=facts)) == ""
    assert "at guidance 1" in advice(scene(layers, facts=facts, guidance=1.0))
    never = msgspec.structs.replace(facts, negatives_above=None)
    assert "does not read negatives:" in advice(scene(layers, facts=never))
