"""What is on this machine: the hub's cache, folders, single files, and what is wrong with them."""

import json
import os
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tui.domain.lora import Lora
from tui.engine.components import AUTOENCODERS, DENOISERS
from tui.engine.model_messages import ListedModel, Place
from tui.engine.model_parts import variant_of
from tui.engine.models import local_model
from tui.engine.parts import found_lora, found_vae
from tui.engine.room import Room
from tui.engine.shelf import Shelf, troubles

from .hub_layout import lay_out
from .tiny_models.families import TINY_FAMILIES
from .tiny_models.kandinsky import save_tiny_kandinsky_decoder
from .tiny_models.loras import save_tiny_lora

ROOM = Room("CPU", 8 * 10**9, "float32", 8 * 10**9, images=4)
FIRST, SECOND = "a" * 40, "b" * 40


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, which the library takes for its own."""
    cache = tmp_path / "hub"
    cache.mkdir()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache


@pytest.fixture
def models(tmp_path: Path, cache: Path, tiny_model: Path) -> Path:
    """A folder of models with one in it; nothing of the hub beside it."""
    shutil.copytree(tiny_model, tmp_path / "models" / "tiny")
    return tmp_path / "models"


def listed(*folders: Path, shelf: Shelf | None = None) -> dict[str, ListedModel]:
    found = (shelf or Shelf()).listed([str(folder) for folder in folders], ROOM)
    assert len({model.model for model in found}) == len(found)
    return {model.name: model for model in found}


def weights_file(path: Path, *names: str, kind: str = "F16", size: int = 8) -> Path:
    """A safetensors file with tensors of these names."""
    entries = {
        name: {"dtype": kind, "shape": [size // 2], "data_offsets": [at * size, (at + 1) * size]}
        for at, name in enumerate(names)
    }
    header = json.dumps(entries).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(size * len(names)))
    return path


def test_the_starter_is_always_there_and_fits(cache: Path) -> None:
    found = listed()
    assert list(found) == ["starter"]
    starter = found["starter"]
    assert (starter.place, starter.family, starter.side) == (Place.BUILT_IN, "starter", 128)
    assert starter.licence == "MIT and Apache-2.0 data"
    assert [part.name for part in starter.parts] == ["text_encoder", "unet", "vae"]
    assert starter.fit is not None
    assert (starter.fit.verdict, starter.fit.at_once) == ("fits", 4)


@pytest.mark.filterwarnings("ignore:.FluxPosEmbed. is deprecated:FutureWarning")
@pytest.mark.parametrize("family", TINY_FAMILIES)
def test_every_family_is_told_from_its_folder(family: str, tmp_path: Path, cache: Path) -> None:
    TINY_FAMILIES[family].save(tmp_path / "models" / "tiny")
    found = listed(tmp_path / "models")["tiny"]
    assert found.trouble == ""
    expected = {"Lumina 2": "Lumina", "of no table": "OvisImage", "SD 3": "Stable Diffusion 3"}
    assert found.family == expected.get(family, family)
    assert found.precision == "fp32"
    names = {part.name for part in found.parts}
    assert names & {*DENOISERS}
    assert names & {"text_encoder", "prior_text_encoder"}
    assert names & {*AUTOENCODERS} or family == "DeepFloyd IF"
    assert found.size > sum(part.size for part in found.parts) > 0
    assert found.fit is not None
    assert found.fit.weights == sum(part.size for part in found.parts)


def test_half_a_model_says_so(tmp_path: Path, cache: Path) -> None:
    save_tiny_kandinsky_decoder(tmp_path / "models" / "tiny")
    found = listed(tmp_path / "models")["tiny"]
    assert found.family == "Kandinsky 2.2"
    assert "is one half of a model: put both into one folder" in found.trouble


def test_revisions_of_the_cache_are_models_by_themselves(cache: Path, tiny_model: Path) -> None:
    lay_out(cache, "owner/name", tiny_model, FIRST, "main", "v1")
    lay_out(cache, "owner/name", tiny_model, SECOND)
    lay_out(cache, "owner/a-language-model", tiny_model / "text_encoder", FIRST, "main")
    (cache / "datasets--owner--pictures" / "snapshots" / FIRST).mkdir(parents=True)
    found = listed()
    assert set(found) == {"starter", "owner/name", f"owner/name@{SECOND}"}
    model = found["owner/name"]
    assert (model.place, model.revision, model.trouble) == (Place.HUB, FIRST, "")
    assert model.family == "Stable Diffusion"
    files = [path for path in tiny_model.rglob("*") if path.is_file()]
    assert model.size == sum(path.stat().st_size for path in files)


def test_a_cache_that_anybody_wrote_to_never_breaks_the_list(cache: Path, tiny_model: Path) -> None:
    good = lay_out(cache, "owner/good", tiny_model, FIRST, "main")
    bad = lay_out(cache, "owner/bad", tiny_model, FIRST, "main")
    (bad.parents[1] / "refs" / "odd").write_bytes(b"\xff" * 10_000)
    (bad.parents[1] / "refs" / "deep").mkdir()
    (bad.parents[1] / "snapshots" / "\x1b[2J").mkdir()
    (bad / "unet" / "config.json").unlink()
    (bad / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    (bad / "unet" / "diffusion_pytorch_model.safetensors").symlink_to("/nowhere")
    (cache / "models--owner--none").write_text("a file")
    (cache / "models--owner--loop").symlink_to(cache / "models--owner--loop")
    found = listed()
    assert found["owner/good"].folder == str(good)
    assert set(found) == {"starter", "owner/good", "owner/bad"}
    assert "unet" in found["owner/bad"].trouble
    assert found["owner/bad"].fit is None


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("truncate", "is cut short"),
        ("pickle", "only as a pickle file, which can run code when it is read"),
        ("code", "code that Keepers never runs"),
        ("index", "model_index.json that cannot be read"),
        ("header", "is not a safetensors file"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(models: Path, spoil: str, said: str) -> None:
    model = models / "tiny"
    weights, index = model / "unet" / "diffusion_pytorch_model.safetensors", "model_index.json"
    match spoil:
        case "truncate":
            os.truncate(weights, weights.stat().st_size - 9)
        case "pickle":
            weights.rename(weights.with_suffix(".bin"))
        case "code":
            table = json.loads((model / index).read_text())
            (model / index).write_text(json.dumps(table | {"unet": ["my_unet", "Evil"]}))
        case "index":
            (model / index).write_text("[" * 100_000)
        case "header":
            weights.write_bytes((12).to_bytes(8, "little") + b'{"a": 12345}')
    found = listed(models)["tiny"]
    assert said in found.trouble
    assert found.trouble.isprintable()
    assert found.fit is None


def test_numbers_beyond_any_model_are_not_believed(models: Path) -> None:
    for part, name in (("unet", "sample_size"), ("vae", "block_out_channels")):
        file = models / "tiny" / part / "config.json"
        huge = [10**300] * 90 if part == "vae" else 10**300
        file.write_text(json.dumps(json.loads(file.read_text()) | {name: huge}))
    found = listed(models)["tiny"]
    assert found.side == 0
    assert found.fit is not None
    assert found.fit.needed < 10**12


def test_a_variant_alone_is_what_would_be_loaded(models: Path) -> None:
    for path in list(models.rglob("*.safetensors")):
        path.rename(path.with_name(f"{path.stem}.fp16.safetensors"))
    assert listed(models)["tiny"].variant == "fp16"
    plain = models / "tiny" / "unet" / "diffusion_pytorch_model.safetensors"
    shutil.copy(plain.with_name("diffusion_pytorch_model.fp16.safetensors"), plain)
    before = listed(models)["tiny"]
    weights_file(plain, *"abcdefgh")
    after = listed(models)["tiny"]
    assert before.parts[1].name == after.parts[1].name
    assert {part.name: part.size for part in after.parts}["unet"] == 64


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("model.safetensors", ""),
        ("model-00001-of-00002.safetensors", ""),
        ("model.fp16.safetensors", "fp16"),
        ("model.fp16-00001-of-00002.safetensors", "fp16"),
        ("diffusion_pytorch_model-00001-of-00002.bf16.safetensors", "bf16"),
    ],
)
def test_variants_are_read_from_names(name: str, variant: str) -> None:
    assert variant_of(name) == variant


@pytest.mark.parametrize(
    ("tensor", "family", "said"),
    [
        ("conditioner.embedders.1.model.ln_final.bias", "SDXL", "keepers models convert"),
        (
            "model.diffusion_model.double_blocks.0.img_attn.qkv.weight",
            "Flux",
            "keepers models convert",
        ),
        (
            "model.diffusion_model.input_blocks.0.0.bias",
            "Stable Diffusion",
            "keepers models convert",
        ),
        ("conv_first.weight", "ESRGAN", "press E in Edit"),
        ("anything", "unknown", "keepers models convert"),
    ],
)
def test_single_files_are_told_by_their_tensors(
    models: Path, tensor: str, family: str, said: str
) -> None:
    weights_file(models / "one.safetensors", tensor)
    found = listed(models)["one.safetensors"]
    assert (found.place, found.family, found.precision) == (Place.FILE, family, "fp16")
    assert said in found.trouble


def test_what_cannot_be_loaded_is_listed_with_the_reason(models: Path, tmp_path: Path) -> None:
    (models / "flux-Q4.gguf").write_bytes(b"GGUF" + bytes(20))
    weights_file(models / "flux.sft", "double_blocks.0.img_attn.qkv.weight")
    (models / "gone.safetensors").symlink_to(tmp_path / "unmounted" / "gone.safetensors")
    torch.save({"weight": torch.zeros(2)}, models / "old.bin")
    (models / "older.pkl").write_bytes(pickle.dumps({}))
    (models / "firmware.bin").write_bytes(bytes(range(256)))
    (models / "empty.bin").write_bytes(b"")
    found = listed(models)
    said = {
        "flux-Q4.gguf": "this is a GGUF file, which is made for other programs: take the same",
        "flux.sft": "keepers models convert",
        "gone.safetensors": "this is a link to a file that is gone: download or copy the file",
        "old.bin": "this is a pickle file",
        "older.pkl": "this is a pickle file",
    }
    assert set(found) == {"starter", "tiny", *said}
    for name, sentence in said.items():
        assert sentence in found[name].trouble
        assert found[name].place is Place.FILE
    assert found["flux.sft"].family == "Flux"
    assert found["gone.safetensors"].size == 0


def test_loras_are_told_apart_from_models(models: Path) -> None:
    layer = "lora_unet_down_blocks_0_to_q"
    for file, rank in (("a", 4), ("b", 3), ("c\x1b[2J", 4)):
        halves = {f"{layer}.lora_down.weight": (4, 8), f"{layer}.lora_up.weight": (8, rank)}
        tensors = {name: torch.zeros(shape) for name, shape in halves.items()}
        save_file(tensors, models / f"{file}.safetensors")
    found = listed(models)
    good, bad = found["a.safetensors"], found["b.safetensors"]
    assert (good.role, good.family, good.precision, good.trouble) == ("LoRA", "LoRA", "fp32", "")
    assert good.model == str(models / "a.safetensors")
    assert "rename the file" in found["c [2J.safetensors"].trouble
    assert bad.role == "LoRA"
    assert "b.safetensors has halves of rank 4 and 3 for its layer" in bad.trouble


def test_loras_and_autoencoders_of_the_cache_are_listed(
    cache: Path, tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "lora" / "deep").mkdir(parents=True)
    save_tiny_lora(tiny_model, tmp_path / "lora" / "deep" / "ink.safetensors")
    (tmp_path / "lora" / "README.md").write_text("---\nlicense: mit\n---\n")
    weights_file(tmp_path / "lora" / "flux.safetensors", "double_blocks.0.img_attn.qkv.weight")
    weights_file(tmp_path / "lora" / "words.safetensors", "text_model.encoder.weight")
    weights_file(tmp_path / "lora" / "model-00001-of-00002.safetensors", "x.lora_A.weight")
    weights_file(tmp_path / "lora" / "chat.safetensors", "base_model.model.q.lora_A.weight")
    lay_out(cache, "owner/ink", tmp_path / "lora", FIRST, "main")
    lay_out(cache, "owner/soft", tiny_model / "vae", SECOND)
    half = lay_out(cache, "owner/half", tiny_model / "vae", FIRST, "main")
    (half / "diffusion_pytorch_model.safetensors").unlink()
    # The same model again, beside its folders.
    both = Path(shutil.copytree(tiny_model, tmp_path / "both"))
    shutil.copy(tmp_path / "lora" / "flux.safetensors", both)
    lay_out(cache, "owner/both", both, FIRST, "main")
    found = listed()
    soft = f"owner/soft@{SECOND}"
    names = {"owner/ink/deep/ink.safetensors", "owner/ink/flux.safetensors", soft, "owner/half"}
    assert set(found) == {"starter", "owner/both", *names}
    lora, vae = found["owner/ink/deep/ink.safetensors"], found[soft]
    assert (lora.role, lora.place, lora.revision, lora.licence) == (
        "LoRA",
        "hub cache",
        FIRST,
        "mit",
    )
    assert lora.trouble == ""
    assert lora.size == (tmp_path / "lora" / "deep" / "ink.safetensors").stat().st_size
    assert (vae.role, vae.kind, vae.trouble, vae.precision) == ("VAE", "AutoencoderKL", "", "fp32")
    assert vae.folder.endswith(SECOND)
    assert "is incomplete, " in found["owner/half"].trouble
    assert found["owner/ink/flux.safetensors"].converts
    # What is listed is what is found when it is drawn with.
    place = local_model(str(tiny_model))
    assert found_lora(Lora(lora.model), place).path == lora.folder
    assert found_vae(vae.model, place).folder == vae.folder


def test_pickles_and_foreign_files_are_refused_with_the_safe_way(models: Path) -> None:
    (models / "old.ckpt").write_bytes(b"\x80\x04evil")
    (models / "text.safetensors").write_text("no weights")
    (models / "notes.txt").write_text("no model")
    (models / "part" / "config.json").parent.mkdir()
    (models / "part" / "config.json").write_text("{}")
    (models / "part" / "model.safetensors").write_text("of a language model")
    found = listed(models)
    assert set(found) == {"starter", "tiny", "old.ckpt", "text.safetensors"}
    assert "can run programs when it is read" in found["old.ckpt"].trouble
    assert "get the model with safetensors" in found["old.ckpt"].trouble
    assert "is not a safetensors file" in found["text.safetensors"].trouble


def test_names_cannot_drive_a_terminal_and_links_cannot_trap(models: Path) -> None:
    (models / "tiny").rename(models / "ti\x1b[2Jny")
    (models / "loop").symlink_to(models)
    weights_file(models / "\udcff\x07.safetensors", "a")
    found = (Shelf()).listed([str(models)], ROOM)
    assert 3 <= len(found) < 20
    assert all(text.isprintable() for model in found for text in (model.name, model.folder))
    evil = [model for model in found if "2Jny" in model.name]
    assert "cannot be shown: rename the folder" in evil[0].trouble


def test_folders_that_cannot_be_looked_into_are_said(tmp_path: Path, models: Path) -> None:
    gone = tmp_path / "gone\x1b"
    assert set(listed(gone, models)) == {"starter", "tiny"}
    (said,) = troubles([str(gone), str(models)])
    assert said.startswith("model_folders: there is no folder ")
    assert said.isprintable()


def test_what_changed_is_read_again_and_nothing_else(models: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    first = listed(models, shelf=shelf)["tiny"]
    card = models / "tiny" / "README.md"
    card.write_text("---\nlicense: other\nlicense_name: my-own\n---\n")
    second = listed(models, shelf=shelf)["tiny"]
    assert (first.licence, second.licence) == ("unknown", "my-own")
    weights = models / "tiny" / "unet" / "diffusion_pytorch_model.safetensors"
    os.truncate(weights, weights.stat().st_size - 9)
    assert "is cut short" in listed(models, shelf=shelf)["tiny"].trouble
    shutil.rmtree(models / "tiny")
    assert set(listed(models, shelf=shelf)) == {"starter"}
