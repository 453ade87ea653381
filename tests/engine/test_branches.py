"""Branches: drawn from the middle of their parents, exactly, by every scheduler."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.engine.jobs import JobRequest
from tui.engine.messages import JobView, StepDone
from tui.engine.supervisor import stop_engine
from tui.imaging.metadata import read_provenance
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import Pixels, levels, request, run
from .test_drawing import rerun_of
from .test_schedulers import FITTING
from .tiny_models import SIDE, save_tiny_flux

SMALL: dict[str, Any] = {"width": 64, "height": 64}
"""Not what the starter was trained for, but quick, and the same code."""
WORDS = Layers(subject="a dog", style="cartoon")


async def draw(home: Home, job: JobRequest) -> tuple[list[Pixels], list[int]]:
    """Pixels, and the steps that were told of; the first is 1 unless some were left out."""
    view, heard = await run(home, job)
    assert view.state is JobState.DONE, view.error
    steps = [event.step for event, _ in heard if isinstance(event, StepDone)]
    return pixels_of(view), steps


def pixels_of(view: JobView) -> list[Pixels]:
    return [levels(image.path) for image in view.images]


def same(some: list[Pixels], others: list[Pixels]) -> bool:
    return len(some) == len(others) and all(
        bool((one == other).all()) for one, other in zip(some, others, strict=True)
    )


def branch(job: JobRequest, parent: Intent, step: int, **changes: Any) -> JobRequest:
    """The job of a parent, with something changed after so many of its steps."""
    intent = replace(job.intent, **changes, branch=parent.begun(step)).checked()
    return replace(job, intent=intent, again=True)


def forget(home: Home) -> None:
    shutil.rmtree(home.latents, ignore_errors=True)


@pytest.mark.parametrize("scheduler", FITTING)
async def test_a_branch_without_a_change_is_its_parent(warm: Home, scheduler: str) -> None:
    job = request(501, 502, scheduler=scheduler, steps=4, **SMALL)
    parent, told = await draw(warm, job)
    last = told[-1]
    for step in (1, 3):
        pixels, steps = await draw(warm, branch(job, job.intent, step))
        assert same(pixels, parent)
        # The parent's own steps were kept. Heun and its like ask their model twice a step.
        assert steps == list(range(steps[0], last + 1))
        assert steps[0] in (step, 2 * step)
    changed = branch(job, job.intent, 2, layers=WORDS, guidance=6.0)
    kept, _ = await draw(warm, changed)
    assert not same(kept, parent)
    forget(warm)
    # Without them the parent's steps are computed again, to the same bits.
    again, steps = await draw(warm, changed)
    assert same(again, kept)
    assert steps == list(range(1, last + 1))


async def test_a_branch_of_a_branch_is_made_again_from_nothing(home: Home) -> None:
    first = request(511, 512, 513, steps=8, **SMALL)
    await draw(home, first)
    second = branch(first, first.intent, 4, layers=WORDS)
    middle, steps = await draw(home, second)
    assert steps[0] == 4
    third = branch(second, second.intent, 6, guidance=7.0)
    view, _ = await run(home, third)
    made = pixels_of(view)
    # Where the parent had not begun with its own words, its first steps are its parent's.
    early = branch(second, second.intent, 2, layers=WORDS)
    assert early.intent.branch == first.intent.begun(2)
    unchanged, _ = await draw(home, branch(second, second.intent, 6))
    assert same(unchanged, middle)
    recipe = read_provenance(Path(view.images[1].path)).recipe
    assert recipe.intent == third.intent.with_seed(512)
    assert await stop_engine(home)
    for begun in (6, 1):
        # A worker that has drawn nothing yet; then also without anything kept.
        again, steps = await draw(home, rerun_of(view.images[1].path))
        assert same(again, made[1:2])
        assert steps[0] == begun
        forget(home)


async def test_latents_that_were_tampered_with_are_computed_again(warm: Home) -> None:
    job = request(521, steps=4, **SMALL)
    forget(warm)
    parent, _ = await draw(warm, job)
    files = sorted(warm.latents.iterdir())
    assert len(files) == 3
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        content = bytearray(file.read_bytes())
        content[-5] ^= 1
        file.write_bytes(content)
    pixels, steps = await draw(warm, branch(job, job.intent, 2))
    assert same(pixels, parent)
    assert steps[0] == 1
    assert (await draw(warm, branch(job, job.intent, 2)))[1][0] == 2


async def test_another_batch_takes_nothing_over_but_computes_it(warm: Home) -> None:
    """Latents of a batch of two are not those of a batch of one, not to the last bit."""
    job = request(531, 532, steps=4, **SMALL)
    await draw(warm, job)
    alone = replace(job, seeds=(531,), again=True)
    parent, _ = await draw(warm, alone)
    forget(warm)
    await draw(warm, replace(job, again=True))
    pixels, steps = await draw(warm, branch(alone, alone.intent, 2))
    assert steps[0] == 1
    assert same(pixels, parent)


async def test_flow_matching_and_packed_latents_branch_too(warm: Home, tmp_path: Path) -> None:
    folder = save_tiny_flux(tmp_path / "flux")
    model: dict[str, Any] = {"model": str(folder), "width": SIDE, "height": SIDE}
    job = request(541, 542, steps=4, **model)
    parent, _ = await draw(warm, job)
    for step in (1, 3):
        pixels, steps = await draw(warm, branch(job, job.intent, step))
        assert same(pixels, parent)
        assert steps[0] == step
    forget(warm)
    assert same((await draw(warm, branch(job, job.intent, 3)))[0], parent)
    assert not same((await draw(warm, branch(job, job.intent, 1, layers=WORDS)))[0], parent)


def test_the_oldest_latents_go_first(tmp_path: Path) -> None:
    import torch

    from tui.engine.worker.branching import Midway
    from tui.engine.worker.kept_latents import KeptLatents

    latents = KeptLatents(tmp_path / "latents", 50_000)

    def midway(number: int) -> Midway:
        return Midway(number, {"value": number}, {"t0": torch.full((5_000,), number * 1.0)})

    for number in (1, 2):
        latents.put(str(number), midway(number))
    assert latents.get("1") is not None
    latents.put("3", midway(3))
    assert latents.get("2") is None
    for key, number in (("1", 1), ("3", 3)):
        found = latents.get(key)
        assert found is not None
        assert (found.calls, found.tree) == (number, {"value": number})
        assert bool((found.tensors["t0"] == number).all())
