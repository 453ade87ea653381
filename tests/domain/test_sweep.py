"""A sweep changes one element, whatever is typed; its cells are values × seeds, each once."""

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tui.domain.change import changes
from tui.domain.intent import Intent
from tui.domain.prompt import LAYERS, phrases
from tui.domain.sweep import SWEPT, Sweep, SweepError, offered, split_values

from .strategies import ANY_TEXT, INTENT, PHRASE, intents

TYPED = {
    "steps": st.one_of(st.integers(-1, 60).map(str), ANY_TEXT),
    "guidance": st.one_of(st.floats().map(str), st.integers(-1, 101).map(str), ANY_TEXT),
    "strength": st.one_of(st.floats(0, 1.2).map(str), ANY_TEXT),
    "size": st.one_of(st.sampled_from(["64x64", "64 × 64", "64", "0x9", "64x65"]), ANY_TEXT),
    "scheduler": st.one_of(st.sampled_from(["ddim", "DDIMScheduler", "euler"]), ANY_TEXT),
    "model": st.one_of(st.sampled_from(["starter", "/models/sdxl"]), ANY_TEXT),
}


@st.composite
def sweeps(draw: st.DrawFn) -> Sweep:
    """Any element of any wish, with values as they may be typed."""
    base = draw(intents())
    where = draw(st.sampled_from([*LAYERS, *SWEPT]))
    place, before = -1, ""
    if where in LAYERS:
        texts = phrases(base.layers.get(where))
        place = draw(st.integers(0, len(texts)))
        before = texts[place] if place < len(texts) else ""
    value = TYPED.get(where, st.one_of(PHRASE, ANY_TEXT, st.just("-"), st.just("a, b")))
    values = tuple(draw(st.lists(value, max_size=5)))
    seeds = tuple(draw(st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True)))
    return Sweep("", where, before, place, values, seeds, base, "parent")


def refusal(sweep: Sweep, value: str) -> str:
    """Why a value is refused; empty when it is not."""
    try:
        sweep.column(value)
    except SweepError as error:
        return str(error)
    return ""


@settings(max_examples=60)
@given(sweeps())
def test_every_column_differs_by_this_element_alone(sweep: Sweep) -> None:
    good = [value for value in sweep.values if not refusal(sweep, value)]
    assume(good)
    sweep = msgspec.structs.replace(sweep, values=tuple(good)).distinct()
    columns = sweep.columns()
    for column in columns:
        base = sweep.base.with_seed(sweep.seeds[0])
        assert changes(base, column.intent) == (column.element,)
        assert column.element.where == sweep.where
        if sweep.where in LAYERS:
            assert column.element.before == sweep.before
    cells = [column.intent.with_seed(seed).key for column in columns for seed in sweep.seeds]
    own = [sweep.base.with_seed(seed).key for seed in sweep.seeds]
    assert len(set(cells)) == len(cells) == sweep.cells
    assert not set(cells) & set(own)


@settings(max_examples=60)
@given(sweeps(), st.lists(ANY_TEXT).map(",".join))
def test_whatever_is_typed_is_a_value_or_refused_in_a_sentence(sweep: Sweep, text: str) -> None:
    for value in split_values(sweep.where, text):
        said = refusal(sweep, value)
        assert not said or 10 < len(said) < 2_000


def sweep(where: str, *values: str, before: str = "", place: int = -1) -> Sweep:
    return Sweep("", where, before, place, values, (7, 8), INTENT, "parent")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (sweep("style", "cartoon, ink", before="3d render", place=0), "added “ink”.*one element"),
        (sweep("subject", "robot", before="robot", place=0), "has already"),
        (sweep("guidance", "4.0"), "has already"),
        (sweep("guidance", "2", "2.0"), "“2” and “2.0” are the same"),
        (sweep("guidance", "lots"), "“lots” is no guidance: give numbers"),
        (sweep("guidance", "inf"), "the guidance is inf"),
        (sweep("steps", "9" * 30), "the steps are 9+: give a whole number"),
        (sweep("strength", "0.5"), "strength and a picture"),
        (sweep("scheduler", "eular"), "try euler"),
        (sweep("seed", "9"), "seed cannot be swept"),
        (sweep("steps"), "no value yet"),
        (sweep("steps", *map(str, range(21, 200))), "179 values × 2 seeds are 358 images"),
    ],
)
def test_what_cannot_be_swept_is_refused_by_name(wrong: Sweep, said: str) -> None:
    with pytest.raises(SweepError, match=said):
        wrong.columns()


def test_the_parents_own_value_and_repeats_are_left_out() -> None:
    assert sweep("guidance", "2", "4", "2.0", "8").distinct().values == ("2", "8")
    style = sweep("style", "cartoon", "3d render", "-", before="3d render", place=0)
    assert [str(column.element) for column in style.distinct().columns()] == [
        "style: 3d render → cartoon",
        "style: removed “3d render”",
    ]
    more = sweep("detail", "warm light", place=0).columns()
    assert [str(column.element) for column in more] == ["detail: added “warm light”"]


@settings(max_examples=40)
@given(intents(), st.sampled_from(["steps", "guidance", "scheduler", "strength"]))
def test_what_is_offered_can_be_drawn(intent: Intent, where: str) -> None:
    if where == "strength" and intent.strength is None:
        return
    values = offered(where, intent)
    found = Sweep("", where, "", -1, values, (7, 8), intent, "parent").distinct()
    if values or where != "strength":
        assert len(found.columns()) == len(found.values) > 0
