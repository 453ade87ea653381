"""Families whose latents are rows of patches: Flux, Flux 2, Chroma, Qwen-Image, Ovis-Image."""

from pathlib import Path
from typing import Any

from .parts import (
    SIDE,
    byte_tokenizer,
    clip_text,
    clip_tokenizer,
    flow_autoencoder,
    qwen3,
    qwen_vl,
    t5,
)

_BLOCKS: dict[str, Any] = {
    "patch_size": 1, "in_channels": 16, "num_layers": 1, "num_single_layers": 1,
    "attention_head_dim": 16, "num_attention_heads": 2,
}  # fmt: skip


def _scheduler() -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)


def save_tiny_kontext(folder: Path) -> Path:
    """Save a Flux Kontext: a Flux that looks at a picture beside the words."""
    return save_tiny_flux(folder, told=True, name="FluxKontextPipeline")


def save_tiny_flux(
    folder: Path, *, layers: int = 1, told: bool = False, name: str = "FluxPipeline"
) -> Path:
    """Save a Flux: a transformer over packed latents, flow matching, two text encoders.

    Its blocks are of two kinds, so many of each. It is told its guidance, or not.
    """
    import diffusers
    import torch

    torch.manual_seed(0)
    transformer = diffusers.FluxTransformer2DModel(
        **_BLOCKS | {"num_layers": layers, "num_single_layers": layers},
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=told,
    )
    pipe = getattr(diffusers, name)(
        scheduler=_scheduler(),
        vae=flow_autoencoder(),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=t5(),
        tokenizer_2=clip_tokenizer(),
        transformer=transformer,
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_flux2(folder: Path) -> Path:
    """Save a small Flux 2: the patches of its autoencoder are normalised."""
    import torch
    from diffusers import AutoencoderKLFlux2, Flux2KleinPipeline, Flux2Transformer2DModel

    torch.manual_seed(0)
    transformer = Flux2Transformer2DModel(
        **_BLOCKS, joint_attention_dim=48, axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False
    )
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 8), down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4, layers_per_block=1,
        norm_num_groups=4, sample_size=SIDE, mid_block_add_attention=False,
    )  # fmt: skip
    vae.bn.running_mean += 0.1
    vae.bn.running_var *= 0.5
    pipe = Flux2KleinPipeline(
        scheduler=_scheduler(),
        vae=vae,
        text_encoder=qwen3(layers=27, headed=True),
        tokenizer=byte_tokenizer(),
        transformer=transformer,
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_chroma(folder: Path) -> Path:
    """Save a Chroma: as Flux, with true guidance and one text encoder."""
    import torch
    from diffusers import ChromaPipeline, ChromaTransformer2DModel

    torch.manual_seed(0)
    transformer = ChromaTransformer2DModel(
        **_BLOCKS, joint_attention_dim=32, axes_dims_rope=(4, 4, 8), approximator_num_channels=16,
        approximator_hidden_dim=32, approximator_layers=1,
    )  # fmt: skip
    pipe = ChromaPipeline(
        scheduler=_scheduler(),
        vae=flow_autoencoder(),
        text_encoder=t5(),
        tokenizer=clip_tokenizer(),
        transformer=transformer,
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_qwen(folder: Path, *, layers: int = 1, halvings: int = 1) -> Path:
    """Save a Qwen-Image: an autoencoder for films, and a reader that also sees."""
    import torch
    from diffusers import AutoencoderKLQwenImage, QwenImagePipeline, QwenImageTransformer2DModel

    torch.manual_seed(0)
    transformer = QwenImageTransformer2DModel(
        patch_size=2, in_channels=16, out_channels=4, num_layers=layers, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=16, axes_dims_rope=(8, 4, 4),
    )  # fmt: skip
    vae = AutoencoderKLQwenImage(
        base_dim=8, z_dim=4, dim_mult=[1, *[2] * halvings], num_res_blocks=1,
        temperal_downsample=[False] * halvings,
        latents_mean=[0.1, 0.0, -0.1, 0.2], latents_std=[0.9, 1.0, 1.1, 1.2],
    )  # fmt: skip
    pipe = QwenImagePipeline(
        scheduler=_scheduler(),
        vae=vae,
        text_encoder=qwen_vl(),
        tokenizer=byte_tokenizer(),
        transformer=transformer,
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_ovis(folder: Path) -> Path:
    """Save an Ovis-Image: the engine has no word about this family."""
    import torch
    from diffusers import OvisImagePipeline, OvisImageTransformer2DModel

    torch.manual_seed(0)
    transformer = OvisImageTransformer2DModel(
        **_BLOCKS, out_channels=16, joint_attention_dim=16, axes_dims_rope=(4, 4, 8)
    )
    pipe = OvisImagePipeline(
        scheduler=_scheduler(),
        vae=flow_autoencoder(),
        text_encoder=qwen3(),
        tokenizer=byte_tokenizer(),
        transformer=transformer,
    )
    pipe.save_pretrained(folder)
    return folder
