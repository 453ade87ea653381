"""LoRAs that cannot be put into a model are refused from the headers of the files alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tui.domain.lora import Lora
from tui.engine.models import ModelError, local_model
from tui.engine.parts import found_lora
from tui.engine.worker_messages import ModelPlace

from .tiny_models.loras import save_tiny_lora

Tensors = dict[str, torch.Tensor]

_PEFT = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_q"


@pytest.fixture(scope="module")
def tensors(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Tensors:
    """Those of a LoRA that fits the tiny model, as diffusers saves it."""
    file = save_tiny_lora(tiny_model, tmp_path_factory.mktemp("lora") / "pixel.safetensors")
    found: Tensors = load_file(file)
    assert f"{_PEFT}.lora_A.weight" in found
    return found


@pytest.fixture
def model(tiny_model: Path) -> ModelPlace:
    return local_model(str(tiny_model))


def as_others_save_it(name: str) -> str:
    """The name that common training programs give to a tensor."""
    layer, _, half = name.partition(".lora_")
    prefix, _, rest = layer.partition(".")
    kind = {"unet": "lora_unet", "text_encoder": "lora_te"}[prefix]
    rest = rest if prefix == "unet" else f"text_model.{rest}"
    return f"{kind}_{rest.replace('.', '_')}.lora_{'down' if half[0] == 'A' else 'up'}.weight"


def as_diffusers_saved_it(name: str) -> str:
    """The name that earlier versions of diffusers gave to a tensor."""
    layer, _, half = name.partition(".lora_")
    return f"{layer}_lora.{'down' if half[0] == 'A' else 'up'}.weight"


NAMES: dict[str, Callable[[str], str]] = {
    "peft": str,
    "training programs": as_others_save_it,
    "earlier diffusers": as_diffusers_saved_it,
}


def saved(folder: Path, tensors: Tensors) -> Lora:
    file = folder / "odd.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    return Lora(str(file))


@pytest.mark.parametrize("names", NAMES)
def test_what_fits_is_taken_whatever_its_names(
    names: str, tensors: Tensors, model: ModelPlace, tmp_path: Path
) -> None:
    renamed = {NAMES[names](name): tensor for name, tensor in tensors.items()}
    assert len(renamed) == len(tensors)
    assert found_lora(saved(tmp_path, renamed), model).path == str(tmp_path / "odd.safetensors")


@pytest.mark.parametrize("names", NAMES)
def test_halves_of_different_rank_are_refused_without_any_model(
    names: str, tensors: Tensors, tmp_path: Path
) -> None:
    spoilt = tensors | {f"{_PEFT}.lora_B.weight": tensors[f"{_PEFT}.lora_B.weight"][:, :3]}
    renamed = {NAMES[names](name): tensor for name, tensor in spoilt.items()}
    with pytest.raises(ModelError) as said:
        found_lora(saved(tmp_path, renamed))
    assert "odd.safetensors has halves of rank 4 and 3 for its layer " in str(said.value)
    assert "to_q" in str(said.value)
    assert str(said.value).endswith("download it again, or choose another one")


@pytest.mark.parametrize("half", ["A", "B"])
def test_half_a_layer_is_refused_and_never_passed_over(
    half: str, tensors: Tensors, tmp_path: Path
) -> None:
    rest = {name: each for name, each in tensors.items() if name != f"{_PEFT}.lora_{half}.weight"}
    with pytest.raises(ModelError, match=f"only one of the two halves of its layer {_PEFT}: down"):
        found_lora(saved(tmp_path, rest))


@pytest.mark.parametrize("names", ["peft", "training programs"])
@pytest.mark.parametrize(("half", "sizes"), [("A", "for 7 inputs"), ("B", "and 7 outputs, the")])
def test_a_layer_of_another_size_than_the_models_is_refused(
    names: str, half: str, sizes: str, tensors: Tensors, model: ModelPlace, tmp_path: Path
) -> None:
    name = f"{_PEFT}.lora_{half}.weight"
    shape = (4, 7) if half == "A" else (7, 4)
    renamed = {NAMES[names](each): tensor for each, tensor in tensors.items()}
    lora = saved(tmp_path, renamed | {NAMES[names](name): torch.zeros(shape)})
    found_lora(lora)
    with pytest.raises(ModelError) as said:
        found_lora(lora, model)
    assert str(said.value).startswith("the LoRA odd does not fit ")
    assert sizes in str(said.value)
    assert str(said.value).endswith("choose one that was made for this family of models")


def test_a_quantised_model_is_left_to_the_worker(
    tensors: Tensors, model: ModelPlace, tmp_path: Path
) -> None:
    import shutil

    folder = Path(shutil.copytree(model.folder, tmp_path / "packed"))
    weights = next((folder / "unet").glob("*.safetensors"))
    packed: Tensors = {
        name: tensor.to(torch.uint8).reshape(-1, 1) for name, tensor in load_file(weights).items()
    }
    save_file(packed, weights)
    assert found_lora(saved(tmp_path, tensors), local_model(str(folder))).weight == 1.0
