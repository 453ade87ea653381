"""Images enlarged by super-resolution models, through the real engine and its worker."""

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import save_file

from tui.domain.lineage import Origin
from tui.engine.client import Client, RefusedError
from tui.engine.messages import Cancel, Done, Follow, JobChanged, JobIs, StepDone
from tui.engine.models import ModelError
from tui.engine.upscalers import upscaler_at, upscalers_in
from tui.engine.worker.esrgan import Esrgan, load_esrgan
from tui.imaging.errors import ImagingError
from tui.imaging.metadata import read_edited
from tui.imaging.operations import apply
from tui.imaging.source_type import COMPOSITE, source_type
from tui.imaging.upscale import Upscale
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import event, levels, request, run, submit
from .upscalers import (
    enlarging,
    imported,
    nearest,
    noise,
    real_name,
    renamed,
    repeated,
    save,
    save_swin,
)


@pytest.mark.parametrize(("height", "width"), [(40, 600), (1, 1), (257, 17)])
async def test_every_pixel_is_where_it_belongs_over_all_tiles(
    warm: Home, tmp_path: Path, height: int, width: int
) -> None:
    model = save(nearest(doublings=2), tmp_path / "four.safetensors")
    picture = noise(height, width)
    parent = imported(warm, picture, tmp_path)
    view, heard = await run(warm, enlarging(warm, model, picture, parent))
    assert (view.state, view.error) == (JobState.DONE, "")
    (made,) = view.images
    assert (levels(made.path) == repeated(picture, 4)).all()
    tiles = -(-height // 256) * -(-width // 256)
    steps = [said for said, _ in heard if isinstance(said, StepDone)]
    assert [(said.step, said.steps) for said in steps] == [(n + 1, tiles) for n in range(tiles)]
    said = read_edited(Path(made.path))
    (operation,) = said.operations.operations
    assert isinstance(operation, Upscale)
    assert (operation.model, operation.scale, operation.tile) == ("four", 4, 256)
    with pytest.raises(ImagingError, match="enlarged by the model four"):
        apply(said.operations.operations, picture)
    assert (said.parent, said.origin) == (parent, Origin.EDITED)
    assert source_type(Path(made.path)) == COMPOSITE
    with open_store(warm) as store:
        record = store.images.get(made.id)
        assert (record.parent_id, record.origin, record.recipe) == (parent, Origin.EDITED, None)
        assert (record.width, record.height) == (width * 4, height * 4)


async def test_asked_again_it_is_found(warm: Home, tmp_path: Path) -> None:
    model = save(nearest(), tmp_path / "two.safetensors")
    picture = noise(20, 30)
    job = enlarging(warm, model, picture, imported(warm, picture, tmp_path))
    first, _ = await run(warm, job)
    second, _ = await run(warm, job)
    assert [(image.id, image.found) for image in second.images] == [(first.images[0].id, True)]


async def test_swin2sr_answers_as_transformers_does(warm: Home, tmp_path: Path) -> None:
    model = save_swin(tmp_path / "swin")
    picture = noise(32, 48)
    parent = imported(warm, picture, tmp_path)
    view, _ = await run(warm, enlarging(warm, tmp_path / "swin", picture, parent))
    assert (view.state, view.error) == (JobState.DONE, "")
    with torch.inference_mode():
        given = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
        expected = model(given).reconstruction[0].clamp(0, 1).permute(1, 2, 0).numpy() * 255
    found = levels(view.images[0].path)
    assert found.shape == (64, 96, 3)
    assert np.abs(found - expected).max() < 1


async def test_a_cancelled_one_leaves_nothing_and_the_worker_draws_on(
    warm: Home, client: Client, tmp_path: Path
) -> None:
    model = save(nearest(features=32, doublings=2), tmp_path / "slow.safetensors")
    picture = noise(512, 4096)
    parent = imported(warm, picture, tmp_path)
    job = await submit(client, enlarging(warm, model, picture, parent))
    await event(client, StepDone, job)
    await client.request(Cancel(job=job), Done)
    view = (await client.request(Follow(job=job), JobIs)).job
    if view.state is not JobState.CANCELLED:
        await event(client, JobChanged, job, lambda now: now.state is JobState.CANCELLED)
    assert (await client.request(Follow(job=job), JobIs)).job.images == ()
    after, _ = await run(warm, request(901))
    assert after.state is JobState.DONE


async def test_what_cannot_be_enlarged_is_refused_in_words(
    warm: Home, client: Client, tmp_path: Path
) -> None:
    model = save(nearest(), tmp_path / "two.safetensors")
    picture = noise(8, 8)
    good = enlarging(warm, model, picture, imported(warm, picture, tmp_path))

    async def refusal(**changes: object) -> str:
        with pytest.raises(RefusedError) as caught:
            await submit(client, replace(good, **changes))
        return str(caught.value)

    drawn = request(1, model=str(model))
    with pytest.raises(RefusedError, match="cannot draw any: choose another model"):
        await submit(client, drawn)
    assert "one image of a project at a time" in await refusal(parent=None)
    assert "one image of a project at a time" in await refusal(seeds=(0, 1))
    huge = replace(good.intent, width=16_000)
    assert "more than 16384 pixels a side: crop it first" in await refusal(intent=huge)


def random_esrgan(**sizes: int) -> Esrgan:
    torch.manual_seed(1)
    return Esrgan(**({"features": 6, "growth": 3, "blocks": 2, "doublings": 2} | sizes))


@pytest.mark.parametrize(
    ("doublings", "unshuffle", "scale"), [(2, 1, 4), (1, 1, 2), (2, 2, 2), (2, 4, 1), (3, 1, 8)]
)
def test_the_files_of_three_programs_are_one_network(
    tmp_path: Path, doublings: int, unshuffle: int, scale: int
) -> None:
    network = random_esrgan(doublings=doublings, unshuffle=unshuffle)
    tensors = network.state_dict()
    names = (
        {name: f"params_ema.{real_name(name)}" for name in tensors},
        renamed(tensors, real=True),
        renamed(tensors, real=False),
    )
    for number, theirs in enumerate(names):
        file = tmp_path / f"{number}.safetensors"
        save_file({theirs[name]: tensor for name, tensor in tensors.items()}, file)
        found = upscaler_at(str(file))
        assert found is not None
        assert found.scale == scale
        loaded = load_esrgan(file).state_dict()
        assert loaded.keys() == tensors.keys()
        assert all((loaded[name] == tensor).all() for name, tensor in tensors.items())


def test_only_upscalers_are_offered_and_the_broken_say_why(tmp_path: Path) -> None:
    tensors = random_esrgan(unshuffle=1).state_dict()
    save(random_esrgan(unshuffle=1), tmp_path / "good.safetensors")
    save_file({"lora_down.weight": torch.zeros(2, 2)}, tmp_path / "lora.safetensors")
    without = {real_name(name): value for name, value in tensors.items() if "first" not in name}
    save_file(without, tmp_path / "headless.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "good.safetensors").read_bytes()[:-100])
    (tmp_path / "old.pth").write_bytes(b"pickle")
    save_swin(tmp_path / "swin")
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no model")
    cut, good, old, swin = upscalers_in((tmp_path, tmp_path / "nowhere"))
    assert isinstance(cut, str)
    assert "is cut short" in cut
    assert not isinstance(good, str)
    assert (good.name, good.scale) == ("good", 4)
    assert isinstance(old, str)
    assert "old.pth is a pickle file" in old
    assert not isinstance(swin, str)
    assert (swin.name, swin.scale) == ("swin", 2)
    config = tmp_path / "swin" / "config.json"
    config.write_text(config.read_text().replace('"upscale": 2', '"upscale": 900'))
    with pytest.raises(ModelError, match="enlarges 900 times"):
        upscaler_at(str(tmp_path / "swin"))
