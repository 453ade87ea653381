"""Random LoRAs for the tiny models, made by peft and saved by diffusers' own functions."""

from pathlib import Path
from typing import Any

_NETWORK = ["to_q", "to_k", "to_v", "to_out.0"]
_WORDS = ["q_proj", "k_proj", "v_proj", "out_proj"]


def save_tiny_lora(model: Path, file: Path, *, seed: int = 0, words: bool = True) -> Path:
    """Save a LoRA for the model in a folder; without `words` the text encoders have no part."""
    import torch
    from diffusers import DiffusionPipeline
    from peft import LoraConfig, get_peft_model_state_dict, inject_adapter_in_model

    pipe = DiffusionPipeline.from_pretrained(model)
    torch.manual_seed(seed)
    layers: dict[str, Any] = {}
    configs: dict[str, Any] = {}
    for name in pipe._lora_loadable_modules:
        part = getattr(pipe, name, None)
        if part is None or (name.startswith("text_encoder") and not words):
            continue
        targets = _WORDS if name.startswith("text_encoder") else _NETWORK
        # A scale that is not 1: what says it in the file must not be lost.
        config = LoraConfig(r=4, lora_alpha=8, target_modules=targets)
        inject_adapter_in_model(config, part)
        configs[f"{name}_lora_adapter_metadata"] = config.to_dict()
        for key, weight in part.named_parameters():
            if "lora_" in key:
                torch.nn.init.normal_(weight, std=0.3)
        layers[f"{name}_lora_layers"] = get_peft_model_state_dict(part)
    pipe.save_lora_weights(
        file.parent, weight_name=file.name, safe_serialization=True, **configs, **layers
    )
    return file
