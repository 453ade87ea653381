"""What other programs read: A1111's form, through a reader that is not ours."""

import io
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from sd_parsers import ParserManager

from tui.domain.lineage import Origin
from tui.domain.lora import Lora
from tui.domain.recipe import Recipe
from tui.domain.text import clean
from tui.imaging.metadata import write_png
from tui.imaging.parameters import parameters
from tui.imaging.pixels import pixel_hash

from .helpers import RECIPE, noise, recipe
from .strategies import PROMPTS


def read_by_others(given: Recipe) -> Any:
    picture = noise(4, 4)
    content = write_png(
        picture,
        recipe=given,
        image_id="i1",
        parent=None,
        origin=Origin.GENERATED,
        pixels=pixel_hash(picture),
    )
    found = ParserManager().parse(io.BytesIO(content))
    assert found is not None, "no program would know it"
    return found


def test_the_form_is_the_known_one() -> None:
    assert parameters(RECIPE) == (
        "a red fox\n"
        "Negative prompt: blurry\n"
        "Steps: 20, Sampler: DDIM, CFG scale: 4, Seed: 7, Size: 128x128, Model: starter"
    )


def test_a_branch_is_told_to_others_too() -> None:
    intent = msgspec.structs.replace(RECIPE.intent, branch=RECIPE.intent.begun(10))
    branched = msgspec.structs.replace(RECIPE, intent=intent)
    assert parameters(branched).endswith("Model: starter, Branch step: 10")
    assert read_by_others(branched).metadata["Branch step"] == "10"


def test_loras_and_another_autoencoder_are_told_as_that_program_writes_them() -> None:
    loras = Lora("/loras/pixel.safetensors", 0.8), Lora("/loras/a:b<c>.safetensors", -1)
    intent = RECIPE.intent.with_parts(loras, "/models/soft/vae")
    given = msgspec.structs.replace(RECIPE, intent=intent)
    prompt, _, settings = parameters(given).splitlines()
    assert prompt == "a red fox <lora:pixel:0.8> <lora:a-b-c-:-1>"
    assert settings.endswith("Model: starter, VAE: soft")
    found = read_by_others(given)
    assert found.full_prompt == prompt
    assert found.metadata["VAE"] == "soft"


def test_other_programs_read_what_was_written() -> None:
    found = read_by_others(recipe(strength=0.6, init_image="0" * 64, guidance=7.5, seed=2**63 - 1))
    (sampler,) = found.samplers
    assert (found.full_prompt, found.full_negative_prompt) == ("a red fox", "blurry")
    assert sampler.name == "DDIM"
    assert sampler.model.name == "starter"
    assert sampler.parameters == {"cfg_scale": "7.5", "seed": str(2**63 - 1), "steps": "20"}
    assert found.metadata == {"Size": "128x128", "Denoising strength": "0.6"}


@pytest.mark.parametrize(
    "prompt",
    [
        "fox, (red hat, blue coat:1.2), [dim]",
        'a sign that says "open", 5" wide',
        "狐 🦊, café",
        "Steps: 99, Sampler: Euler, CFG scale: 1, Seed: 5",
        'backslash \\ and {"json": [1]}',
    ],
)
def test_prompts_survive_whole(prompt: str) -> None:
    found = read_by_others(recipe(prompt, prompt + ", too"))
    assert (found.full_prompt, found.full_negative_prompt) == (prompt, prompt + ", too")
    assert found.samplers[0].parameters["seed"] == "7"


@given(PROMPTS, PROMPTS)
def test_no_prompt_breaks_the_form(prompt: str, negative: str) -> None:
    found = read_by_others(recipe(prompt, negative))
    assert found.samplers[0].parameters == {"cfg_scale": "4", "seed": "7", "steps": "20"}

    def spaced(text: str) -> str:
        return clean(text).replace("Negative prompt:", "Negative prompt :")

    assert found.full_prompt == spaced(prompt)
    assert found.full_negative_prompt == spaced(negative)


def test_without_prompts_only_the_settings_are_left() -> None:
    assert parameters(recipe("", "")).startswith("Steps: 20, ")
    assert parameters(recipe("", "bad")).startswith("Negative prompt: bad\nSteps: 20, ")


@pytest.mark.parametrize(
    ("model", "written"),
    [
        ("/home/ada/models/fox-v2/", "fox-v2"),
        ("stabilityai/sdxl", "sdxl"),
        ("/m/a, Seed: 9", '"a, Seed- 9"'),
        ('/m/say "hi"', json.dumps('say "hi"')),
        ("/", "unknown"),
    ],
)
def test_models_go_by_their_short_name_quoted_where_needed(model: str, written: str) -> None:
    given = recipe(model=model)
    assert parameters(given).endswith(f", Model: {written}")
    assert read_by_others(given).samplers[0].parameters["seed"] == "7"


def test_schedulers_go_by_the_names_others_know() -> None:
    names = {
        "EulerAncestralDiscreteScheduler": "Euler a",
        "DPMSolverMultistepScheduler": "DPM++ 2M",
        "SomeNewScheduler": "SomeNewScheduler",
    }
    for scheduler, name in names.items():
        given = msgspec.structs.replace(RECIPE, scheduler=scheduler)
        assert read_by_others(given).samplers[0].name == name
