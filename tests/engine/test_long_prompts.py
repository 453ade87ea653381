"""Prompts longer than their reader, through the real engine and worker: all of them is read."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from msgspec import UNSET
from msgspec.structs import replace

from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe, circumstances
from tui.engine.client import Client, RefusedError
from tui.engine.jobs import JobRequest
from tui.engine.messages import JobView
from tui.engine.models import local_model
from tui.engine.token_messages import AskTokens, TokenCounts
from tui.engine.tokens import TokenCounter
from tui.engine.worker.loading import load
from tui.engine.worker.placement import Placement
from tui.engine.worker.words import Words
from tui.engine.worker_messages import RunBatch
from tui.imaging.metadata import read_provenance
from tui.store.paths import Home

from .helpers import Pixels, assert_kept, levels, put_picture, request, run, submit
from .test_branches import branch, draw
from .test_drawing import rerun_of
from .test_encodings import same
from .test_inpainting import assert_only_the_mask_changed, repair
from .tiny_models import SIDE
from .tiny_models.families import TINY_FAMILIES
from .tiny_models.xl import save_tiny_xl

SMALL: dict[str, Any] = {"width": SIDE, "height": SIDE}
LONG = Layers(subject="a cat", detail=", ".join(["paper texture"] * 20), negatives="blurry")
"""Read in four parts of 38 tokens by the starter's tokenizer, which all tiny models have."""
PARTS = 4
LONGER = replace(LONG, detail=f"{LONG.detail}, warm light")
SHORT = Layers(subject="a cat", negatives="blurry")
NOISE = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)


@pytest.fixture(params=["SD", "SDXL"])
def model(request: pytest.FixtureRequest, tiny_model: Path, tmp_path: Path) -> str:
    """A folder of either family."""
    return str(tiny_model if request.param == "SD" else save_tiny_xl(tmp_path / "model"))


def recipe_of(view: JobView, slot: int = 0) -> Recipe:
    return read_provenance(Path(view.images[slot].path)).recipe


def pixels_of(view: JobView) -> list[Pixels]:
    return [levels(image.path) for image in view.images]


async def pixels(home: Home, job: JobRequest) -> list[Pixels]:
    view, _ = await run(home, replace(job, again=True))
    assert_kept(home, view, job.seeds)
    return pixels_of(view)


async def test_all_words_are_read_and_only_asked_for_are_left_out(warm: Home, model: str) -> None:
    long, longer = (request(1001, 1002, model=model, layers=it, **SMALL) for it in (LONG, LONGER))
    view, _ = await run(warm, long)
    assert_kept(warm, view, (1001, 1002))
    recipe = recipe_of(view)
    assert (recipe.chunks, recipe.version, recipe.prompt) == (PARTS, 2, LONG.prompt)
    # The last words count, unless it is wished otherwise.
    assert not same(await pixels(warm, longer), pixels_of(view))
    cut, cut_longer = (replace(job, long_prompts="cut") for job in (long, longer))
    assert same(await pixels(warm, cut), await pixels(warm, cut_longer))
    assert not same(await pixels(warm, cut), pixels_of(view))


async def test_both_ways_are_made_again_to_the_same_pixels(warm: Home, model: str) -> None:
    job = request(1011, 1012, model=model, layers=LONG, **SMALL)
    for way, chunks in (("chunks", PARTS), ("cut", UNSET)):
        view, _ = await run(warm, replace(job, long_prompts=way, again=True))
        recipe = recipe_of(view, 1)
        assert recipe.chunks == chunks
        rerun = replace(rerun_of(view.images[1].path), long_prompts=way)
        (again,) = (await run(warm, rerun))[0].images
        assert np.array_equal(levels(again.path), pixels_of(view)[1])
        assert circumstances(recipe, read_provenance(Path(again.path)).recipe) == []


async def test_what_exists_is_found_if_it_was_read_as_far(warm: Home, tiny_model: Path) -> None:
    job = request(1021, model=str(tiny_model), layers=LONG, **SMALL)
    cut = replace(job, long_prompts="cut")
    first, _ = await run(warm, cut)
    for wish, found in ((job, False), (job, True), (cut, True)):
        view, _ = await run(warm, wish)
        (image,) = view.images
        assert image.found is found
        assert (image.path == first.images[0].path) is (wish is cut)
        assert image.intent == first.images[0].intent


async def test_a_short_prompt_is_what_it_always_was(warm: Home, tiny_model: Path) -> None:
    job = request(1031, model=str(tiny_model), layers=SHORT, **SMALL)
    view, _ = await run(warm, job)
    cut, _ = await run(warm, replace(job, long_prompts="cut", again=True))
    assert same(pixels_of(view), pixels_of(cut))
    assert recipe_of(view).hash == recipe_of(cut).hash
    # Programs from before there were parts read it.
    assert recipe_of(view).version == 1
    assert "chunks" not in msgspec.to_builtins(recipe_of(view))


async def test_pictures_are_varied_and_repaired_by_long_prompts(warm: Home, model: str) -> None:
    job = request(1041, model=model, layers=LONG, **SMALL)
    start: dict[str, Any] = {"init_image": put_picture(warm, NOISE), "strength": 0.5, "steps": 4}
    varied, _ = await run(warm, replace(job, intent=replace(job.intent, **start)))
    repaired, _ = await run(warm, repair(warm, NOISE, 1042, model=model, layers=LONG))
    assert_only_the_mask_changed(NOISE, pixels_of(repaired)[0])
    assert [recipe_of(view).chunks for view in (varied, repaired)] == [PARTS, PARTS]


async def test_a_long_parent_is_branched_from(warm: Home, tiny_model: Path) -> None:
    job = request(1051, 1052, model=str(tiny_model), steps=4, layers=LONG, **SMALL)
    parent, all_steps = await draw(warm, job)
    child, told = await draw(warm, branch(job, job.intent, 2))
    assert same(parent, child)
    assert len(told) < len(all_steps)
    # A branch of the other way begins with steps of that way.
    cut, _ = await draw(warm, replace(job, long_prompts="cut", again=True))
    cut_child, _ = await draw(warm, replace(branch(job, job.intent, 2), long_prompts="cut"))
    assert same(cut, cut_child)


async def test_only_words_that_are_read_make_a_prompt_long(warm: Home, tiny_model: Path) -> None:
    layers = Layers(subject="a cat", negatives=LONG.detail)
    job = request(1061, model=str(tiny_model), layers=layers, guidance=1.0, **SMALL)
    view, _ = await run(warm, job)
    assert recipe_of(view).chunks is UNSET
    plain = replace(job, intent=replace(job.intent, layers=Layers(subject="a cat")))
    assert same(await pixels(warm, plain), pixels_of(view))


def test_parts_are_encoded_as_if_their_numbers_were_put_side_by_side(tiny_model: Path) -> None:
    place = local_model(str(tiny_model))
    model = load(place, Placement("cpu", "a processor", "float32"))
    job = request(1, 2, layers=LONG)
    batch = RunBatch(
        batch=1,
        intent=job.intent,
        seeds=job.seeds,
        wanted=(0,),
        model=place,
        device="cpu",
        precision="float32",
        threads=1,
        previews=False,
        chunked=True,
    )
    words = Words(model, batch, model.pipe)
    found = words.arguments(job.intent)
    tokenizer, encoder = model.pipe.tokenizer, model.pipe.text_encoder
    longest = tokenizer.model_max_length
    ids = tokenizer(LONG.prompt).input_ids[1:-1]
    rows = []
    for prompt, _ in words.pairs(job.intent):
        part = ids[: len(tokenizer(prompt.text).input_ids) - 2]
        ids = ids[len(part) :]
        ends = [tokenizer.pad_token_id] * (longest - len(part) - 2)
        rows.append([tokenizer.bos_token_id, *part, tokenizer.eos_token_id, *ends])
    assert ids == []
    with torch.no_grad():
        whole = encoder(torch.tensor(rows)).last_hidden_state.reshape(1, len(rows) * longest, -1)
    assert found["prompt_embeds"].shape == found["negative_prompt_embeds"].shape
    assert torch.allclose(found["prompt_embeds"], whole.expand(2, -1, -1), atol=1e-5)
    assert sorted(found) == ["negative_prompt_embeds", "prompt_embeds"]


# What is told of them


async def test_the_engine_counts_as_the_worker_reads(client: Client, model: str) -> None:
    texts = (LONG.prompt, SHORT.prompt)
    counts = await client.request(AskTokens(model=model, texts=texts), TokenCounts)
    assert [text.chunks for text in counts.texts] == [PARTS, 1]
    cut = TokenCounter(chunked=False).counts(model, texts)
    assert [text.chunks for text in cut.texts] == [1, 1]


def test_a_family_that_cuts_says_so(tmp_path: Path) -> None:
    folder = TINY_FAMILIES["PixArt"].save(tmp_path / "model")
    (found,) = TokenCounter().counts(str(folder), (", ".join(["paper texture"] * 200),)).texts
    assert len(found.spans) > found.limit
    assert found.chunks == 1


async def test_another_way_than_the_two_is_refused(client: Client) -> None:
    with pytest.raises(RefusedError, match="give `chunks` or `cut`"):
        await submit(client, request(1071, long_prompts="whole"))


async def test_a_short_child_of_a_long_parent_says_how_its_beginning_was_read(
    warm: Home, tiny_model: Path
) -> None:
    long = request(1071, model=str(tiny_model), steps=4, layers=LONG, **SMALL)
    short = replace(long, intent=replace(long.intent, layers=SHORT))
    job = branch(short, long.intent, 2)
    child, _ = await run(warm, job)
    assert recipe_of(child).chunks == PARTS
    again, _ = await run(warm, replace(job, long_prompts="chunks", again=True))
    assert same(pixels_of(again), pixels_of(child))
    # With the parent's words cut it would be another picture, so it is not taken for one.
    cut, _ = await run(warm, replace(job, long_prompts="cut"))
    assert recipe_of(cut).chunks is UNSET
    assert not same(pixels_of(cut), pixels_of(child))
