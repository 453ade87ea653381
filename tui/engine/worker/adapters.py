"""LoRAs in a loaded model: read once, weighed anew for each batch, taken out again exactly.

diffusers warns of tensors that fit nothing, and goes on without them. Here every tensor has to have
its place, of its shape, before anything is put into the model; so a file for another family of
models is refused whole.
"""

import warnings
from pathlib import Path
from typing import Any

import torch
from diffusers.loaders import StableDiffusionXLLoraLoaderMixin
from diffusers.utils import (
    convert_state_dict_to_diffusers,
    convert_state_dict_to_peft,
    convert_unet_state_dict_to_peft,
)

from tui.domain.lora import short_name
from tui.domain.text import clean, model_name
from tui.engine.lora_fit import misfit
from tui.engine.worker.errors import LoadingError
from tui.engine.worker.running_out import ran_out
from tui.engine.worker_messages import LoraFile
from tui.store.files import sha256_of

Tensors = dict[str, torch.Tensor]


class Adapters:
    """The LoRAs that are in one pipeline's modules."""

    def __init__(self) -> None:
        self._loaded: set[str] = set()

    def wear(self, pipe: Any, model: str, loras: tuple[LoraFile, ...]) -> None:
        """Put these LoRAs on, each with its weight, and take all others off.

        Args:
            pipe: the pipeline; its siblings share the modules, and so the LoRAs.
            model: what the model is called, for the person.
            loras: in the order in which they are added up.

        Raises:
            LoadingError: one of them does not fit the model, or is another file by now.
        """
        if not loras and not self._loaded:
            return
        names = [_name(lora) for lora in loras]
        try:
            self._take_off(pipe, keeping=names)
            for name, lora in zip(names, loras, strict=True):
                if name not in self._loaded:
                    _put_on(pipe, model, name, lora)
                    self._loaded.add(name)
            if names:
                pipe.set_adapters(names, [lora.weight for lora in loras])
                for part in _parts(pipe).values():
                    # New layers are for training until told otherwise.
                    part.eval()
        except Exception:
            # Half a LoRA would be in every picture from here on.
            self._loaded.clear()
            if hasattr(pipe, "unload_lora_weights"):
                pipe.unload_lora_weights()
            raise

    def _take_off(self, pipe: Any, keeping: list[str]) -> None:
        gone = sorted(self._loaded.difference(keeping))
        if gone and len(gone) == len(self._loaded):
            # The modules are then the very ones that were loaded with the model.
            pipe.unload_lora_weights()
        elif gone:
            pipe.delete_adapters(gone)
        self._loaded.difference_update(gone)


def _name(lora: LoraFile) -> str:
    """As peft knows it: without a dot, and another one for other content."""
    return f"lora_{lora.sha256[:32]}"


def _put_on(pipe: Any, model: str, name: str, lora: LoraFile) -> None:
    shown = short_name(lora.reference)
    if not hasattr(pipe, "load_lora_weights"):
        raise LoadingError(
            f"{model_name(model)} takes no LoRAs, diffusers has none for {type(pipe).__name__}: "
            f"take {shown} away, or choose another model"
        )
    path = Path(lora.path)
    if sha256_of(path) != lora.sha256:
        raise LoadingError(f"the LoRA {shown} was changed since it was asked for: generate again")
    source = {"weight_name": path.name, "use_safetensors": True, "local_files_only": True}
    try:
        tensors = _read(pipe, path, source)
        lost, total = _without_place(pipe, tensors), len(tensors)
    except Exception as error:
        if ran_out(error):
            raise
        raise LoadingError(misfit(shown, model, _said(error))) from error
    if lost or not total:
        raise LoadingError(misfit(shown, model, f"{lost} of its {total} tensors have no place"))
    try:
        with warnings.catch_warnings():
            # That there are several is what was asked for.
            warnings.filterwarnings("ignore", "Already found a `peft_config`")
            pipe.load_lora_weights(str(path.parent), adapter_name=name, **source)
    except Exception as error:
        if ran_out(error):
            raise
        raise LoadingError(
            f"the LoRA {shown} cannot be put into {model_name(model)} ({_said(error)}): "
            "choose another one"
        ) from error


def _said(error: Exception) -> str:
    return clean(f"{type(error).__name__}: {error}", limit=200)


def _read(pipe: Any, path: Path, source: dict[str, Any]) -> Tensors:
    """The file's tensors by the names that diffusers gives them, with the part they are for."""
    if isinstance(pipe, StableDiffusionXLLoraLoaderMixin):
        source = source | {"unet_config": pipe.unet.config}
    found = pipe.lora_state_dict(str(path.parent), **source)
    tensors = found[0] if isinstance(found, tuple) else found
    assert isinstance(tensors, dict)
    return tensors


def _parts(pipe: Any) -> dict[str, torch.nn.Module]:
    """The modules of a pipeline that LoRAs can go into, by name."""
    found = {name: getattr(pipe, name, None) for name in pipe._lora_loadable_modules}
    return {name: part for name, part in found.items() if isinstance(part, torch.nn.Module)}


def _without_place(pipe: Any, tensors: Tensors) -> int:
    """How many tensors fit into no module of the pipeline."""
    left = len(tensors)
    for name, part in _parts(pipe).items():
        prefix = f"{name}."
        own = {
            key.removeprefix(prefix): tensor
            for key, tensor in tensors.items()
            if key.startswith(prefix)
        }
        if own:
            left -= sum(_fits(part, *each) for each in _in_peft_form(name, part, own).items())
    return left


def _in_peft_form(name: str, part: torch.nn.Module, tensors: Tensors) -> Tensors:
    """Names as the modules have them; by the same functions, in the same order, as at loading."""
    if not name.startswith("text_encoder"):
        if any("lora_A" in key or ".lokr_" in key for key in tensors):
            return tensors
        converted: Tensors = convert_unet_state_dict_to_peft(tensors)
        return converted
    converted = convert_state_dict_to_peft(convert_state_dict_to_diffusers(tensors))
    if hasattr(part, "text_model"):
        return converted
    return {key.removeprefix("text_model."): tensor for key, tensor in converted.items()}


def _fits(part: torch.nn.Module, key: str, tensor: torch.Tensor) -> bool:
    place, mark, which = key.partition(".lora_")
    if not mark:
        place, mark, which = key.partition(".lokr_")
    try:
        module = part.get_submodule(place)
    except AttributeError:
        return False
    weight = getattr(getattr(module, "base_layer", module), "weight", None)
    if not mark or not isinstance(weight, torch.Tensor):
        return False
    if which == "A.weight":
        return tensor.ndim > 1 and tensor.shape[1] == weight.shape[1]
    return which != "B.weight" or tensor.shape[0] == weight.shape[0]
