"""A worker that really gets no more memory: the system refuses it beyond a limit."""

import asyncio
import json
import os
import resource
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tui.domain.adjustments import TILED
from tui.engine.client import Client
from tui.engine.messages import JobSays
from tui.engine.supervisor import connect
from tui.imaging.metadata import read_edited, read_provenance
from tui.imaging.upscale import Upscale
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import levels, request, root_of, run, status
from .tiny_models import SIDE, save_tiny_model
from .upscalers import enlarging, imported, nearest, noise, repeated, save

LARGE = 512
"""Pixels a side; one layer's answer while decoding takes 32 MiB."""
ROOM = 96 << 20
"""Bytes that the worker is given beyond what it has; tiles take less, a whole picture twice."""
IN_TILES = (
    "memory ran out while decoding: "
    "going on in tiles, which is slower and changes the pixels a little"
)
TOO_LARGE = (
    "does not fit into the device's memory: end what else uses that, or choose a smaller model"
)


def save_variant(folder: Path, source: Path, **parts: Any) -> Path:
    """The tiny model with other random parts."""
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(source, local_files_only=True)
    for name, part in parts.items():
        setattr(pipe, name, part)
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder


@pytest.fixture(scope="module")
def deep_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that draws large pictures from few latents, so that decoding takes most memory."""
    from diffusers import AutoencoderKL

    folder = tmp_path_factory.mktemp("models")
    vae = AutoencoderKL(
        block_out_channels=(32,) * 4, latent_channels=4, layers_per_block=1, sample_size=SIDE,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        mid_block_add_attention=False,
    )  # fmt: skip
    return save_variant(folder / "deep", save_tiny_model(folder / "tiny", channels=4), vae=vae)


@pytest.fixture(scope="module")
def fat_model(deep_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose weights alone are more than `ROOM`."""
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel(
        block_out_channels=(224, 448), layers_per_block=1, sample_size=SIDE // 2,
        in_channels=4, out_channels=4, cross_attention_dim=32, attention_head_dim=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    assert sum(weight.nbytes for weight in unet.parameters()) > 1.5 * ROOM
    return save_variant(tmp_path_factory.mktemp("models") / "fat", deep_model, unet=unet)


def memory_of(pid: int) -> int:
    """Bytes that a process may write to and shares with none."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmData:"))


async def limit_worker(client: Client, room: int = ROOM) -> None:
    """Let the worker have no more than that beyond what it has.

    The limit is on what it writes to: a limit on addresses also counts what a new thread's heap
    sets aside and never uses, and then it is chance what is left.
    """
    pid = (await status(client)).worker_pid
    assert pid is not None
    resource.prlimit(pid, resource.RLIMIT_DATA, (memory_of(pid) + room, resource.RLIM_INFINITY))


def troubles(heard: list[tuple[Any, bytes]]) -> list[str]:
    return [event.text for event, _ in heard if isinstance(event, JobSays) and event.is_trouble]


async def rerun(home: Home, path: str) -> Any:
    """What `keepers rerun --json` says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui", "rerun", path, "--json",
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "KEEPERS_HOME": root_of(home)},
    )  # fmt: skip
    said, _ = await process.communicate()
    return json.loads(said)


async def test_a_worker_without_memory_goes_on_as_long_as_it_can(
    home: Home, deep_model: Path, fat_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is large is given back at once: by itself the C library soon keeps it in its heap, and
    # where the holes in that are is chance.
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", str(1 << 20))
    rest: dict[str, Any] = {"steps": 1, "threads": 1}
    small = request(1, model=str(deep_model), width=SIDE, height=SIDE, **rest)
    first, _ = await run(home, small)
    assert first.state is JobState.DONE, first.error
    client = await connect(home)
    await limit_worker(client)
    worker = (await status(client)).worker_pid
    assert worker is not None

    wish = request(2, model=str(deep_model), width=LARGE, height=LARGE, **rest)
    tiled, heard = await run(home, wish)
    assert tiled.state is JobState.DONE, tiled.error
    assert troubles(heard) == [IN_TILES]
    path = tiled.images[0].path
    assert read_provenance(Path(path)).recipe.adjustments == (TILED,)
    assert stat.S_IMODE(home.memory.stat().st_mode) == 0o600

    found, _ = await run(home, wish)
    assert [(image.id, image.found) for image in found.images] == [(tiled.images[0].id, True)]
    assert (await rerun(home, path)) == {
        "verdict": "identical",
        "mean_level": 0.0,
        "max_level": 0,
        "altered": False,
        "changed": [],
    }

    before = memory_of(worker)
    fat, heard = await run(home, request(1, model=str(fat_model), width=SIDE, height=SIDE, **rest))
    assert fat.state is JobState.FAILED
    assert fat.error == f"{fat_model} {TOO_LARGE}"
    assert troubles(heard) == []
    assert memory_of(worker) < before + (8 << 20), "nothing of it is held"
    # What the libraries keep of the sizes that they have drawn is no longer the model's room.
    await limit_worker(client)
    after, _ = await run(home, replace(small, again=True))
    assert after.state is JobState.DONE, after.error
    assert (await status(client)).worker_pid == worker, "the worker survived all of it"
    await client.close()


async def test_enlarging_goes_on_in_smaller_tiles(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", str(1 << 20))
    # A layer is given 85 MiB and gives as much for a tile of 256 with its margin, 26 for 128.
    model = save(nearest(features=64), tmp_path / "wide.safetensors")
    small, large = noise(8, 8), noise(256, 256)
    first, _ = await run(home, enlarging(home, model, small, imported(home, small, tmp_path)))
    assert first.state is JobState.DONE, first.error
    client = await connect(home)
    await limit_worker(client, 144 << 20)

    view, heard = await run(home, enlarging(home, model, large, imported(home, large, tmp_path)))
    assert view.state is JobState.DONE, view.error
    assert troubles(heard) == ["memory ran out while enlarging: going on in tiles of 128 pixels"]
    made = view.images[0].path
    assert (levels(made) == repeated(large, 2)).all()
    (operation,) = read_edited(Path(made)).operations.operations
    assert isinstance(operation, Upscale)
    assert operation.tile == 128
    await client.close()
