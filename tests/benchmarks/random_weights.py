"""`python -m tests.benchmarks.random_weights FOLDER SIZE SCALE PRECISION`: a random model.

The configurations are those of the real models; the tokenizer is the starter's, made as long as
theirs. Networks are built without memory, and their weights made and written a shard at a time, so
that a model that is larger than the machine's memory can be made too.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from safetensors.torch import save_file

from tests.benchmarks.sizes import SIZES
from tui.engine.models import starter_folder

_SHARD = 1 << 30
"""Bytes of a file of weights, unless a single tensor is larger."""
_SPARE = 1 << 30
"""Bytes of the disk that are left free."""
_WORDS, _LONGEST = 49_408, 77
"""Words that CLIP knows, and tokens that it reads."""


class Scale:
    """Everything that can be counted in a configuration, divided by one number."""

    def __init__(self, by: int) -> None:
        self._by = by

    def count(self, real: int) -> int:
        """Layers, heads; at least one."""
        return max(1, real // self._by)

    def wide(self, real: int) -> int:
        """Channels; a multiple of 32, which are normalised together."""
        return max(32, real // self._by // 32 * 32)

    def clip(self, heads: int, layers: int, projection: int = 0) -> Any:
        """A text encoder as CLIP's; with a projection as SDXL's second."""
        from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

        width = 64 * self.count(heads)
        config = CLIPTextConfig(
            vocab_size=_WORDS, hidden_size=width, intermediate_size=4 * width,
            num_hidden_layers=self.count(layers), num_attention_heads=self.count(heads),
            max_position_embeddings=_LONGEST, projection_dim=width, bos_token_id=0, eos_token_id=1,
            pad_token_id=1, hidden_act="gelu" if projection else "quick_gelu",
        )  # fmt: skip
        return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config)

    def autoencoder(self, **changes: Any) -> Any:
        """As those of all three families."""
        from diffusers import AutoencoderKL

        return AutoencoderKL(
            block_out_channels=tuple(map(self.wide, (128, 256, 512, 512))), layers_per_block=2,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
            **changes,
        )  # fmt: skip


def _tokenizer() -> Any:
    from transformers import CLIPTokenizer

    found = CLIPTokenizer.from_pretrained(starter_folder() / "tokenizer")
    found.model_max_length = _LONGEST
    return found


def _sd15(scale: Scale) -> Any:
    from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    text = scale.clip(12, 12)
    unet = UNet2DConditionModel(
        sample_size=64, cross_attention_dim=text.config.hidden_size,
        attention_head_dim=scale.count(8),
        block_out_channels=tuple(map(scale.wide, (320, 640, 1280, 1280))),
    )  # fmt: skip
    return StableDiffusionPipeline(
        vae=scale.autoencoder(), text_encoder=text, tokenizer=_tokenizer(), unet=unet,
        scheduler=DDIMScheduler(clip_sample=False, steps_offset=1), safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def _sdxl(scale: Scale) -> Any:
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel

    first, second = scale.clip(12, 12), scale.clip(20, 32, projection=1)
    pooled = second.config.projection_dim
    unet = UNet2DConditionModel(
        sample_size=128, block_out_channels=tuple(map(scale.wide, (320, 640, 1280))),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, scale.count(2), scale.count(10)),
        attention_head_dim=tuple(map(scale.count, (5, 10, 20))), use_linear_projection=True,
        cross_attention_dim=first.config.hidden_size + second.config.hidden_size,
        addition_embed_type="text_time", addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=pooled + 6 * 256,
    )  # fmt: skip
    return StableDiffusionXLPipeline(
        vae=scale.autoencoder(scaling_factor=0.13025, force_upcast=True), unet=unet,
        text_encoder=first, text_encoder_2=second, tokenizer=_tokenizer(), tokenizer_2=_tokenizer(),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1,
            timestep_spacing="leading",
        ),
        add_watermarker=False,
    )  # fmt: skip


def _flux(scale: Scale) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
    from transformers import T5Config, T5EncoderModel

    heads, text = scale.count(64), scale.clip(12, 12)
    longer = T5EncoderModel(
        T5Config(
            vocab_size=32_128, d_model=64 * heads, d_kv=64, d_ff=160 * heads,
            num_layers=scale.count(24), num_heads=heads, feed_forward_proj="gated-gelu",
        )
    )  # fmt: skip
    transformer = FluxTransformer2DModel(
        patch_size=1, in_channels=64, num_layers=scale.count(19), num_single_layers=scale.count(38),
        attention_head_dim=128, num_attention_heads=scale.count(24), guidance_embeds=True,
        joint_attention_dim=longer.config.d_model, pooled_projection_dim=text.config.hidden_size,
    )  # fmt: skip
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(
            shift=3.0, use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15,
            base_image_seq_len=256, max_image_seq_len=4096,
        ),
        vae=scale.autoencoder(
            latent_channels=16, scaling_factor=0.3611, shift_factor=0.1159, use_quant_conv=False,
            use_post_quant_conv=False,
        ),
        text_encoder=text, tokenizer=_tokenizer(), text_encoder_2=longer, tokenizer_2=_tokenizer(),
        transformer=transformer,
    )  # fmt: skip


_MAKERS = {"sd15": _sd15, "sdxl": _sdxl, "flux": _flux}


def make(folder: Path, size: str, scale: int, precision: str) -> None:
    """Write a model; a folder that is there is whole, for it gets its name at the end.

    Raises:
        SystemExit: the disk has no room for it.
    """
    dtype = getattr(torch, precision)
    with init_empty_weights():
        pipe = _MAKERS[size](Scale(scale))
    parts = {
        name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)
    }
    for part in parts.values():
        if tie := getattr(part, "tie_weights", None):
            tie()  # building without memory has parted what two names are for
    needed = sum(
        weight.numel() * dtype.itemsize for part in parts.values() for weight in part.parameters()
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    room = f"{needed / 1e9:.1f} GB in {folder}, of {free / 1e9:.1f} GB that are free there"
    if needed + _SPARE > free:
        sys.exit(f"no room for {room}: free some, or choose another folder by --cache")
    print(f"random weights for {SIZES[size].title}: {room}", flush=True)
    begun = folder.with_name(folder.name + ".part")
    shutil.rmtree(begun, ignore_errors=True)
    for name, part in pipe.components.items():
        if name not in parts and part is not None:
            part.save_pretrained(begun / name)
    pipe.save_config(begun)
    torch.manual_seed(0)
    for name, part in parts.items():
        _save(begun / name, part, dtype)
    begun.rename(folder)


def _save(folder: Path, part: Any, dtype: torch.dtype) -> None:
    """Configuration and weights of one network, as its library writes them."""
    if hasattr(part, "save_config"):
        stem = "diffusion_pytorch_model"
        part.save_config(folder)
    else:
        stem = "model"
        part.config.architectures = [type(part).__name__]
        part.config.save_pretrained(folder)
    # Tied weights come once.
    shapes = {name: weight.shape for name, weight in part.named_parameters()}
    shards = list(_shards(shapes, dtype.itemsize))
    files = [f"{stem}-{n + 1:05d}-of-{len(shards):05d}.safetensors" for n in range(len(shards))]
    if len(shards) == 1:
        files = [f"{stem}.safetensors"]
    for file, names in zip(files, shards, strict=True):
        weights = {name: _weight(name, shapes[name], dtype) for name in names}
        save_file(weights, folder / file, {"format": "pt"})
    if len(shards) > 1:
        index = {
            "metadata": {
                "total_size": sum(shape.numel() for shape in shapes.values()) * dtype.itemsize
            },
            "weight_map": {
                name: file for file, names in zip(files, shards, strict=True) for name in names
            },
        }
        (folder / f"{stem}.safetensors.index.json").write_text(json.dumps(index))


def _shards(shapes: dict[str, torch.Size], width: int) -> Iterator[list[str]]:
    """Names of the weights of each file."""
    names: list[str] = []
    held = 0
    for name, shape in shapes.items():
        size = shape.numel() * width
        if names and held + size > _SHARD:
            yield names
            names, held = [], 0
        names.append(name)
        held += size
    yield names


def _weight(name: str, shape: torch.Size, dtype: torch.dtype) -> torch.Tensor:
    """Random numbers that neither grow nor vanish from layer to layer."""
    if len(shape) < 2:
        return torch.full(shape, float(name.endswith("weight")), dtype=dtype)
    inputs = shape[1:].numel()
    return torch.empty(shape, dtype=dtype).normal_(std=inputs**-0.5)


if __name__ == "__main__":
    make(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
