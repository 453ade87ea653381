"""Kandinsky: one in two stages, one of fixed sizes, and half of one that draws from no words."""

from pathlib import Path
from typing import Any

from .parts import SIDE, byte_tokenizer, clip_text, clip_tokenizer, flow_autoencoder, qwen_vl, t5


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


def save_tiny_kandinsky3(folder: Path) -> Path:
    """Save a Kandinsky 3: its autoencoder is no `vae`."""
    import torch
    from diffusers import DDPMScheduler, Kandinsky3Pipeline, Kandinsky3UNet

    torch.manual_seed(0)
    unet = Kandinsky3UNet(
        in_channels=4, time_embedding_dim=4, groups=2, attention_head_dim=4, layers_per_block=3,
        block_out_channels=(32, 64), cross_attention_dim=4, encoder_hid_dim=32,
    )  # fmt: skip
    pipe = Kandinsky3Pipeline(
        tokenizer=clip_tokenizer(),
        text_encoder=t5(),
        unet=unet,
        scheduler=DDPMScheduler(beta_schedule="squaredcos_cap_v2"),
        movq=_movq(),
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_kandinsky_22(folder: Path) -> Path:
    """Save a whole Kandinsky 2.2: one stage reads the words, another one draws."""
    import torch
    from diffusers import DDIMScheduler, KandinskyV22CombinedPipeline

    torch.manual_seed(0)
    pipe = KandinskyV22CombinedPipeline(
        unet=_unet(), scheduler=DDIMScheduler(clip_sample=False), movq=_movq(), **_prior()
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_kandinsky_decoder(folder: Path) -> Path:
    """Save the half of a Kandinsky 2.2 that the hub has as its text-to-image model."""
    import torch
    from diffusers import DDIMScheduler, KandinskyV22Pipeline

    torch.manual_seed(0)
    pipe = KandinskyV22Pipeline(unet=_unet(), scheduler=DDIMScheduler(), movq=_movq())
    pipe.save_pretrained(folder)
    return folder


def _unet() -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        in_channels=4, out_channels=8, addition_embed_type="image", block_out_channels=(32, 64),
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", layers_per_block=1, encoder_hid_dim=32,
        encoder_hid_dim_type="image_proj", cross_attention_dim=32, attention_head_dim=4,
        resnet_time_scale_shift="scale_shift", sample_size=SIDE // 8,
    )  # fmt: skip


def _movq() -> Any:
    """Eight pixels a side are one cell, on which their pipelines count."""
    from diffusers import VQModel

    return VQModel(
        block_out_channels=(32,) * 4, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, latent_channels=4, norm_num_groups=8,
        norm_type="spatial", num_vq_embeddings=12, vq_embed_dim=4, mid_block_add_attention=False,
    )  # fmt: skip


def _prior() -> dict[str, Any]:
    import torch
    from diffusers import PriorTransformer, UnCLIPScheduler
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

    prior = PriorTransformer(
        num_attention_heads=2, attention_head_dim=12, embedding_dim=32, num_layers=1,
    )  # fmt: skip
    torch.nn.init.ones_(prior.clip_std)  # at nothing it would say the same of all words
    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=37, num_attention_heads=4, num_hidden_layers=1,
        image_size=32, patch_size=16, projection_dim=32,
    )  # fmt: skip
    return {
        "prior_prior": prior,
        "prior_image_encoder": CLIPVisionModelWithProjection(vision),
        "prior_text_encoder": clip_text(projected=True, longest=77),
        "prior_tokenizer": _clip_tokenizer_of_77(),
        "prior_scheduler": UnCLIPScheduler(
            variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=10.0
        ),
        "prior_image_processor": CLIPImageProcessor(size=32, crop_size=32),
    }


def _clip_tokenizer_of_77() -> Any:
    """The prior is made for so many."""
    tokenizer = clip_tokenizer()
    tokenizer.model_max_length = 77
    return tokenizer
