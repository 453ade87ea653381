"""Stable Diffusion XL and 3."""

from pathlib import Path

from .parts import SIDE, autoencoder, clip_text, clip_tokenizer, flow_autoencoder, t5


def save_tiny_xl(folder: Path, *, channels: int = 4) -> Path:
    """Save an SDXL whose UNet has so many input channels; 4 or 9."""
    import torch
    from diffusers import (
        EulerDiscreteScheduler,
        StableDiffusionXLInpaintPipeline,
        StableDiffusionXLPipeline,
        UNet2DConditionModel,
    )

    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64), layers_per_block=1, sample_size=SIDE // 2,
        in_channels=channels, out_channels=4, cross_attention_dim=64, attention_head_dim=(2, 4),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), use_linear_projection=True,
        addition_embed_type="text_time", addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 1), projection_class_embeddings_input_dim=80,
    )  # fmt: skip
    cls = StableDiffusionXLInpaintPipeline if channels == 9 else StableDiffusionXLPipeline
    pipe = cls(
        vae=autoencoder(scaling_factor=0.13025, force_upcast=True),
        text_encoder=clip_text(),
        text_encoder_2=clip_text(projected=True),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=unet,
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            steps_offset=1,
            timestep_spacing="leading",
        ),
        add_watermarker=False,
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_sd3(folder: Path) -> Path:
    """Save a Stable Diffusion 3: three text encoders, flow matching over a plain grid."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        SD3Transformer2DModel,
        StableDiffusion3Pipeline,
    )

    torch.manual_seed(0)
    transformer = SD3Transformer2DModel(
        sample_size=SIDE // 2, patch_size=2, in_channels=16, out_channels=16, num_layers=1,
        attention_head_dim=8, num_attention_heads=4, caption_projection_dim=32,
        joint_attention_dim=32, pooled_projection_dim=64, pos_embed_max_size=64,
    )  # fmt: skip
    pipe = StableDiffusion3Pipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=flow_autoencoder(latent_channels=16),
        text_encoder=clip_text(projected=True),
        tokenizer=clip_tokenizer(),
        text_encoder_2=clip_text(projected=True),
        tokenizer_2=clip_tokenizer(),
        text_encoder_3=t5(),
        tokenizer_3=clip_tokenizer(),
    )
    pipe.save_pretrained(folder)
    return folder
