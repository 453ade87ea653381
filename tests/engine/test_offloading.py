"""Offloading by diffusers' own hooks, which here move from the processor to itself.

Without a GPU nothing is saved, but all hooks run, and pixels must not notice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import hooks
from diffusers.hooks import group_offloading
from msgspec.structs import replace
from PIL import Image

from tui.domain.recipe import Route
from tui.engine.models import local_model
from tui.engine.worker import drawing as drawing_module
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
from .tiny_models.gridded import save_tiny_pixart
from .tiny_models.xl import save_tiny_xl

pytestmark = pytest.mark.filterwarnings(
    # Some schedulers use numpy's older ways, and SDXL an older one of its own.
    "ignore:__array__ implementation:DeprecationWarning",
    "ignore:.upcast_vae. is deprecated:FutureWarning",
)


@pytest.fixture(scope="module", params=["stable diffusion", "sdxl", "flux"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    if request.param == "flux":
        return save_tiny_flux(folder)
    if request.param == "sdxl":
        return save_tiny_xl(folder)
    return save_tiny_model(folder, channels=4)


def loaded(model: Path, offload: Offload = Offload.NONE, precision: str = "float32") -> Model:
    return load(local_model(str(model)), place("cpu", precision), offload)


def drawn(
    model: Model,
    init_image: str = "",
    mask: str = "",
    *,
    previews: bool = True,
    route: Route | None = None,
) -> list[Pixels]:
    batch = order(Path(model.place.folder), 1, init_image=init_image, mask=mask)
    batch = replace(batch, previews=previews)
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
        changes = route or (Route.INPAINT if mask else Route.IMAGE_TO_IMAGE)
        assert drawing.route is (changes if init_image else Route.TEXT_TO_IMAGE)
        return [pixels for _, pixels, _, _ in drawing.slots()]
    finally:
        torch.set_num_threads(threads)


def assert_same(some: list[Pixels], others: list[Pixels]) -> None:
    assert [image.tobytes() for image in some] == [image.tobytes() for image in others]


@pytest.mark.parametrize("offload", [Offload.PARTS, Offload.LAYERS])
def test_a_model_that_waits_elsewhere_draws_the_same(
    model: Path, offload: Offload, tmp_path: Path
) -> None:
    start = tmp_path / "start.png"
    start.write_bytes(png_bytes(Image.new("RGB", (SIDE, SIDE), (200, 60, 30))))
    plain, spared = loaded(model), loaded(model, offload)
    assert spared.offload is offload
    for init_image in ("", str(start), ""):
        assert_same(drawn(spared, init_image), drawn(plain, init_image))
    assert computes_on(spared.vae).type == "cpu"


class Stream(torch.cpu.Stream):
    """One of a processor, which has nothing to wait for."""

    def synchronize(self) -> None:
        """All is done at once."""


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[torch.nn.Module]:
    """The parts that are moved as on a GPU, ahead of their turn, to the processor."""
    found: list[torch.nn.Module] = []

    def apply(module: torch.nn.Module, onload_device: torch.device, **how: Any) -> None:
        assert onload_device.type == "cuda"
        here, is_ahead = torch.device("cpu"), how["use_stream"]
        found.extend([module] * is_ahead)
        config = group_offloading.GroupOffloadingConfig(
            onload_device=here,
            offload_device=here,
            offload_type=group_offloading.GroupOffloadingType(how["offload_type"]),
            non_blocking=False,
            record_stream=False,
            low_cpu_mem_usage=True,
            stream=Stream() if is_ahead else None,
        )
        group_offloading._apply_group_offloading(module, config)

    @contextmanager
    def unpinned(group: Any) -> Iterator[Any]:
        yield group.cpu_param_dict

    monkeypatch.setattr(hooks, "apply_group_offloading", apply)
    monkeypatch.setattr(group_offloading.ModuleGroup, "_pinned_memory_tensors", unpinned)
    monkeypatch.setattr(torch.cpu, "current_stream", lambda _device=None: Stream())
    return found


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_an_autoencoder_that_is_made_more_precise_meanwhile_stays_whole(
    tmp_path: Path, precision: str, streams: list[torch.nn.Module]
) -> None:
    picture, mask = tmp_path / "start.png", tmp_path / "mask.png"
    picture.write_bytes(png_bytes(Image.new("RGB", (SIDE, SIDE), (200, 60, 30))))
    hole = Image.new("L", (SIDE, SIDE))
    hole.paste(255, (16, 16, 48, 40))
    mask.write_bytes(png_bytes(hole))
    folder = save_tiny_xl(tmp_path / "tiny")
    plain, spared = loaded(folder, precision=precision), loaded(folder, precision=precision)
    apply_offload(spared.pipe, "cuda:0", Offload.LAYERS)
    spared.offload = Offload.LAYERS
    assert spared.denoiser in streams, "the largest part is worth it"
    types: list[set[torch.dtype]] = []
    for part in (spared.vae.encoder.conv_in, spared.vae.decoder.conv_in):
        part.register_forward_pre_hook(
            lambda *_: types.append({weight.dtype for weight in spared.vae.parameters()})
        )
    for given in ((), (str(picture),), (str(picture), str(mask)), ()):
        assert_same(drawn(spared, *given), drawn(plain, *given))
    assert all(len(found) == 1 for found in types), "never half of it"
    assert {torch.float32} in types
    assert spared.vae.dtype is plain.vae.dtype is spared.placement.dtype


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


@pytest.mark.parametrize("offload", [Offload.NONE, Offload.PARTS, Offload.LAYERS])
def test_no_preview_has_the_network_leave_the_device(
    model: Path, offload: Offload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing_module, "_PREVIEW_SECONDS", 0.0)
    own = loaded(model, offload)
    happened = happening(own, encodes="fits")
    hooked_at_first = hooked(own.vae)
    drawn(own, previews=False)
    assert "fits" not in happened, "nobody wants a picture"
    happened.clear()
    drawn(own)
    assert happened.count("fits") == 1
    assert happened[: 2 if offload else 1] == (["fits", "frees"] if offload else ["draws"])
    assert own.factors is not None
    assert hooked(own.vae) is hooked_at_first
    happened.clear()
    drawn(own)
    assert "fits" not in happened, "once is enough"


def test_no_known_picture_has_the_network_leave_the_device(tmp_path: Path) -> None:
    picture, mask = tmp_path / "start.png", tmp_path / "mask.png"
    picture.write_bytes(png_bytes(Image.new("RGB", (SIDE, SIDE), (200, 60, 30))))
    hole = Image.new("L", (SIDE, SIDE))
    hole.paste(255, (16, 16, 48, 40))
    mask.write_bytes(png_bytes(hole))
    folder = save_tiny_pixart(tmp_path / "tiny")
    plain, spared = loaded(folder), loaded(folder, Offload.PARTS)
    happened = happening(spared)
    for given, route in (
        ((str(picture),), Route.IMAGE_TO_IMAGE),
        ((str(picture), str(mask)), Route.BLEND),
    ):
        happened.clear()
        assert_same(
            drawn(spared, *given, previews=False, route=route),
            drawn(plain, *given, previews=False, route=route),
        )
        steps = happened.count("draws")
        assert steps > 1
        assert happened[: 2 + steps] == ["encodes", "frees", *["draws"] * steps]
        assert "encodes" not in happened[2:]


@pytest.fixture
def soft(model: Path, tmp_path: Path) -> VaePlace:
    """Another autoencoder for the model."""
    vae = loaded(model).vae
    with torch.no_grad():
        for weights in vae.decoder.parameters():
            weights.mul_(0.9)
    vae.save_pretrained(tmp_path / "soft")
    return VaePlace("soft", str(tmp_path / "soft"), "soft")


def happening(model: Model, encodes: str = "encodes") -> list[str]:
    """A list that fills as the autoencoder encodes, the network draws, and hooks free the device.

    Args:
        model: that is listened to.
        encodes: what the first is called.
    """
    happened, frees = list[str](), model.pipe.maybe_free_model_hooks

    def noting() -> None:
        happened.append("frees")
        frees()

    model.pipe.maybe_free_model_hooks = noting
    assert model.denoiser is not None
    for name, part in ((encodes, model.vae.encoder.conv_in), ("draws", model.denoiser)):
        part.register_forward_pre_hook(lambda *_, name=name: happened.append(name))
    return happened


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
