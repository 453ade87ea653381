"""Stable Diffusion, for text to image and for inpainting."""

from pathlib import Path
from typing import Any

from tui.engine.models import starter_folder

from .parts import SIDE


def save_tiny_model(folder: Path, *, channels: int, checked: bool = False) -> Path:
    """Save a Stable Diffusion pipeline whose UNet has so many input channels.

    9 are those of a model made for inpainting; any other number is that of its latents. With a
    safety checker, if wished, as most of them have one.
    """
    import torch
    from diffusers import (
        AutoencoderKL,
        PNDMScheduler,
        StableDiffusionInpaintPipeline,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPImageProcessor, CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(0)
    latent_channels = 4 if channels == 9 else channels
    tokenizer = CLIPTokenizer.from_pretrained(starter_folder() / "tokenizer")
    text = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=37, num_attention_heads=4,
        num_hidden_layers=2, max_position_embeddings=tokenizer.model_max_length,
        projection_dim=32, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64), layers_per_block=1, sample_size=SIDE // 2,
        in_channels=channels, out_channels=latent_channels, cross_attention_dim=32,
        attention_head_dim=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(32, 64), in_channels=3, out_channels=3,
        latent_channels=latent_channels,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        sample_size=SIDE,
    )  # fmt: skip
    cls = StableDiffusionInpaintPipeline if channels == 9 else StableDiffusionPipeline
    pipe = cls(
        vae=vae,
        text_encoder=CLIPTextModel(text),
        tokenizer=tokenizer,
        unet=unet,
        scheduler=PNDMScheduler(skip_prk_steps=True, steps_offset=1),
        safety_checker=_safety_checker() if checked else None,
        feature_extractor=CLIPImageProcessor(size=30, crop_size=30) if checked else None,
        requires_safety_checker=checked,
    )
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder


def _safety_checker() -> Any:
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPVisionConfig

    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=37, num_attention_heads=4, num_hidden_layers=2,
        image_size=30, patch_size=15, projection_dim=32,
    )  # fmt: skip
    return StableDiffusionSafetyChecker(
        CLIPConfig(vision_config=vision.to_dict(), projection_dim=32)
    )
