from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui.domain.lineage import Origin
from tui.domain.recipe import Route
from tui.engine.jobs import JobRequest
from tui.imaging.metadata import read_provenance
from tui.imaging.source_type import COMPOSITE, source_type
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import Pixels, assert_kept, levels, put_picture, request, run

BLENDING = ("EulerDiscreteScheduler", "HeunDiscreteScheduler", "DPMSolverMultistepScheduler")


def mask_of(height: int, width: int) -> Pixels:
    """A rectangle off the centre, with a half-selected rim on its left."""
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 : height // 2, width // 3 : width * 3 // 4] = 255
    mask[height // 4 : height // 2, width // 3 - 4 : width // 3] = 128
    return mask


def repair(home: Home, picture: Pixels, *seeds: int, **changes: Any) -> JobRequest:
    height, width = picture.shape[:2]
    fields: dict[str, Any] = {
        "strength": 0.9,
        "steps": 4,
        "init_image": put_picture(home, picture),
        "mask": put_picture(home, mask_of(height, width)),
        "width": width,
        "height": height,
        "origin": Origin.INPAINTED,
    }
    return request(*seeds, subject="a red ball", **(fields | changes))


def assert_only_the_mask_changed(before: Pixels, after: Pixels) -> None:
    free = mask_of(*before.shape[:2]) > 0
    assert (before[~free] == after[~free]).all()
    assert (before[free] != after[free]).any()


async def test_the_starter_repairs_inside_the_mask_alone(warm: Home) -> None:
    drawn, _ = await run(warm, request(201))
    parent = drawn.images[0]
    before = levels(parent.path)
    job = repair(warm, before, 202, 203, parent=parent.id)
    view, _ = await run(warm, job)
    assert_kept(warm, view, (202, 203))
    first, second = (levels(image.path) for image in view.images)
    for after in (first, second):
        assert_only_the_mask_changed(before, after)
    assert (first != second).any()
    with open_store(warm) as store:
        for image in view.images:
            record = store.images.get(image.id)
            assert (record.parent_id, record.origin) == (parent.id, Origin.INPAINTED)
            provenance = read_provenance(Path(image.path))
            assert provenance.origin is Origin.INPAINTED
            assert provenance.recipe.route is Route.INPAINT
            assert source_type(Path(image.path)) == COMPOSITE
    again, _ = await run(warm, repair(warm, before, 202, 203, parent=parent.id, again=True))
    assert (levels(again.images[1].path) == second).all()


async def test_a_matched_seam_is_in_the_recipe_and_comes_out_the_same(warm: Home) -> None:
    before = np.random.default_rng(3).integers(90, 160, (128, 128, 3), np.uint8)
    plain, _ = await run(warm, repair(warm, before, 210))
    view, _ = await run(warm, repair(warm, before, 210, match_seam=True))
    as_painted, matched = (levels(found.images[0].path) for found in (plain, view))
    assert_only_the_mask_changed(before, matched)
    assert (as_painted != matched).any()
    ring = mask_of(128, 128) > 0
    ring[36:60, 42:92] = False
    off = [
        np.abs(after[ring].mean(axis=0) - before[ring].mean(axis=0)).max()
        for after in (as_painted, matched)
    ]
    assert off[1] < off[0]
    recipe = read_provenance(Path(view.images[0].path)).recipe
    assert (recipe.intent.match_seam, recipe.intent.version) == (True, 3)
    again, _ = await run(warm, repair(warm, before, 210, match_seam=True, again=True))
    assert (levels(again.images[0].path) == matched).all()


@pytest.mark.parametrize("size", [(128, 128), (97, 250), (301, 61)])
async def test_pictures_of_any_size_are_repaired(warm: Home, size: tuple[int, int]) -> None:
    before = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    view, _ = await run(warm, repair(warm, before, 204, context=0, feather=0))
    assert view.state is JobState.DONE, view.error
    assert_only_the_mask_changed(before, levels(view.images[0].path))


async def test_an_empty_mask_is_explained(warm: Home) -> None:
    before = np.zeros((128, 128, 3), np.uint8)
    empty = put_picture(warm, np.zeros((128, 128), np.uint8))
    view, _ = await run(warm, repair(warm, before, 205, mask=empty))
    assert view.state is JobState.FAILED
    assert "is all black, so there is nothing to paint: make white" in view.error


async def test_a_mask_of_another_size_is_explained(warm: Home) -> None:
    before = np.zeros((128, 128, 3), np.uint8)
    other = put_picture(warm, mask_of(64, 64))
    view, _ = await run(warm, repair(warm, before, 206, mask=other))
    assert view.state is JobState.FAILED
    assert "mask" in view.error
    assert ": " in view.error


@pytest.mark.parametrize("scheduler", BLENDING)
async def test_blending_works_with_every_kind_of_scheduler(
    warm: Home, tiny_wide_model: Path, scheduler: str
) -> None:
    before = np.full((64, 64, 3), 90, np.uint8)
    model = str(tiny_wide_model)
    view, _ = await run(warm, repair(warm, before, 207, scheduler=scheduler, model=model))
    assert view.state is JobState.DONE, view.error
    path = view.images[0].path
    assert read_provenance(Path(path)).recipe.route is Route.BLEND
    assert_only_the_mask_changed(before, levels(path))
