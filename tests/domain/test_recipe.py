from typing import Any

import pytest
from msgspec.structs import replace

from tui.domain.recipe import Recipe, Route, circumstances
from tui.domain.versioned import from_json, to_json

from .strategies import INTENT, RECIPE

OTHER: dict[str, tuple[Any, str]] = {
    "route": (Route.INPAINT, "route text to image → inpaint"),
    "prompt": ("cat", "prompt robot, red hat, 3d render → cat"),
    "negative_prompt": ("", "negative prompt blurry → none"),
    "pipeline": ("FluxPipeline", "pipeline StableDiffusionPipeline → FluxPipeline"),
    "scheduler": ("PNDMScheduler", "scheduler DDIMScheduler → PNDMScheduler"),
    "model_revision": ("def", "model revision abc → def"),
    "batch_size": (2, "batch size 4 → 2"),
    "slot": (3, "slot 0 → 3"),
    "precision": ("bfloat16", "precision float32 → bfloat16"),
    "device": ("H100", "device cpu → H100"),
    "threads": (8, "threads 2 → 8"),
    "adjustments": (("tiles", "slices"), "adjustments none → tiles, slices"),
    "chunks": (3, "chunks none → 3"),
    "vae_revision": ("folder-1", "vae revision none → folder-1"),
    "compiled": ("inductor", "compiled none → inductor"),
    "prompt_weights": ("compel", "prompt weights none → compel"),
    "versions": (RECIPE.versions | {"torch": "2.13"}, "torch 2.6 → 2.13"),
}


@pytest.mark.parametrize("field", OTHER)
def test_each_circumstance_is_said_and_hashed(field: str) -> None:
    value, phrase = OTHER[field]
    after = replace(RECIPE, **{field: value})
    assert circumstances(RECIPE, after) == [phrase]
    assert after.hash != RECIPE.hash


def test_every_field_is_covered() -> None:
    assert OTHER.keys() | {"intent", "version", "lora_hashes"} == set(Recipe.__struct_fields__)


def test_the_program_and_the_intent_are_no_circumstances() -> None:
    newer = replace(RECIPE, versions=RECIPE.versions | {"keepers": "0.2"})
    assert circumstances(RECIPE, newer) == []
    other = replace(RECIPE, intent=INTENT.with_seed(8))
    assert circumstances(RECIPE, other) == []
    assert other.hash != RECIPE.hash


def test_a_recipe_is_of_the_oldest_version_that_knows_all_of_it() -> None:
    told: list[tuple[int, dict[str, Any]]] = [
        (1, {}),
        (2, {"chunks": 3}),
        (3, {"lora_hashes": ("a" * 64,)}),
        (3, {"vae_revision": "folder-1", "chunks": 3}),
        (4, {"compiled": "inductor"}),
        (4, {"compiled": "inductor", "vae_revision": "folder-1"}),
        (5, {"prompt_weights": "compel", "compiled": "inductor"}),
    ]
    for version, fields in told:
        recipe = replace(RECIPE, **fields).in_oldest_version()
        assert recipe.version == version
        assert from_json(to_json(recipe), Recipe) == recipe
    assert "compiled" not in to_json(RECIPE)


def test_a_version_that_is_gone_is_said() -> None:
    assert circumstances(RECIPE, replace(RECIPE, versions={"torch": "2.6"})) == [
        "diffusers 0.42.1 → none"
    ]


def test_the_hash_does_not_depend_on_the_order_of_versions() -> None:
    turned = dict(reversed(RECIPE.versions.items()))
    assert replace(RECIPE, versions=turned).hash == RECIPE.hash
