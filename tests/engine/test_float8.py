"""Weights in float8: half the memory, other pixels, the same on every way to spare more of it."""

from pathlib import Path

import pytest
import torch

from tui.engine.fit import Shape, fit
from tui.engine.model_messages import ModelPart
from tui.engine.models import local_model
from tui.engine.room import Room
from tui.engine.worker.ladder import Offload
from tui.engine.worker.loading import LoadingError, Model, load
from tui.engine.worker.placement import place
from tui.engine.worker_messages import LoraFile
from tui.imaging.metadata import read_provenance
from tui.store.paths import Home
from tui.store.settings import load_settings

from .helpers import assert_kept, request, run
from .test_offloading import assert_same, drawn
from .tiny_models import SIDE, save_tiny_flux, save_tiny_model


@pytest.fixture(scope="module", params=["stable diffusion", "flux"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    if request.param == "flux":
        return save_tiny_flux(folder)
    return save_tiny_model(folder, channels=4)


def loaded(model: Path, offload: Offload = Offload.NONE, precision: str = "float8") -> Model:
    return load(local_model(str(model)), place("cpu", precision), offload)


def size(model: Model) -> int:
    assert model.denoiser is not None
    return sum(weight.nbytes for weight in model.denoiser.parameters())


def test_the_denoiser_is_small_and_offloading_changes_no_pixel(model: Path) -> None:
    usual = loaded(model, precision="auto")
    small = loaded(model)
    assert size(small) < 0.6 * size(usual)
    assert {weight.dtype for weight in small.vae.parameters()} == {small.placement.dtype}
    assert small.denoiser is not None
    assert small.denoiser.dtype == small.placement.dtype
    first = drawn(small)
    assert any((one != other).any() for one, other in zip(first, drawn(usual), strict=True))
    # Each layer is small again once it has computed.
    assert size(small) < 0.6 * size(usual)
    for offload in (Offload.PARTS, Offload.LAYERS):
        assert_same(first, drawn(loaded(model, offload)))


def test_a_lora_is_refused_in_words(model: Path) -> None:
    with pytest.raises(LoadingError, match="no LoRA goes on a model in float8: set precision to"):
        loaded(model).wear((LoraFile("/a.safetensors", "/a.safetensors", "0" * 64, 1.0),), None)


async def test_the_recipe_says_so(warm: Home, model: Path) -> None:
    job = request(5, model=str(model), width=SIDE, height=SIDE, precision="float8", threads=1)
    view, _ = await run(warm, job)
    assert_kept(warm, view, (5,))
    assert read_provenance(Path(view.images[0].path)).recipe.precision == "float8"


def test_the_estimate_counts_a_byte_for_each_of_its_weights(home: Home) -> None:
    home.settings_file.write_text('precision = "float8"\n')
    assert load_settings(home).precision == "float8"
    parts = (
        ModelPart("transformer", "", 24 * 10**9, {"BF16": 24 * 10**9}),
        ModelPart("text_encoder", "", 10**9, {"BF16": 10**9}),
    )
    weights = [
        fit(parts, Shape(0, 0), Room("GPU", 10**12, precision, 10**12, on_gpu=True)).weights
        for precision in ("bfloat16", "float8")
    ]
    assert weights == [25 * 10**9, 13 * 10**9]
    assert torch.float8_e4m3fn.itemsize == 1
