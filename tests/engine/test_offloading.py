"""Offloading by diffusers' own hooks, which here move from the processor to itself.

Without a GPU nothing is saved, but all hooks run, and pixels must not notice.
"""

from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace

from tui.domain.recipe import Route
from tui.engine.models import local_model
from tui.engine.worker.drawing import Drawing
from tui.engine.worker.ladder import Offload
from tui.engine.worker.loading import Model, load
from tui.engine.worker.offloading import apply_offload, computes_on, offloads_of
from tui.engine.worker.placement import place
from tui.engine.worker_messages import VaePlace
from tui.imaging.pixels import png_bytes

from .helpers import Pixels
from .test_out_of_memory import order
from .tiny_models import SIDE, save_tiny_flux, save_tiny_model


@pytest.fixture(scope="module", params=["stable diffusion", "flux"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    if request.param == "flux":
        return save_tiny_flux(folder)
    return save_tiny_model(folder, channels=4)


def loaded(model: Path, offload: Offload = Offload.NONE) -> Model:
    return load(local_model(str(model)), place("cpu", "float32"), offload)


def drawn(model: Model, init_image: str = "") -> list[Pixels]:
    batch = order(Path(model.place.folder), 1, init_image=init_image)
    batch = replace(batch, previews=True)
    if init_image:
        batch = replace(batch, intent=replace(batch.intent, strength=0.9))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        drawing = Drawing(
            model,
            batch,
            on_step=lambda *_: None,
            on_preview=lambda *_: None,
            stopped=lambda: False,
        )
        assert drawing.route is (Route.IMAGE_TO_IMAGE if init_image else Route.TEXT_TO_IMAGE)
        return [pixels for _, pixels, _, _ in drawing.slots()]
    finally:
        torch.set_num_threads(threads)


def assert_same(some: list[Pixels], others: list[Pixels]) -> None:
    assert [image.tobytes() for image in some] == [image.tobytes() for image in others]


@pytest.mark.parametrize("offload", [Offload.PARTS, Offload.LAYERS])
def test_a_model_that_waits_elsewhere_draws_the_same(
    model: Path, offload: Offload, tmp_path: Path
) -> None:
    from PIL import Image

    start = tmp_path / "start.png"
    start.write_bytes(png_bytes(Image.new("RGB", (SIDE, SIDE), (200, 60, 30))))
    plain, spared = loaded(model), loaded(model, offload)
    assert spared.offload is offload
    for init_image in ("", str(start), ""):
        assert_same(drawn(spared, init_image), drawn(plain, init_image))
    assert computes_on(spared.vae).type == "cpu"


def test_a_loaded_model_is_offloaded_further_and_further(model: Path) -> None:
    own = loaded(model)
    before = drawn(own)
    apply_offload(own.pipe, "cpu", Offload.PARTS)
    hooks: Any = own.denoiser
    assert hasattr(hooks, "_hf_hook")
    assert_same(drawn(own), before)
    apply_offload(own.pipe, "cpu", Offload.LAYERS)
    assert not hasattr(hooks, "_hf_hook"), "both kinds of hooks would move it twice"
    assert any(hasattr(part, "_diffusers_hook") for part in hooks.modules())
    assert_same(drawn(own), before)


@pytest.fixture
def soft(model: Path, tmp_path: Path) -> VaePlace:
    """Another autoencoder for the model."""
    vae = loaded(model).vae
    with torch.no_grad():
        for weights in vae.decoder.parameters():
            weights.mul_(0.9)
    vae.save_pretrained(tmp_path / "soft")
    return VaePlace("soft", str(tmp_path / "soft"), "soft")


def hooked(vae: torch.nn.Module) -> Offload:
    """How this autoencoder comes to its device."""
    if any(hasattr(part, "_diffusers_hook") for part in vae.modules()):
        return Offload.LAYERS
    return Offload.PARTS if hasattr(vae, "_hf_hook") else Offload.NONE


@pytest.mark.parametrize("offload", [Offload.PARTS, Offload.LAYERS])
def test_another_autoencoder_is_offloaded_as_the_model_s_own_is(
    model: Path, offload: Offload, soft: VaePlace
) -> None:
    plain, spared = loaded(model), loaded(model, offload)
    own, bare = spared.vae, drawn(plain)
    for vae in (soft, None, soft):
        plain.wear((), vae)
        spared.wear((), vae)
        assert hooked(plain.vae) is Offload.NONE
        assert hooked(spared.vae) is offload
        assert (spared.vae is own) is (vae is None)
        assert_same(drawn(spared), drawn(plain))
        changed = [image.tobytes() for image in drawn(plain)] != [each.tobytes() for each in bare]
        assert changed is (vae is not None)


def test_a_model_that_steps_down_offloads_its_own_autoencoder_when_it_is_back(
    model: Path, soft: VaePlace
) -> None:
    spared = loaded(model)
    own, before = spared.vae, drawn(spared)
    spared.wear((), soft)
    for offload in (Offload.PARTS, Offload.LAYERS):
        apply_offload(spared.pipe, "cpu", offload)
        spared.offload = offload
        assert hooked(spared.vae) is offload
        spared.wear((), None)
        assert spared.vae is own
        assert hooked(own) is offload
        assert_same(drawn(spared), before)
        spared.wear((), soft)
        assert hooked(spared.vae) is offload


def test_what_there_is_is_found_by_looking(model: Path) -> None:
    pipe = loaded(model).pipe
    assert offloads_of(pipe, "cpu") == ()
    assert offloads_of(pipe, "cuda:0") == (Offload.PARTS, Offload.LAYERS)
    assert offloads_of(None, "cuda:0") == (Offload.PARTS,)
    pipe.model_cpu_offload_seq = None
    assert offloads_of(pipe, "cuda:0") == (Offload.LAYERS,)
    pipe.vae._supports_group_offloading = False
    assert offloads_of(pipe, "cuda:0") == ()
