"""LoRAs and autoencoders from the hub: downloaded, pinned, found again, and refused in time."""

import asyncio
import json
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tui.domain.lora import Lora
from tui.engine.hub import Arrived, downloaded, downloaded_model
from tui.engine.hub_choice import check_reference
from tui.engine.hub_parts import cached_loras, cached_vaes
from tui.engine.model_messages import Role
from tui.engine.models import ModelError, local_model
from tui.engine.parts import found_lora, found_vae, named_lora
from tui.store.files import sha256_of
from tui.store.paths import Home

from .helpers import until
from .tiny_hub import COMMIT, TOKEN, TinyHub, tiny_hub
from .tiny_models.loras import save_tiny_lora

FILE = "pytorch_lora_weights.safetensors"
PIXEL = f"tests/pixel/{FILE}"
WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture
def online(make_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, empty; `HF_ENDPOINT` is set when there is a hub."""
    home = make_home()
    monkeypatch.setenv("HF_HOME", str(home.cache / "hub"))
    for name in ("HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    cache = home.cache / "hub" / "hub"
    # The library reads its folder when it is imported, which this process has done.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache


@pytest.fixture(scope="module")
def lora(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a LoRA for the tiny model."""
    return save_tiny_lora(tiny_model, tmp_path_factory.mktemp("lora") / FILE)


@pytest.fixture
def repositories(tiny_model: Path, lora: Path, tmp_path: Path) -> dict[str, Path]:
    """A LoRA, several of them, an autoencoder, and what is none of these."""
    root = tmp_path / "repositories"
    found = {name: root / name for name in ("pixel", "many", "vae", "old", "whole")}
    for folder in found.values():
        folder.mkdir(parents=True)
        (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    shutil.copy(lora, found["pixel"])
    (found["pixel"] / "pytorch_lora_weights.bin").write_bytes(pickle.dumps({}))
    (found["many"] / "deep").mkdir()
    tensors = load_file(lora)
    names = ("ink [v1].safetensors", "grain.safetensors", "deep/ink.safetensors")
    for number, name in enumerate(names, 2):
        scaled = {key: tensor * number for key, tensor in tensors.items()}
        save_file(scaled, found["many"] / name)
    shutil.copytree(tiny_model / "vae", found["vae"], dirs_exist_ok=True)
    shutil.copy(found["vae"] / WEIGHTS, found["vae"] / "whole_vae.safetensors")
    shutil.copy(found["vae"] / WEIGHTS, found["vae"] / "diffusion_pytorch_model.fp16.safetensors")
    (found["vae"] / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    (found["old"] / "pytorch_lora_weights.bin").write_bytes(pickle.dumps({}))
    shutil.copy(tiny_model / "unet" / WEIGHTS, found["whole"] / "dreams.safetensors")
    return found


@pytest.fixture
def hub(
    online: Path, repositories: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[TinyHub]:
    """A hub that serves them."""
    with tiny_hub(**repositories) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


async def fetched(reference: str, counts: Callable[[int, int], None] | None = None) -> Arrived:
    return await asyncio.wait_for(downloaded(reference, lambda _said: None, counts), 120)


async def refused(reference: str) -> str:
    with pytest.raises(ModelError) as said:
        await fetched(reference)
    return str(said.value)


async def test_a_lora_is_downloaded_counted_and_found_with_its_hash(
    hub: TinyHub, lora: Path
) -> None:
    counted: list[tuple[int, int]] = []
    arrived = await fetched("tests/pixel", lambda done, total: counted.append((done, total)))
    assert sorted(hub.sent) == ["README.md", FILE]
    total = sum((hub.models["tests/pixel"] / name).stat().st_size for name in hub.sent)
    assert counted[-1] == (total, total)
    assert (arrived.role, arrived.reference, arrived.revision) == (Role.LORA, PIXEL, COMMIT)
    file = found_lora(Lora(PIXEL, 0.5))
    assert file.sha256 == arrived.sha256 == sha256_of(lora)
    assert [(part.reference, part.commit) for part in cached_loras()] == [(PIXEL, COMMIT)]
    # The repository's name is enough where it has one, wherever it is typed.
    assert named_lora("tests/pixel", Path("/nowhere")) == PIXEL
    pinned = f"tests/pixel@{COMMIT}/{FILE}"
    assert found_lora(Lora(pinned)).sha256 == file.sha256


async def test_of_several_loras_the_person_says_which(hub: TinyHub) -> None:
    said = await refused("tests/many")
    assert said == (
        "tests/many has 3 files that may be the LoRA: give one with its name, such as "
        "tests/many/deep/ink.safetensors; there are deep/ink.safetensors, grain.safetensors, "
        "ink [v1].safetensors"
    )
    assert hub.sent == []
    wrong = await refused("tests/many/blur.safetensors")
    assert wrong == (
        "tests/many has no file blur.safetensors: give one that it has, of those that may be a "
        "LoRA there are deep/ink.safetensors, grain.safetensors, ink [v1].safetensors"
    )
    for name in ("ink [v1].safetensors", "deep/ink.safetensors"):
        hub.sent.clear()
        arrived = await fetched(f"tests/many/{name}")
        assert arrived.reference == f"tests/many/{name}"
        assert name in hub.sent
        assert "grain.safetensors" not in hub.sent
    assert {part.reference for part in cached_loras()} == {
        "tests/many/ink [v1].safetensors", "tests/many/deep/ink.safetensors"
    }  # fmt: skip
    with pytest.raises(ModelError, match="has 2 files that may be the LoRA"):
        named_lora("tests/many", Path("/nowhere"))


async def test_an_autoencoder_is_downloaded_without_what_lies_beside_it(
    hub: TinyHub, tiny_model: Path
) -> None:
    arrived = await fetched("tests/vae")
    assert set(hub.sent) == {"README.md", "config.json", WEIGHTS}
    assert (arrived.role, arrived.reference, arrived.revision) == (Role.VAE, "tests/vae", COMMIT)
    place = found_vae("tests/vae", local_model(str(tiny_model)))
    assert place.folder == arrived.folder
    assert [part.reference for part in cached_vaes()] == ["tests/vae"]
    assert cached_loras() == []


async def test_an_autoencoder_with_a_variant_alone_is_downloaded(hub: TinyHub) -> None:
    (hub.models["tests/vae"] / WEIGHTS).unlink()
    await fetched("tests/vae")
    assert set(hub.sent) == {"README.md", "config.json", "diffusion_pytorch_model.fp16.safetensors"}
    assert found_vae("tests/vae", None).reference == "tests/vae"


async def test_the_autoencoder_of_a_model_that_was_downloaded_is_found(
    hub: TinyHub, tiny_model: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    # Never downloaded, so that the cache never holds all that the repository has.
    (folder / "vae" / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    hub.models["tests/model"] = folder
    arrived = await fetched("tests/model")
    assert (arrived.role, arrived.reference) == (Role.MODEL, "tests/model")
    assert found_vae("tests/model", None).folder == f"{arrived.folder}/vae"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("tests/old", "has its weights only as pickle files, which can run code when they are"),
        ("tests/whole", "tests/whole/dreams.safetensors holds no LoRA, it may be a whole model"),
        ("tests/none", "there is no model tests/none on the hub, or it is private: check the id"),
        ("tests/pixel@v9", "tests/pixel has no revision v9: check it on the hub"),
        (f"tests/pixel@v9/{FILE}", "tests/pixel has no revision v9: check it on the hub"),
        ("tests/pixel/gone.safetensors", "has no file gone.safetensors: give one that it has"),
    ],
)
async def test_what_is_of_no_use_is_refused_before_it_is_downloaded(
    hub: TinyHub, reference: str, says: str
) -> None:
    assert says in await refused(reference)
    assert hub.sent == []


async def test_a_pickled_autoencoder_and_other_components_are_refused(hub: TinyHub) -> None:
    folder = hub.models["tests/vae"]
    for weights in folder.glob("*.safetensors"):
        weights.unlink()
    assert "tests/vae has its weights only as pickle files" in await refused("tests/vae")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"_class_name": "ControlNetModel"}))
    (folder / "diffusion_pytorch_model.bin").unlink()
    hub.commit = "beef" * 10
    said = await refused("tests/vae")
    assert said == (
        "tests/vae holds a ControlNetModel, and no diffusers model, LoRA or VAE: choose another id"
    )


async def test_a_lora_whose_halves_disagree_is_refused_from_its_header(
    hub: TinyHub, lora: Path
) -> None:
    tensors = load_file(lora)
    name = next(key for key in tensors if key.endswith("lora_A.weight"))
    tensors[name] = tensors[name][:2].clone()
    save_file(tensors, hub.models["tests/pixel"] / FILE)
    said = await refused("tests/pixel")
    assert "has halves of rank 2 and 4 for its layer" in said
    assert hub.sent == []
    (hub.models["tests/pixel"] / FILE).write_text("this is no file of tensors")
    assert "is not a safetensors file" in await refused("tests/pixel")


async def test_a_lora_is_no_model_to_draw_with(hub: TinyHub) -> None:
    with pytest.raises(ModelError, match=r"tests/pixel holds no diffusers model: .*models fetch"):
        await downloaded_model("tests/pixel", lambda _said: None)
    assert hub.sent == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "this is no id of a model on the hub"),
        ("owner/name/", "this is no id of a model on the hub"),
        ("owner/name/../x.safetensors", "this is no id of a model on the hub"),
        ("owner/name//etc/x.safetensors", "this is no id of a model on the hub"),
        ("owner/name/\x1b[2J.safetensors", "this is no id of a model on the hub"),
        ("owner/name/lora.bin", "is a pickle file, which can run code when it is read"),
        ("owner/name/LoRA.CKPT", "is a pickle file, which can run code when it is read"),
        ("owner/name/readme.md", "is no file of a LoRA: give one that ends in .safetensors"),
    ],
)
def test_what_the_hub_cannot_have_is_refused_at_once(text: str, says: str) -> None:
    with pytest.raises(ModelError) as said:
        check_reference(text)
    assert says in str(said.value)
    assert str(said.value).isprintable()


async def test_a_stopped_download_goes_on_with_what_was_missing(hub: TinyHub, online: Path) -> None:
    hub.held = WEIGHTS
    blobs = online / "models--tests--vae" / "blobs"
    task = asyncio.create_task(fetched("tests/vae"))
    await until(lambda: set(hub.sent) == {"README.md", "config.json", WEIGHTS}, "all asked for", 60)
    await until(lambda: len(list(blobs.glob("*.incomplete"))) == 1, "one is half here", 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(blobs.glob("*.incomplete")) == []
    with pytest.raises(ModelError, match=r"incomplete, .* has no weights"):
        found_vae("tests/vae", None)
    hub.held = ""
    hub.sent.clear()
    await fetched("tests/vae")
    assert hub.sent == [WEIGHTS]


async def test_a_gated_lora_says_how_to_get_it(
    hub: TinyHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.gated |= {"tests/pixel", "tests/vae"}
    for reference in ("tests/pixel", PIXEL, "tests/vae"):
        said = await refused(reference)
        assert "is gated: accept its terms at" in said
        assert said.count("tests/") == 2
        assert "hf auth login" in said
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert (await fetched("tests/pixel")).reference == PIXEL


async def test_a_revision_stays_what_it_is_wherever_the_name_points(
    hub: TinyHub, tiny_model: Path, tmp_path: Path
) -> None:
    first = await fetched("tests/pixel")
    newer = tmp_path / "newer"
    newer.mkdir()
    save_tiny_lora(tiny_model, newer / FILE, seed=7)
    hub.commit, hub.models["tests/pixel"] = "beef" * 10, newer
    second = await fetched("tests/pixel")
    assert (second.revision, second.sha256) == ("beef" * 10, sha256_of(newer / FILE))
    assert found_lora(Lora(PIXEL)).sha256 == second.sha256
    pinned = f"tests/pixel@{COMMIT}/{FILE}"
    assert found_lora(Lora(pinned)).sha256 == first.sha256
    # Nor does it matter to who knows the file by its hash, as a recipe does.
    assert found_lora(Lora(PIXEL), sha256=first.sha256).path == found_lora(Lora(pinned)).path
    assert found_lora(Lora(PIXEL), sha256="0" * 64).sha256 == second.sha256
    assert {part.reference for part in cached_loras()} == {PIXEL, pinned}
    with pytest.raises(ModelError, match=r"keepers models fetch tests/pixel@v2/pytorch_lora"):
        found_lora(Lora(f"tests/pixel@v2/{FILE}"))
