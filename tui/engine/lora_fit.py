"""Whether a LoRA fits a model, as far as the headers of both files tell. No torch.

Where a layer of the LoRA is called as one of the model's, both must be of one size. Layers that are
called otherwise are left to the worker, which knows all the names that diffusers knows.
"""

import re
from functools import lru_cache
from pathlib import Path

from tui.domain.lora import short_name
from tui.domain.text import clean, model_name
from tui.engine.lora_header import Pair, pairs
from tui.engine.model_parts import loaded_files
from tui.engine.models import ModelError
from tui.engine.safetensors_header import WeightsError, read_weights
from tui.engine.worker_messages import LoraFile, ModelPlace

_PREFIXES = {
    "unet": ("unet.", "lora_unet_"),
    "transformer": ("transformer.", "lora_transformer_"),
    "text_encoder": ("text_encoder.", "lora_te_", "lora_te1_"),
    "text_encoder_2": ("text_encoder_2.", "lora_te2_"),
}
"""How the layers of each component begin in a LoRA: as diffusers saves them, then with `_` for
every dot, as others do."""
_PACKED = {"I8", "U8"}
"""Types of quantised weights, which may be of another shape than their layer."""
_READER = re.compile(r"text_model[._]")
"""What text encoders have before their layers in some versions, and not in others."""

_Layers = dict[str, tuple[int, int]]
"""Outputs and inputs of layers, by the names that a LoRA may have for them."""


def misfit(shown: str, model: str, why: str) -> str:
    """The sentence that refuses a LoRA for a model.

    Args:
        shown: what the LoRA is called, harmless.
        model: the reference of the model.
        why: what does not fit.
    """
    return (
        f"the LoRA {shown} does not fit {model_name(model)} ({why}): "
        "choose one that was made for this family of models"
    )


def check_fit(lora: LoraFile, model: ModelPlace) -> None:
    """Refuse a LoRA that has a layer of another size than the model's.

    Raises:
        ModelError: it says which layer, and both sizes.
    """
    try:
        found = pairs(read_weights(Path(lora.path)).shapes)
        layers = _layers_of(model.folder, model.revision)
    except (WeightsError, OSError):
        return  # whoever reads these files next says what is wrong with them
    for pair in found:
        if why := _trouble(pair, layers.get(_plain(pair.layer))):
            raise ModelError(misfit(short_name(lora.reference), model.reference, why))


def _trouble(pair: Pair, layer: tuple[int, int] | None) -> str:
    """What does not fit, in words; empty where all does, or nothing is known."""
    if layer is None:
        return ""
    made_for = (pair.second[0], pair.first[1])
    if made_for == layer:
        return ""
    outputs, inputs = layer
    return (
        f"its layer {clean(pair.layer, limit=120)} is for {made_for[1]} inputs and {made_for[0]} "
        f"outputs, the model's has {inputs} and {outputs}"
    )


def _plain(layer: str) -> str:
    return _READER.sub("", layer, count=1)


@lru_cache(maxsize=4)
def _layers_of(folder: str, _revision: str) -> _Layers:
    """The layers of a model, which is the same as long as its revision is."""
    found: _Layers = {}
    for component, (dotted, *joined) in _PREFIXES.items():
        part = Path(folder) / component
        for file in loaded_files(part) if part.is_dir() else ():
            weights = read_weights(file)
            if _PACKED & set(weights.kinds):
                continue
            for name, shape in weights.shapes.items():
                if name.endswith(".weight") and len(shape) > 1:
                    layer = _plain(name.removesuffix(".weight"))
                    found[dotted + layer] = (shape[0], shape[1])
                    for prefix in joined:
                        found[prefix + layer.replace(".", "_")] = (shape[0], shape[1])
    return found
