"""Other families than the starter's, as random models of the real classes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui.domain.recipe import Route
from tui.engine.client import RefusedError
from tui.imaging.metadata import read_provenance
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import assert_kept, levels, put_picture, request, run
from .test_inpainting import assert_only_the_mask_changed, repair
from .tiny_models import SIDE, save_tiny_model

NOISE = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)


async def test_a_plain_stable_diffusion_draws_varies_and_repairs(
    warm: Home, tiny_model: Path
) -> None:
    model: dict[str, Any] = {"model": str(tiny_model), "width": SIDE, "height": SIDE}
    drawn, _ = await run(warm, request(301, 302, **model))
    assert_kept(warm, drawn, (301, 302))
    picture = put_picture(warm, NOISE)
    varied, _ = await run(warm, request(303, init_image=picture, strength=0.8, steps=4, **model))
    assert_kept(warm, varied, (303,))
    repaired, _ = await run(warm, repair(warm, NOISE, 304, 305, model=str(tiny_model)))
    assert_kept(warm, repaired, (304, 305))
    for image in repaired.images:
        assert_only_the_mask_changed(NOISE, levels(image.path))
    assert (levels(repaired.images[0].path) != levels(repaired.images[1].path)).any()
    recipes = [
        read_provenance(Path(each.images[0].path)).recipe for each in (drawn, varied, repaired)
    ]
    assert [(recipe.route, recipe.pipeline) for recipe in recipes] == [
        (Route.TEXT_TO_IMAGE, "StableDiffusionPipeline"),
        (Route.IMAGE_TO_IMAGE, "StableDiffusionImg2ImgPipeline"),
        (Route.INPAINT, "StableDiffusionInpaintPipeline"),
    ]
    assert {recipe.scheduler for recipe in recipes} == {"PNDMScheduler"}
    for seeds, one, job in (
        ((301, 302), drawn, request(301, 302, again=True, **model)),
        ((304, 305), repaired, repair(warm, NOISE, 304, 305, model=str(tiny_model), again=True)),
    ):
        other, _ = await run(warm, job)
        assert_kept(warm, other, seeds)
        for before, after in zip(one.images, other.images, strict=True):
            assert (levels(before.path) == levels(after.path)).all()


async def test_a_model_made_for_inpainting_repairs_and_explains_the_rest(
    warm: Home, tiny_inpaint_model: Path
) -> None:
    name = str(tiny_inpaint_model)
    repaired, _ = await run(warm, repair(warm, NOISE, 311, model=name))
    assert_kept(warm, repaired, (311,))
    assert_only_the_mask_changed(NOISE, levels(repaired.images[0].path))
    recipe = read_provenance(Path(repaired.images[0].path)).recipe
    assert (recipe.route, recipe.pipeline) == (Route.INPAINT, "StableDiffusionInpaintPipeline")
    picture = put_picture(warm, NOISE)
    for job in (
        request(312, model=name, width=SIDE, height=SIDE),
        request(313, model=name, width=SIDE, height=SIDE, init_image=picture, strength=0.9),
    ):
        view, _ = await run(warm, job)
        assert view.state is JobState.FAILED
        assert view.error == (
            f"{name} only repairs parts of a picture: give it a picture and a mask, "
            "or choose another model"
        )


async def test_a_safety_checker_is_diffusers_own_code_and_asked(warm: Home, tmp_path: Path) -> None:
    model = save_tiny_model(tmp_path / "model", channels=4, checked=True)
    view, _ = await run(warm, request(1, 2, model=str(model), width=SIDE, height=SIDE))
    assert_kept(warm, view, (1, 2))
    index = model / "model_index.json"
    index.write_text(index.read_text().replace('"stable_diffusion"', '"os"'))
    with pytest.raises(RefusedError, match="wants its safety_checker from “os”, which is code"):
        await run(warm, request(model=str(model)))


async def test_sizes_follow_the_model(warm: Home, tiny_model: Path) -> None:
    job = request(321, model=str(tiny_model), width=SIDE * 2, height=SIDE - 8)
    view, _ = await run(warm, job)
    assert_kept(warm, view, (321,))
    # Its autoencoder halves, but the pipeline insists on eight.
    with pytest.raises(RefusedError, match="in multiples of 8, not 66 × 62: choose 64 × 64"):
        await run(warm, request(321, model=str(tiny_model), width=SIDE + 2, height=SIDE - 2))
    assert levels(view.images[0].path).shape == (SIDE - 8, SIDE * 2, 3)


async def test_the_model_changes_with_the_job(warm: Home, tiny_model: Path) -> None:
    for model, side in (("starter", 128), (str(tiny_model), SIDE), ("starter", 128)):
        view, _ = await run(warm, request(331, model=model, width=side, height=side, again=True))
        assert_kept(warm, view, (331,))
