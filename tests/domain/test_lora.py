"""LoRAs and the autoencoder in a wish: keys, changes, names, and what stays as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from tui.domain.change import changes
from tui.domain.intent import Intent, InvalidIntentError
from tui.domain.lora import Lora, in_words, lora_names
from tui.domain.recipe import Recipe, circumstances
from tui.domain.sweep import Sweep, SweepError, offered
from tui.domain.text import clean
from tui.domain.versioned import from_json, to_json

from .strategies import ANY_TEXT, INTENT, RECIPE

PIXEL, GRAIN = Lora("/loras/pixel.safetensors", 0.8), Lora("/loras/grain.safetensors", 0.5)


def having(*loras: Lora, vae: str = "") -> Intent:
    return INTENT.with_parts(loras, vae)


def test_without_any_a_wish_is_what_it_was_before_there_were_any() -> None:
    assert having() == INTENT
    assert having().key == replace(INTENT, loras=(), vae="").key == INTENT.key
    assert "lora" not in to_json(INTENT)
    assert "vae" not in to_json(replace(RECIPE, intent=INTENT))


def test_each_part_makes_another_wish_and_older_programs_are_told() -> None:
    wishes = [
        INTENT,
        having(PIXEL),
        having(replace(PIXEL, weight=0.6)),
        having(PIXEL, GRAIN),
        having(GRAIN, PIXEL),
        having(vae="/vae/soft"),
        replace(having(PIXEL), branch=INTENT.begun(10)),
    ]
    assert len({wish.key for wish in wishes}) == len(wishes)
    assert [wish.checked().version for wish in wishes] == [1, 4, 4, 4, 4, 4, 4]
    for wish in wishes:
        recipe = replace(RECIPE, intent=wish.checked(), lora_hashes=("a" * 64,), version=3)
        assert from_json(to_json(recipe), Recipe) == recipe


def test_weights_are_equal_where_they_are_the_same_number() -> None:
    assert having(replace(PIXEL, weight=-0.0)).key == having(replace(PIXEL, weight=0)).key
    assert having(replace(PIXEL, weight=0.80000001)).key == having(PIXEL).key


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([PIXEL], [replace(PIXEL, weight=0.6)], ["LoRA pixel: 0.8 → 0.6"]),
        ([], [PIXEL], ["LoRA pixel: added “0.8”"]),
        ([PIXEL, GRAIN], [GRAIN], ["LoRA pixel: removed “0.8”"]),
        ([PIXEL, GRAIN], [GRAIN, PIXEL], ["order of the LoRAs: pixel, grain → grain, pixel"]),
        (
            [PIXEL],
            [Lora("/new/pixel.safetensors", 0.8)],
            ["LoRA loras/pixel: removed “0.8”", "LoRA new/pixel: added “0.8”"],
        ),
    ],
)
def test_one_lora_is_one_element(before: list[Lora], after: list[Lora], said: list[str]) -> None:
    assert [str(each) for each in changes(having(*before), having(*after))] == said


def test_another_autoencoder_is_one_element() -> None:
    found = changes(INTENT, having(vae="/models/soft/vae"))
    assert [str(each) for each in found] == ["VAE: the model's own → soft"]
    assert len(changes(having(vae="/a/soft"), having(vae="/b/soft"))) == 1


LISTS = st.lists(
    st.builds(
        Lora,
        st.sampled_from(["/a/x.safetensors", "/b/x.safetensors", "/a/y.safetensors", "o/n/x"]),
        st.sampled_from([0.0, 0.5, 1.0]),
    ),
    unique_by=lambda lora: lora.reference,
).map(tuple)


@given(LISTS, LISTS)
def test_changes_are_found_both_ways_and_none_for_equal_wishes(
    before: tuple[Lora, ...], after: tuple[Lora, ...]
) -> None:
    there, back = (changes(having(*a), having(*b)) for a, b in ((before, after), (after, before)))
    assert (there == ()) is (having(*before).key == having(*after).key)
    assert {(e.where, e.after, e.before) for e in there} == {
        (e.where, e.before, e.after) for e in back
    }


@given(st.sets(ANY_TEXT.map(lambda text: f"/loras/{text}.safetensors"), max_size=6))
def test_names_are_harmless_and_tell_all_apart(references: set[str]) -> None:
    names = lora_names(sorted(references))
    assert len(set(names.values())) == len(references)
    assert all(name == clean(name) for name in names.values())


@pytest.mark.parametrize(
    ("loras", "said"),
    [
        ((replace(PIXEL, weight=float("nan")),), "weight of the LoRA pixel is nan"),
        ((replace(PIXEL, weight=11),), "from -10 to 10"),
        ((PIXEL, PIXEL), "pixel is there twice"),
        ((Lora("/loras/\x1b]2;x\x07.safetensors"),), "rename the file"),
        ((Lora(""),), "rename the file"),
        (tuple(Lora(f"/{n}.safetensors") for n in range(17)), "at most 16"),
    ],
)
def test_what_cannot_be_is_refused(loras: tuple[Lora, ...], said: str) -> None:
    with pytest.raises(InvalidIntentError, match=said):
        having(*loras).checked()


def test_a_sweep_takes_weights_and_without() -> None:
    sweep = Sweep("", "LoRA pixel", "0.8", -1, ("0.4", "-", "1"), (1, 2), having(PIXEL, GRAIN), "p")
    columns = sweep.columns()
    assert [str(column.element) for column in columns] == [
        "LoRA pixel: 0.8 → 0.4",
        "LoRA pixel: removed “0.8”",
        "LoRA pixel: 0.8 → 1",
    ]
    assert columns[1].intent.lora_list == (GRAIN,)
    assert "0.25" in offered("LoRA pixel", having(PIXEL))
    assert replace(sweep, values=("0.80", "0.4", "0.40")).distinct().values == ("0.4",)
    for base, value, said in (
        (having(PIXEL), "much", "is no weight"),
        (having(PIXEL), "99", "from -10 to 10"),
        (having(GRAIN), "1", "has no LoRA pixel"),
    ):
        with pytest.raises(SweepError, match=said):
            replace(sweep, base=base, values=(value,)).columns()


def test_a_file_that_is_another_by_now_is_told() -> None:
    before = replace(RECIPE, intent=having(PIXEL), lora_hashes=("a" * 64,), version=3)
    after = replace(before, lora_hashes=("b" * 64,))
    assert circumstances(before, before) == []
    told = f"LoRA pixel is another file: {'a' * 12} → {'b' * 12}"
    assert circumstances(before, after) == [told]
    assert circumstances(replace(RECIPE, vae_revision="folder-1"), RECIPE) == [
        "vae revision folder-1 → none"
    ]
    assert RECIPE.lora_hashes is UNSET


def test_a_list_in_words() -> None:
    assert in_words((PIXEL, GRAIN)) == "pixel 0.8, grain 0.5"
