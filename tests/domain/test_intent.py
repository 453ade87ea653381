import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.domain.branch import Branch
from tui.domain.change import changes
from tui.domain.intent import MAX_SEED, Intent, InvalidIntentError, seeds_from
from tui.domain.lora import Lora
from tui.domain.prompt import LAYERS, Layers, phrases
from tui.domain.versioned import from_json, to_json

from .strategies import INPAINT, INTENT, intents, layers

GOLDEN = "67534f3506c2a9c11ac6444af51bdfaf42674467f8d8adb74961bf13fe23593c"

OTHER: dict[str, Any] = {
    "model": "other",
    "layers": Layers(subject="robot"),
    "seed": 8,
    "steps": 21,
    "guidance": 4.5,
    "width": 64,
    "height": 64,
    "scheduler": "EulerDiscreteScheduler",
    "strength": 0.7,
    "init_image": "3" * 64,
    "mask": "4" * 64,
    "context": 33,
    "feather": 5,
    "branch": Branch(5, Layers(subject="owl"), 4.0),
    "match_seam": True,
    "loras": (Lora("/loras/pixel.safetensors", 0.8),),
    "vae": "/models/vae",
    "step_cache": 0.1,
    "distilled_guidance": 2.5,
}


def noisy(draw: st.DataObject, text: str) -> str:
    comma = st.sampled_from([",", " , ", ",,", ",\n", ", \u200b,"])
    parts = phrases(text)
    return "".join(part.replace(" ", "  ") + draw.draw(comma) for part in parts)


@given(intents(), st.data())
def test_noise_does_not_change_the_key(intent: Intent, data: st.DataObject) -> None:
    texts = {layer: noisy(data, text) for layer, text in intent.layers.items()}
    assert replace(intent, layers=replace(Layers(), **texts)).key == intent.key
    assert intent.cleaned().key == intent.key
    assert intent.checked() == intent.cleaned()


@given(intents(), intents(), layers())
def test_keys_are_equal_exactly_where_nothing_changed(a: Intent, b: Intent, c: Layers) -> None:
    for one, other in ((a, b), (a, replace(a, layers=c)), (a, replace(a))):
        assert (one.key == other.key) == (changes(one, other) == ())


def test_a_seam_that_is_not_matched_leaves_key_and_file_as_they_were() -> None:
    assert replace(INPAINT, match_seam=False).key == INPAINT.key
    assert b"match_seam" not in msgspec.json.encode(INPAINT)
    assert INPAINT.checked().version == 1
    match = replace(INPAINT, match_seam=True)
    assert match.checked().version == 3
    assert from_json(to_json(match.checked()), Intent).key == match.key
    (change,) = changes(INPAINT, match)
    assert (change.where, change.after) == ("mask", f"{change.before}, colours matched")
    with pytest.raises(InvalidIntentError, match="give a mask, or leave it out"):
        replace(INTENT, match_seam=True).checked()


def test_every_field_changes_the_key() -> None:
    assert OTHER.keys() | {"version"} == set(Intent.__struct_fields__)
    keys = {replace(INPAINT, **{name: value}).key for name, value in OTHER.items()}
    keys |= {replace(INPAINT, layers=replace(Layers(), **{layer: "x"})).key for layer in LAYERS}
    assert len(keys | {INPAINT.key}) == len(OTHER) + len(LAYERS) + 1


def test_equal_numbers_have_one_key() -> None:
    assert replace(INTENT, guidance=0.0).key == replace(INTENT, guidance=-0.0).key
    assert replace(INPAINT, strength=1).key == replace(INPAINT, strength=1.00000001).key
    assert replace(INTENT, guidance=4).key == INTENT.key


def test_the_key_is_the_same_in_every_process() -> None:
    assert INPAINT.key == GOLDEN


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("model", "", "model"),
        ("model", "\u200b", "model"),
        ("model", "/models/\udcff", "model's name"),
        ("seed", -1, "seed is -1"),
        ("seed", MAX_SEED + 1, f"seed is {MAX_SEED + 1}"),
        ("steps", 0, "steps are 0"),
        ("steps", 1001, "steps are 1001"),
        ("guidance", math.nan, "guidance is nan"),
        ("guidance", math.inf, "guidance is inf"),
        ("guidance", -1.0, "guidance is -1.0"),
        ("width", 0, "width is 0"),
        ("height", -8, "height is -8"),
        ("height", 16_385, "height is 16385"),
        ("strength", math.nan, "strength is nan"),
        ("strength", 0.0, "strength is 0.0"),
        ("strength", 1.5, "strength is 1.5"),
        ("strength", 0.01, "strength 0.01 of 20 steps"),
        ("strength", None, "strength"),
        ("init_image", None, "no picture to repair"),
        ("mask", None, "no mask"),
        ("context", -1, "context is -1"),
        ("feather", 20_000, "feather is 20000"),
    ],
)
def test_bad_values_are_refused_by_name(field: str, value: Any, named: str) -> None:
    assert INPAINT.checked() == INPAINT
    with pytest.raises(InvalidIntentError, match=named):
        replace(INPAINT, **{field: value}).checked()


@given(st.integers(0, MAX_SEED), st.integers(1, 256))
def test_seeds_follow_each_other(first: int, count: int) -> None:
    if first + count - 1 > MAX_SEED:
        with pytest.raises(InvalidIntentError, match="seed"):
            seeds_from(first, count)
    else:
        seeds = seeds_from(first, count)
        assert seeds == tuple(range(first, first + count))
        assert INTENT.with_seed(seeds[-1]).checked().seed == seeds[-1]


@pytest.mark.parametrize(("first", "count"), [(0, 0), (0, 257), (-1, 1), (MAX_SEED, 2)])
def test_seeds_out_of_range(first: int, count: int) -> None:
    with pytest.raises(InvalidIntentError, match=r"the (count|seed) is"):
        seeds_from(first, count)
    assert seeds_from(MAX_SEED, 1) == (MAX_SEED,)
