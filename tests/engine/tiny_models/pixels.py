"""Families that draw pixels, without any latents."""

from pathlib import Path

from .parts import SIDE, byte_tokenizer, clip_tokenizer, qwen3, t5


def save_tiny_if(folder: Path) -> Path:
    """Save the first stage of a DeepFloyd IF: its network also learns variances."""
    import torch
    from diffusers import DDPMScheduler, IFPipeline, UNet2DConditionModel
    from diffusers.pipelines.deepfloyd_if import IFWatermarker

    torch.manual_seed(0)
    # Three halvings: attention over whole pictures takes its time.
    unet = UNet2DConditionModel(
        sample_size=SIDE, layers_per_block=1, block_out_channels=(32, 32, 32, 32),
        down_block_types=("ResnetDownsampleBlock2D",) * 3 + ("SimpleCrossAttnDownBlock2D",),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D",) + ("ResnetUpsampleBlock2D",) * 3,
        in_channels=3, out_channels=6, cross_attention_dim=32, encoder_hid_dim=32,
        attention_head_dim=32, addition_embed_type="text", addition_embed_type_num_heads=2,
        cross_attention_norm="group_norm", resnet_time_scale_shift="scale_shift", act_fn="gelu",
    )  # fmt: skip
    scheduler = DDPMScheduler(
        beta_schedule="squaredcos_cap_v2", thresholding=True, dynamic_thresholding_ratio=0.95,
        sample_max_value=1.5, variance_type="learned_range",
    )  # fmt: skip
    pipe = IFPipeline(
        tokenizer=clip_tokenizer(),
        text_encoder=t5(),
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        watermarker=IFWatermarker(),
        requires_safety_checker=False,
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_prx_pixel(folder: Path) -> Path:
    """Save a PRX that draws pixels, by a transformer."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, PRXPixelPipeline, PRXTransformer2DModel

    torch.manual_seed(0)
    transformer = PRXTransformer2DModel(
        patch_size=8, in_channels=3, context_in_dim=16, hidden_size=8, mlp_ratio=2.0, num_heads=2,
        depth=1, axes_dim=[2, 2], bottleneck_size=8, resolution_embeds=True,
    )  # fmt: skip
    pipe = PRXPixelPipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(),
        text_encoder=qwen3(),
        tokenizer=byte_tokenizer(),
        prompt_max_tokens=16,
    )
    pipe.save_pretrained(folder)
    return folder
