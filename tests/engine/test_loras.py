"""LoRAs and other autoencoders in the worker: what was asked for, and gone again, exactly."""

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec import UNSET
from safetensors.torch import load_file, save_file

from tui.domain.lora import Lora
from tui.domain.recipe import Recipe
from tui.engine.models import ModelError, local_model
from tui.engine.parts import parts_of
from tui.engine.worker.drawing import Drawing
from tui.engine.worker.loading import LoadingError, Model, load
from tui.engine.worker.placement import Placement
from tui.engine.worker_messages import RunBatch

from .helpers import Pixels, request
from .test_encodings import counted, same
from .tiny_models import SIDE, save_tiny_flux, save_tiny_model
from .tiny_models.loras import save_tiny_lora
from .tiny_models.xl import save_tiny_xl

SAVED: dict[str, Callable[[Path], Path]] = {
    "SD": lambda folder: save_tiny_model(folder, channels=4),
    "SDXL": save_tiny_xl,
    "Flux": save_tiny_flux,
}

# From the headers where these tell it, else in the worker.
_MISFIT = (ModelError, LoadingError)

# Some schedulers know numpy's older ways only.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module", params=SAVED)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model, with two LoRAs for it beside it."""
    root = tmp_path_factory.mktemp("family")
    model = SAVED[request.param](root / "model")
    save_tiny_lora(model, root / "pixel.safetensors", seed=1)
    save_tiny_lora(model, root / "grain.safetensors", seed=2, words=False)
    return root


@pytest.fixture(scope="module")
def sd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for Stable Diffusion alone."""
    root = tmp_path_factory.mktemp("sd")
    model = SAVED["SD"](root / "model")
    save_tiny_lora(model, root / "pixel.safetensors", seed=1)
    return root


def loaded(folder: Path) -> Model:
    torch.set_num_threads(1)
    return load(local_model(str(folder)), Placement("cpu", "a processor", "float32"))


def made(
    model: Model, *loras: Lora, vae: str = "", latents: str = "", **changes: Any
) -> tuple[list[Pixels], Recipe]:
    """Two images, and the recipe of the last; with a folder, unfinished latents are kept there."""
    job = request(1, 2, model=model.place.reference, width=SIDE, height=SIDE, **changes)
    intent = job.intent.with_parts(loras, vae).checked()
    parts = parts_of(intent, model.place)
    batch = RunBatch(
        1, intent, job.seeds, (0, 1), model.place, "cpu", "float32", 1,
        previews=False, loras=parts.loras, vae=parts.vae, latents=latents, latents_limit=1 << 30,
    )  # fmt: skip
    model.wear(batch.loras, batch.vae)
    drawing = Drawing(
        model, batch, on_step=lambda *_: None, on_preview=lambda *_: None, stopped=lambda: False
    )
    found = list(drawing.slots())
    drawing.keep()
    return [pixels for _, pixels, _, _ in found], found[-1][2]


def drawn(model: Model, *loras: Lora, **changes: Any) -> list[Pixels]:
    return made(model, *loras, **changes)[0]


def lora(root: Path, name: str, weight: float = 1.0) -> Lora:
    return Lora(str(root / f"{name}.safetensors"), weight)


def test_loras_count_as_they_are_weighed_and_leave_no_trace(family: Path) -> None:
    model = loaded(family / "model")
    network = model.denoiser
    assert network is not None
    before = [id(module) for module in network.modules()]
    bare = drawn(model)
    whole = drawn(model, lora(family, "pixel"))
    half = drawn(model, lora(family, "pixel", 0.5))
    both = drawn(model, lora(family, "pixel", 0.5), lora(family, "grain", 0.7))
    alone = drawn(model, lora(family, "grain", 0.7))
    every = [bare, whole, half, both, alone]
    assert not any(same(a, b) for n, a in enumerate(every) for b in every[:n])

    assert same(drawn(model, lora(family, "pixel", 0.0)), bare)
    assert same(drawn(model), bare)
    assert [id(module) for module in network.modules()] == before

    # What a worker drew before does not matter.
    fresh = loaded(family / "model")
    pair = lora(family, "pixel", 0.5), lora(family, "grain", 0.7)
    assert same(drawn(fresh, *pair), both)
    assert same(drawn(fresh, pair[1]), alone)
    assert same(drawn(fresh, pair[0]), half)


def test_it_is_what_diffusers_itself_makes_of_the_file(family: Path) -> None:
    ours = drawn(loaded(family / "model"), lora(family, "pixel", 0.5))
    model = loaded(family / "model")
    model.pipe.load_lora_weights(
        str(family), weight_name="pixel.safetensors", adapter_name="plain", local_files_only=True
    )
    model.pipe.set_adapters(["plain"], [0.5])
    assert same(drawn(model), ours)


def test_words_are_read_anew_where_a_lora_changes_their_reader_and_not_else(family: Path) -> None:
    model = loaded(family / "model")
    counts = []
    for weight in (None, 1.0, 1.0, 0.5, None):
        with counted(model) as asked:
            drawn(model, *([] if weight is None else [lora(family, "pixel", weight)]))
        counts.append(len(asked))
    first, worn, again, other, _ = counts
    assert min(first, worn, other) > 0
    assert again == 0


def test_what_was_kept_of_a_parent_is_begun_with_only_under_its_own_loras(
    sd: Path, tmp_path: Path
) -> None:
    model, kept = loaded(sd / "model"), str(tmp_path / "latents")
    parent = made(model, lora(sd, "pixel"), steps=4, latents=kept)[1].intent
    branched = {"branch": parent.begun(2), "subject": "a small dog", "steps": 4}
    for weight in (1.0, 0.5):
        worn = lora(sd, "pixel", weight)
        plain = drawn(model, worn, **branched)
        assert same(drawn(model, worn, **branched, latents=kept), plain)
    assert same(drawn(model, **branched, latents=kept), drawn(model, **branched))


def test_a_recipe_tells_the_files_and_a_changed_file_is_told(sd: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(sd / "pixel.safetensors", tmp_path))
    model = loaded(sd / "model")
    _, bare = made(model)
    before, told = made(model, Lora(str(file)))
    save_tiny_lora(sd / "model", file, seed=9)
    after, other = made(model, Lora(str(file)))
    assert not same(before, after)
    assert (bare.lora_hashes, bare.version, told.version) == (UNSET, 1, 3)
    assert told.lora_hashes != other.lora_hashes
    assert told.intent == other.intent


def test_one_for_another_family_is_refused_and_nothing_stays(
    tmp_path_factory: pytest.TempPathFactory, sd: Path
) -> None:
    root = tmp_path_factory.mktemp("others")
    model = loaded(sd / "model")
    bare = drawn(model)
    for name in ("SDXL", "Flux"):
        other = SAVED[name](root / name)
        save_tiny_lora(other, root / f"{name}.safetensors", words=False)
        with pytest.raises(_MISFIT, match=f"LoRA {name} does not fit model .*this family"):
            drawn(model, lora(sd, "pixel"), lora(root, name))
        assert same(drawn(model), bare)
        with pytest.raises(_MISFIT, match="LoRA pixel does not fit"):
            drawn(loaded(other), lora(sd, "pixel"))


def test_a_single_layer_that_fits_nothing_is_not_passed_over(sd: Path, tmp_path: Path) -> None:
    tensors = load_file(sd / "pixel.safetensors")
    name = next(key for key in tensors if key.startswith("unet."))
    for half in (name, name.replace("lora_A", "lora_B")):
        tensors[half.replace("blocks.", "blocks.7")] = tensors[half].clone()
    save_file(tensors, tmp_path / "odd.safetensors")
    with pytest.raises(LoadingError, match=f"2 of its {len(tensors)} tensors have no place"):
        drawn(loaded(sd / "model"), lora(tmp_path, "odd"))


def truncated(good: bytes) -> bytes:
    return good[: len(good) // 2]


REFUSED: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "cut short": ("a.safetensors", truncated, "is cut short"),
    "empty": ("a.safetensors", lambda _: b"", "is not a safetensors file"),
    "a pickle": ("a.bin", lambda _: pickle.dumps({}), "is a pickle file.*get the LoRA as"),
    "a pickle in disguise": ("a.safetensors", lambda _: pickle.dumps({}), "not a safetensors"),
    "hostile": ("a\x1b]2;owned\x07.safetensors", lambda good: good, "rename the file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_not_safe_or_not_whole_is_refused(
    sd: Path, tmp_path: Path, case: str
) -> None:
    name, spoil, says = REFUSED[case]
    file = tmp_path / name
    file.write_bytes(spoil((sd / "pixel.safetensors").read_bytes()))
    intent = request(1, model=str(sd / "model")).intent.with_parts((Lora(str(file)),), "")
    with pytest.raises(ValueError, match=says) as refused:
        parts_of(intent.checked(), None)
    assert "\x1b" not in str(refused.value)


def test_a_whole_model_is_no_lora_and_one_file_counts_once(sd: Path, tmp_path: Path) -> None:
    whole = next((sd / "model" / "unet").glob("*.safetensors"))
    intent = request(1).intent
    with pytest.raises(ModelError, match="holds no LoRA"):
        parts_of(intent.with_parts((Lora(str(whole)),), ""), None)
    copy = shutil.copy(sd / "pixel.safetensors", tmp_path / "copy.safetensors")
    with pytest.raises(ModelError, match="are the same LoRA"):
        parts_of(intent.with_parts((lora(sd, "pixel"), Lora(str(copy))), ""), None)
    with pytest.raises(ModelError, match="no LoRA file"):
        parts_of(intent.with_parts((Lora(str(tmp_path / "gone.safetensors")),), ""), None)
    with pytest.raises(ModelError, match=r"keepers models fetch nobody/nothing/deep/a\.saf"):
        parts_of(intent.with_parts((Lora("nobody/nothing/deep/a.safetensors"),), ""), None)


def test_a_name_with_dots_spaces_and_quotes_is_only_a_name(sd: Path, tmp_path: Path) -> None:
    file = tmp_path / "v1.5 [b] '\"; rm -rf.safetensors"
    shutil.copy(sd / "pixel.safetensors", file)
    model = loaded(sd / "model")
    assert same(drawn(model, Lora(str(file))), drawn(model, lora(sd, "pixel")))


def test_a_model_that_takes_no_loras_says_so(sd: Path, tmp_path: Path) -> None:
    from .tiny_models.gridded import save_tiny_pixart

    model = loaded(save_tiny_pixart(tmp_path / "model"))
    with pytest.raises(LoadingError, match="takes no LoRAs"):
        drawn(model, lora(sd, "pixel"))


def test_another_autoencoder_decodes_and_the_own_one_comes_back(sd: Path, tmp_path: Path) -> None:
    from .tiny_models.parts import autoencoder

    model = loaded(sd / "model")
    own, bare = model.vae, drawn(model)
    other = loaded(sd / "model").vae
    torch.manual_seed(5)
    for weight in other.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    other.save_pretrained(tmp_path / "soft" / "vae")

    for named in (tmp_path / "soft", tmp_path / "soft" / "vae"):
        pixels, recipe = made(model, vae=str(named))
        assert not same(pixels, bare)
        assert recipe.version == 3
        assert str(recipe.vae_revision).startswith("folder-")
    assert same(drawn(model), bare)
    assert model.vae is own

    autoencoder(3).save_pretrained(tmp_path / "deep")
    with pytest.raises(ModelError, match="smaller 2 times, the model's own 1 times"):
        drawn(model, vae=str(tmp_path / "deep"))
    autoencoder(2, latent_channels=16).save_pretrained(tmp_path / "wide")
    with pytest.raises(ModelError, match="latent channels is 16, the model's 4"):
        drawn(model, vae=str(tmp_path / "wide"))
    file = next((tmp_path / "soft" / "vae").glob("*.safetensors"))
    tensors = load_file(file)
    save_file({name: tensors[name] for name in sorted(tensors)[1:]}, file)
    with pytest.raises(LoadingError, match="VAE soft is not whole"):
        drawn(model, vae=str(tmp_path / "soft"))
    assert same(drawn(model), bare)
    with pytest.raises(ModelError, match="is a file: give the diffusers folder"):
        drawn(model, vae=str(file))
    file.rename(file.with_name("diffusion_pytorch_model.bin"))
    with pytest.raises(ModelError, match="only as a pickle"):
        drawn(model, vae=str(tmp_path / "soft"))
