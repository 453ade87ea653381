"""Convolutions lie channels last where that is worth it, and networks without them as they were."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tui.engine.models import local_model
from tui.engine.worker import autoencoder, layout
from tui.engine.worker.ladder import Offload
from tui.engine.worker.latents import encode
from tui.engine.worker.loading import load
from tui.engine.worker.placement import place
from tui.engine.worker.previews import preview_jpegs
from tui.engine.worker_messages import VaePlace

from .tiny_models import SIDE, save_tiny_model
from .tiny_models.packed import save_tiny_qwen

WEIGHTS = "diffusion_pytorch_model.safetensors"


def is_last(network: torch.nn.Module) -> bool:
    """Of all weights that have a choice."""
    kernels = [w for w in network.parameters() if w.ndim == 4 and max(w.shape[2:]) > 1]
    return all(
        kernel.is_contiguous(memory_format=torch.channels_last) and not kernel.is_contiguous()
        for kernel in kernels
        if kernel.shape[1] > 1
    )


@pytest.mark.parametrize("offload", [Offload.NONE, Offload.PARTS, Offload.LAYERS])
def test_the_denoiser_and_the_autoencoder_lie_channels_last(
    tmp_path: Path, offload: Offload
) -> None:
    model = save_tiny_model(tmp_path / "tiny", channels=4)
    loaded = load(local_model(str(model)), place("cpu", "float32"), offload)
    assert is_last(loaded.pipe.unet)
    assert is_last(loaded.pipe.vae)
    loaded.wear((), VaePlace("soft", str(model / "vae"), "other"))
    assert is_last(loaded.pipe.vae)


def test_what_is_too_large_for_a_copy_stays_on_the_processor_and_not_on_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "_MOST_COPIED", 1)
    model = save_tiny_model(tmp_path / "tiny", channels=4)
    unet = load(local_model(str(model)), place("cpu", "float32")).pipe.unet
    assert not is_last(unet)
    layout.lay_out(unet, "cuda:0")
    assert is_last(unet)


def test_what_was_copied_from_its_file_is_not_held_there_too(tmp_path: Path) -> None:
    model = save_tiny_model(tmp_path / "tiny", channels=4)
    loaded = load(local_model(str(model)), place("cpu", "float32"))
    mapped = Path("/proc/self/maps").read_text()
    assert str(model / "text_encoder") in mapped
    assert str(model / "vae") not in mapped
    for name, weight in load_file(model / "vae" / WEIGHTS).items():
        own = loaded.vae.state_dict()[name]
        assert torch.equal(own, weight)
        # Where sums begin may decide in which order they are added up.
        if weight.ndim < 4:
            assert own.data_ptr() % 64 == weight.data_ptr() % 64


def test_an_encoder_that_was_asked_for_previews_alone_rests_in_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autoencoder, "_WORTH_READING", 1)
    model = save_tiny_model(tmp_path / "tiny", channels=4)
    loaded = load(local_model(str(model)), place("cpu", "float32"))
    picture = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)) * 2 - 1
    before = encode(loaded.vae, picture)
    assert preview_jpegs(loaded, before, (SIDE, SIDE))
    assert layout.is_in_file(loaded.vae.encoder)
    assert not layout.is_in_file(loaded.vae.decoder)
    # A picture to start from wakes it, laid out as it was.
    assert torch.equal(encode(loaded.vae, picture), before)
    assert not layout.is_in_file(loaded.vae.encoder)
    assert is_last(loaded.vae)


def test_films_networks_stay_as_they_are(tmp_path: Path) -> None:
    model = save_tiny_qwen(tmp_path / "tiny")
    vae = load(local_model(str(model)), place("cpu", "float32")).pipe.vae
    assert {5} <= {weight.ndim for weight in vae.parameters()}
    assert all(weight.is_contiguous() for weight in vae.parameters())
    layout.lay_out(None, "cpu")
