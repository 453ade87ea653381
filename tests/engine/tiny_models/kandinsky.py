"""Kandinsky: one that draws in a few fixed sizes, and half of one that draws from no words."""

from pathlib import Path

from .parts import byte_tokenizer, clip_text, clip_tokenizer, flow_autoencoder, qwen_vl


def save_tiny_kandinsky5(folder: Path) -> Path:
    """Save a Kandinsky 5 for images: its latents are films of one frame, channels last."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        Kandinsky5T2IPipeline,
        Kandinsky5Transformer3DModel,
    )

    torch.manual_seed(0)
    transformer = Kandinsky5Transformer3DModel(
        in_visual_dim=4, out_visual_dim=4, in_text_dim=16, in_text_dim2=32, time_dim=16,
        model_dim=32, ff_dim=32, num_text_blocks=1, num_visual_blocks=1, axes_dims=(8, 4, 4),
    )  # fmt: skip
    pipe = Kandinsky5T2IPipeline(
        transformer=transformer,
        vae=flow_autoencoder(blocks=4),
        text_encoder=qwen_vl(),
        tokenizer=byte_tokenizer(),
        text_encoder_2=clip_text(longest=77),
        tokenizer_2=clip_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_kandinsky_decoder(folder: Path) -> Path:
    """Save the half of a Kandinsky 2.2 that the hub has as its text-to-image model."""
    import torch
    from diffusers import DDIMScheduler, KandinskyV22Pipeline, UNet2DConditionModel, VQModel

    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        in_channels=4, out_channels=8, addition_embed_type="image", block_out_channels=(32, 64),
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", layers_per_block=1, encoder_hid_dim=32,
        encoder_hid_dim_type="image_proj", cross_attention_dim=32, attention_head_dim=4,
    )  # fmt: skip
    movq = VQModel(norm_num_groups=8, block_out_channels=(32,), latent_channels=4)
    KandinskyV22Pipeline(unet=unet, scheduler=DDIMScheduler(), movq=movq).save_pretrained(folder)
    return folder
