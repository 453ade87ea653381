from pathlib import Path

import pytest

from tui.domain.schedulers import SCHEDULERS
from tui.imaging.metadata import read_provenance
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import levels, request, run

UNFITTING = ("LCMScheduler", "FlowMatchEulerDiscreteScheduler", "NoSuchScheduler")
FITTING = sorted(set(SCHEDULERS.values()) - set(UNFITTING))


@pytest.mark.parametrize("scheduler", FITTING)
async def test_each_scheduler_draws_the_same_twice(warm: Home, scheduler: str) -> None:
    pixels = []
    for _ in range(2):
        view, _ = await run(warm, request(401, scheduler=scheduler, steps=3, again=True))
        assert view.state is JobState.DONE, view.error
        pixels.append(levels(view.images[0].path))
        assert read_provenance(Path(view.images[0].path)).recipe.scheduler == scheduler
    assert (pixels[0] == pixels[1]).all()
    assert pixels[0].std() > 0


async def test_the_models_own_scheduler_is_not_touched_by_others(warm: Home) -> None:
    own, _ = await run(warm, request(402, again=True))
    await run(warm, request(402, scheduler="EulerAncestralDiscreteScheduler"))
    after, _ = await run(warm, request(402, again=True))
    assert (levels(own.images[0].path) == levels(after.images[0].path)).all()


@pytest.mark.parametrize("scheduler", UNFITTING)
async def test_a_scheduler_that_does_not_fit_is_explained(warm: Home, scheduler: str) -> None:
    view, _ = await run(warm, request(403, scheduler=scheduler))
    assert view.state is JobState.FAILED
    assert view.error.startswith(f"“{scheduler}” does not fit this model: choose one of DDIM")
