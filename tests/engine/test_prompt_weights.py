"""Weights in prompts, through the real engine and worker: obeyed, read as words, made again."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from msgspec import UNSET
from msgspec.structs import replace

from tui.domain.prompt import Layers
from tui.domain.recipe import circumstances
from tui.domain.weights import weighted
from tui.engine.client import Client
from tui.engine.models import local_model
from tui.engine.token_messages import AskTokens, TokenCounts
from tui.engine.tokens import TokenCounter
from tui.engine.worker.ladder import Offload
from tui.engine.worker.loading import load
from tui.engine.worker.offloading import apply_offload
from tui.engine.worker.placement import Placement
from tui.engine.worker.weighting import weigh
from tui.imaging.metadata import read_provenance
from tui.store.paths import Home

from .helpers import levels, request, run
from .test_branches import branch, draw
from .test_drawing import rerun_of
from .test_encodings import same
from .test_long_prompts import SMALL, pixels, pixels_of, recipe_of
from .tiny_models.families import TINY_FAMILIES
from .tiny_models.xl import save_tiny_xl

PLAIN = Layers(subject="a cat, red hat", negatives="blurry")
HEAVY = replace(PLAIN, subject="a cat, (red hat:1.4)")
LIGHT = replace(PLAIN, subject="a cat, (red hat:0.6)")


@pytest.fixture(params=["SD", "SDXL"])
def model(request: pytest.FixtureRequest, tiny_model: Path, tmp_path: Path) -> str:
    """A folder of either family."""
    return str(tiny_model if request.param == "SD" else save_tiny_xl(tmp_path / "model"))


def wish(model: str | Path, layers: Layers, *seeds: int, **more: Any) -> Any:
    return request(*seeds, model=str(model), layers=layers, **SMALL, **more)


async def test_weights_are_obeyed_and_made_again(warm: Home, model: str) -> None:
    made = {}
    for layers in (PLAIN, HEAVY, LIGHT):
        view, _ = await run(warm, wish(model, layers, 1101, 1102))
        made[layers] = pixels_of(view)
        recipe = recipe_of(view, 1)
        is_weighed = layers is not PLAIN
        assert (recipe.prompt_weights == "compel", "compel" in recipe.versions) == (is_weighed,) * 2
        assert recipe.version == (5 if is_weighed else 1)
        assert recipe.prompt == layers.prompt
        rerun = replace(
            rerun_of(view.images[1].path), prompt_weights="obey" if is_weighed else "words"
        )
        (again,) = (await run(warm, rerun))[0].images
        assert np.array_equal(levels(again.path), made[layers][1])
        assert circumstances(recipe, read_provenance(Path(again.path)).recipe) == []
    assert not same(made[PLAIN], made[HEAVY])
    assert not same(made[PLAIN], made[LIGHT])
    # 1 is what words weigh anyhow, and an escaped bracket is none.
    one = replace(PLAIN, subject=r"a cat, (red hat:1.0)")
    assert same(await pixels(warm, wish(model, one, 1101, 1102)), made[PLAIN])


async def test_negatives_and_long_prompts_are_weighed_too(warm: Home, model: str) -> None:
    long = ", ".join(["paper texture"] * 12)
    for plain, heavy in (
        (PLAIN, replace(PLAIN, negatives="(blurry:1.5)")),
        (
            replace(PLAIN, detail=f"{long}, red hat"),
            replace(PLAIN, detail=f"{long}, (red hat:1.5)"),
        ),
    ):
        one, _ = await run(warm, wish(model, plain, 1111))
        other, _ = await run(warm, wish(model, heavy, 1111))
        assert recipe_of(one).chunks == recipe_of(other).chunks
        assert not same(pixels_of(one), pixels_of(other))
    # Negatives that are not read have no weight either.
    unread, _ = await run(warm, wish(model, replace(PLAIN, negatives="(x:2)"), 1112, guidance=1.0))
    assert recipe_of(unread).prompt_weights is UNSET


async def test_what_was_read_as_words_is_another_picture(warm: Home, tiny_model: Path) -> None:
    obeyed = wish(tiny_model, HEAVY, 1121)
    as_words = replace(obeyed, prompt_weights="words")
    first, _ = await run(warm, as_words)
    assert recipe_of(first).prompt_weights is UNSET
    assert "prompt_weights" not in msgspec.to_builtins(recipe_of(first))
    for job, found in ((obeyed, False), (obeyed, True), (as_words, True)):
        view, _ = await run(warm, job)
        assert view.images[0].found is found
        assert (view.images[0].path == first.images[0].path) is (job is as_words)


async def test_other_families_read_them_as_words(warm: Home, tmp_path: Path) -> None:
    folder = TINY_FAMILIES["PixArt"].save(tmp_path / "model")
    view, _ = await run(warm, wish(folder, HEAVY, 1131))
    assert recipe_of(view).prompt_weights is UNSET
    assert not TokenCounter().counts(str(folder), (HEAVY.prompt,)).weighs


async def test_a_branch_begins_with_its_parents_weights(warm: Home, tiny_model: Path) -> None:
    job = wish(tiny_model, HEAVY, 1141, 1142, steps=4)
    parent, all_steps = await draw(warm, job)
    child, told = await draw(warm, branch(job, job.intent, 2))
    assert same(parent, child)
    assert len(told) < len(all_steps)
    # Steps that were kept of it do not serve who reads the same as words.
    cut = replace(branch(job, job.intent, 2), prompt_weights="words")
    begun = replace(cut, again=True)
    other, _ = await draw(warm, begun)
    assert not same(other, child)


async def test_signs_of_weights_are_no_tokens(client: Client, tiny_model: Path) -> None:
    texts = (PLAIN.prompt, HEAVY.prompt)
    counts = await client.request(AskTokens(model=str(tiny_model), texts=texts), TokenCounts)
    plain, heavy = counts.texts
    assert counts.weighs
    assert len(plain.spans) == len(heavy.spans)
    assert [HEAVY.prompt[start:end] for start, end in heavy.spans][-2:] == ["red", "hat"]


@pytest.mark.parametrize("offload", [Offload.NONE, Offload.LAYERS])
def test_words_of_weight_one_are_read_as_the_pipeline_reads_them(
    model: str, offload: Offload
) -> None:
    """What compel reads is what the pipeline reads: same layer, same order, same places."""
    pipe = load(local_model(model), Placement("cpu", "a processor", "float32")).pipe
    if offload:
        apply_offload(pipe, "cpu", offload)
    words = weighted("a cat, (red hat:1.001), (paper:0.999)")
    prompt = [words.text] * 2
    with torch.no_grad():
        read = pipe.encode_prompt(
            prompt=prompt,
            device=torch.device("cpu"),
            num_images_per_prompt=1,
            do_classifier_free_guidance=True,
        )[0]
        found = weigh(pipe, words, read, torch.device("cpu"))
    assert found.shape == read.shape
    assert torch.allclose(found, read, atol=1e-2)
    assert not torch.equal(found, read)
