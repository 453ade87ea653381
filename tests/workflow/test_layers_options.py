import pytest
from msgspec.structs import replace

from tui.domain.lora import Lora
from tui.engine.model_facts import model_facts
from tui.workflow.option_rows import (
    ROWS,
    OptionError,
    as_usual,
    changed,
    for_model,
    offered,
    scheduler_choices,
    shown,
    usual,
)
from tui.workflow.options import Options

START = Options()
FACTS = model_facts("starter")


@pytest.mark.parametrize(
    ("row", "text", "fields"),
    [
        ("count", "6", {"count": 6}),
        ("seed", " 12 ", {"seed": 12}),
        ("steps", "30", {"steps": 30}),
        ("guidance", "4,5", {"guidance": 4.5}),
        ("size", "256x128", {"width": 256, "height": 128}),
        ("size", "256 × 128", {"width": 256, "height": 128}),
        ("size", "256", {"width": 256, "height": 256}),
        ("scheduler", "euler a", {"scheduler": "EulerAncestralDiscreteScheduler"}),
        ("scheduler", "", {"scheduler": ""}),
        ("step_cache", "0,2", {"step_cache": 0.2}),
        ("step_cache", "on", {"step_cache": 0.1}),
        ("distilled_guidance", "2,5", {"distilled_guidance": 2.5}),
        ("distilled_guidance", "own", {"distilled_guidance": 0.0}),
    ],
)
def test_a_typed_text_becomes_an_option(row: str, text: str, fields: dict[str, object]) -> None:
    new = changed(START, row, text)
    assert {name: getattr(new, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("count", "0"),
        ("count", "many"),
        ("count", "1000"),
        ("seed", "-1"),
        ("seed", "9" * 30),
        ("steps", ""),
        ("steps", "2.5"),
        ("guidance", "nan"),
        ("guidance", "inf"),
        ("size", "1 x 2 x 3"),
        ("size", "0 x 128"),
        ("size", "wide"),
        ("size", ""),
        ("scheduler", "no such"),
        ("step_cache", "much"),
        ("step_cache", "2"),
        ("distilled_guidance", "much"),
        ("distilled_guidance", "200"),
        ("steps", "\x1b[31m"),
    ],
)
def test_what_is_no_option_is_said_in_a_sentence(row: str, text: str) -> None:
    with pytest.raises(OptionError) as caught:
        changed(START, row, text)
    sentence = str(caught.value)
    assert ":" in sentence
    assert "\x1b" not in sentence


def test_a_step_cache_is_offered_where_the_model_has_one() -> None:
    having, on = replace(FACTS, step_cache=True), changed(START, "step_cache", "on")
    assert offered(START, "step_cache", having)
    assert not offered(START, "step_cache", FACTS)
    assert not offered(START, "step_cache", None)
    # What is on can be turned off, whatever the model is by now.
    assert offered(on, "step_cache", FACTS)
    some_have = ("step_cache", "distilled_guidance")
    assert all(offered(START, row, None) for row in ROWS if row not in some_have)
    assert usual(having, "step_cache") == "faster; changes the pixels"
    assert on.in_words().endswith(" · step cache 0.1")
    assert for_model(on, having).step_cache == 0.1
    assert for_model(on, FACTS).step_cache == 0.0


def test_distilled_guidance_is_offered_where_the_model_obeys_it() -> None:
    obeying, low = (
        replace(FACTS, distilled_guidance=True),
        changed(START, "distilled_guidance", "2"),
    )
    assert offered(START, "distilled_guidance", obeying)
    assert not offered(START, "distilled_guidance", FACTS)
    assert usual(obeying, "guidance").endswith("; above 1, half as fast")
    assert "above 1" not in usual(FACTS, "guidance")
    assert " · distilled 2 · " in low.in_words()
    # A number is one model's: another one has its own.
    assert for_model(low, obeying).distilled_guidance == 0.0


def test_a_seed_by_chance() -> None:
    seeds = {changed(START, "seed", "random").seed for _ in range(5)}
    assert len(seeds) > 1


def test_another_model_brings_what_is_usual_for_it() -> None:
    facts = model_facts("stabilityai/stable-diffusion-xl-base-1.0")
    new = for_model(changed(START, "count", "2"), facts)
    assert (new.model, new.width, new.steps, new.count) == (facts.model, 1024, 30, 2)
    assert usual(facts, "model") == "not here yet"


def test_each_row_goes_back_to_what_is_usual() -> None:
    other = Options(
        count=9, seed=1, steps=3, guidance=1.0, scheduler="DDPMScheduler", width=64, height=64,
        loras=(Lora("/loras/pixel.safetensors"),), vae="/models/soft",
        step_cache=0.1, distilled_guidance=2.0,
    )  # fmt: skip
    for row in ("loras", "vae", "step_cache", "distilled_guidance"):
        assert shown(as_usual(other, row, None), row) == shown(START, row)
    for row in ROWS[1:]:
        assert shown(as_usual(other, row, FACTS), row) == shown(START, row)
        assert shown(other, row) != shown(START, row)


def test_each_row_says_what_is_usual() -> None:
    assert usual(FACTS, "size") == "usual 128 × 128"
    assert usual(FACTS, "scheduler") == "own ddim"
    assert usual(None, "steps") == ""


def test_schedulers_are_offered_with_the_model_s_own_first() -> None:
    choices = scheduler_choices(FACTS)
    assert choices[0] == ("", "the model's own (ddim)")
    assert "DDIMScheduler" not in [name for name, _ in choices]
    assert len(choices) > 5
