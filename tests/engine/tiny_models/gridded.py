"""Transformers over a plain grid of latents, most without pipelines that start from a picture."""

from pathlib import Path
from typing import Any

from .parts import (
    SIDE,
    autoencoder,
    byte_tokenizer,
    clip_tokenizer,
    flow_autoencoder,
    gemma,
    qwen3,
    qwen_vl,
    t5,
)


def _flow(**settings: Any) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(**settings or {"shift": 3.0})


def save_tiny_pixart(folder: Path) -> Path:
    """Save a PixArt Sigma: its pipeline tells nobody of its steps."""
    import torch
    from diffusers import DPMSolverMultistepScheduler, PixArtSigmaPipeline, PixArtTransformer2DModel

    torch.manual_seed(0)
    transformer = PixArtTransformer2DModel(
        sample_size=SIDE // 2, num_layers=1, patch_size=2, attention_head_dim=8,
        num_attention_heads=3, caption_channels=32, in_channels=4, cross_attention_dim=24,
        out_channels=8,
    )  # fmt: skip
    pipe = PixArtSigmaPipeline(
        tokenizer=clip_tokenizer(),
        text_encoder=t5(),
        vae=autoencoder(),
        transformer=transformer,
        scheduler=DPMSolverMultistepScheduler(),
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_sana(folder: Path) -> Path:
    """Save a Sana: an autoencoder of another kind, and a solver for flows."""
    import torch
    from diffusers import (
        AutoencoderDC,
        DPMSolverMultistepScheduler,
        SanaPipeline,
        SanaTransformer2DModel,
    )

    torch.manual_seed(0)
    transformer = SanaTransformer2DModel(
        patch_size=1, in_channels=4, out_channels=4, num_layers=1, num_attention_heads=2,
        attention_head_dim=8, num_cross_attention_heads=2, cross_attention_head_dim=8,
        cross_attention_dim=16, caption_channels=16, sample_size=SIDE // 32,
    )  # fmt: skip
    blocks: dict[str, Any] = {}
    # The pipeline insists on an autoencoder that shrinks by 32.
    for half in ("encoder", "decoder"):
        blocks |= {
            f"{half}_block_types": ("ResBlock",) * 5 + ("EfficientViTBlock",),
            f"{half}_block_out_channels": (8,) * 6,
            f"{half}_qkv_multiscales": ((),) * 5 + ((5,),),
            f"{half}_layers_per_block": (1,) * 6,
        }
    vae = AutoencoderDC(
        **blocks, latent_channels=4, attention_head_dim=2, downsample_block_type="conv",
        upsample_block_type="interpolate", scaling_factor=0.41407,
    )  # fmt: skip
    pipe = SanaPipeline(
        tokenizer=byte_tokenizer(),
        text_encoder=gemma(),
        vae=vae,
        transformer=transformer,
        scheduler=DPMSolverMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_z_image(folder: Path) -> Path:
    """Save a Z-Image: its network takes lists of pictures."""
    import torch
    from diffusers import ZImagePipeline, ZImageTransformer2DModel

    torch.manual_seed(0)
    transformer = ZImageTransformer2DModel(
        in_channels=4, dim=32, n_layers=1, n_refiner_layers=1, n_heads=2, n_kv_heads=2,
        cap_feat_dim=16, axes_dims=[8, 4, 4],
    )  # fmt: skip
    for token in (transformer.x_pad_token, transformer.cap_pad_token):
        torch.nn.init.ones_(token)  # they are left uninitialised otherwise
    pipe = ZImagePipeline(
        scheduler=_flow(),
        # This family is taken to draw 1024 pixels a side, so they have to become few cells.
        vae=flow_autoencoder(blocks=5),
        text_encoder=qwen3(),
        tokenizer=byte_tokenizer(),
        transformer=transformer,
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_lumina(folder: Path) -> Path:
    """Save a Lumina 2."""
    import torch
    from diffusers import Lumina2Pipeline, Lumina2Transformer2DModel

    torch.manual_seed(0)
    transformer = Lumina2Transformer2DModel(
        sample_size=SIDE // 8, patch_size=2, in_channels=4, hidden_size=16, num_layers=1,
        num_refiner_layers=1, num_attention_heads=2, num_kv_heads=1, multiple_of=16,
        axes_dim_rope=(4, 2, 2), cap_feat_dim=16,
    )  # fmt: skip
    pipe = Lumina2Pipeline(
        transformer=transformer,
        scheduler=_flow(),
        vae=flow_autoencoder(blocks=4),
        text_encoder=gemma(),
        tokenizer=byte_tokenizer(),
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_hunyuan(folder: Path) -> Path:
    """Save a Hunyuan-DiT: noise is added at each step, and its network also learns variances."""
    import torch
    from diffusers import DDPMScheduler, HunyuanDiT2DModel, HunyuanDiTPipeline
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    transformer = HunyuanDiT2DModel(
        sample_size=SIDE // 8, num_layers=2, patch_size=2, attention_head_dim=8,
        num_attention_heads=3, in_channels=4, cross_attention_dim=32, cross_attention_dim_t5=32,
        pooled_projection_dim=16, hidden_size=24,
    )  # fmt: skip
    text = BertConfig(
        vocab_size=len(clip_tokenizer()), hidden_size=32, num_hidden_layers=1,
        num_attention_heads=4, intermediate_size=37, max_position_embeddings=128,
    )  # fmt: skip
    pipe = HunyuanDiTPipeline(
        vae=autoencoder(blocks=4),  # its pipeline counts on eight pixels a cell
        text_encoder=BertModel(text),
        tokenizer=clip_tokenizer(),
        transformer=transformer,
        scheduler=DDPMScheduler(prediction_type="v_prediction"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        text_encoder_2=t5(),
        tokenizer_2=clip_tokenizer(),
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_auraflow(folder: Path) -> Path:
    """Save an AuraFlow."""
    import torch
    from diffusers import AuraFlowPipeline, AuraFlowTransformer2DModel
    from transformers import UMT5Config, UMT5EncoderModel

    torch.manual_seed(0)
    transformer = AuraFlowTransformer2DModel(
        sample_size=SIDE // 2, patch_size=2, in_channels=4, out_channels=4, num_mmdit_layers=1,
        num_single_dit_layers=1, attention_head_dim=8, num_attention_heads=4,
        caption_projection_dim=32, joint_attention_dim=32,
    )  # fmt: skip
    text = UMT5Config(
        vocab_size=len(clip_tokenizer()), d_model=32, d_kv=8, d_ff=37, num_layers=1, num_heads=4
    )
    pipe = AuraFlowPipeline(
        tokenizer=clip_tokenizer(),
        text_encoder=UMT5EncoderModel(text),
        vae=autoencoder(),
        transformer=transformer,
        scheduler=_flow(),
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_cogview(folder: Path, *, layers: int = 1) -> Path:
    """Save a CogView 4."""
    import torch
    from diffusers import CogView4Pipeline, CogView4Transformer2DModel
    from transformers import GlmConfig, GlmModel

    torch.manual_seed(0)
    transformer = CogView4Transformer2DModel(
        patch_size=2, in_channels=4, out_channels=4, num_layers=layers, attention_head_dim=8,
        num_attention_heads=4, text_embed_dim=32, time_embed_dim=8, condition_dim=4,
        sample_size=SIDE // 2, rope_axes_dim=(32, 32),
    )  # fmt: skip
    text = GlmConfig(
        vocab_size=len(byte_tokenizer()), hidden_size=32, intermediate_size=8, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, head_dim=8, pad_token_id=0,
    )  # fmt: skip
    pipe = CogView4Pipeline(
        tokenizer=byte_tokenizer(),
        text_encoder=GlmModel(text),
        vae=autoencoder(),
        transformer=transformer,
        scheduler=_flow(
            base_shift=0.25,
            max_shift=0.75,
            base_image_seq_len=256,
            use_dynamic_shifting=True,
            time_shift_type="linear",
        ),
    )
    pipe.save_pretrained(folder)
    return folder


def save_tiny_hunyuan_image(folder: Path) -> Path:
    """Save a HunyuanImage: its guidance is a component, and no number that it is called with."""
    import torch
    from diffusers import (
        AutoencoderKLHunyuanImage,
        HunyuanImagePipeline,
        HunyuanImageTransformer2DModel,
    )
    from diffusers.guiders import AdaptiveProjectedMixGuidance
    from transformers import ByT5Tokenizer, T5Config, T5EncoderModel

    torch.manual_seed(0)
    transformer = HunyuanImageTransformer2DModel(
        in_channels=4, out_channels=4, num_attention_heads=4, attention_head_dim=8, num_layers=1,
        num_single_layers=1, num_refiner_layers=1, patch_size=(1, 1), text_embed_dim=16,
        text_embed_2_dim=32, rope_axes_dim=(4, 4),
    )  # fmt: skip
    vae = AutoencoderKLHunyuanImage(
        in_channels=3, out_channels=3, latent_channels=4, block_out_channels=(32,) * 4,
        layers_per_block=1, scaling_factor=0.48, spatial_compression_ratio=8, sample_size=SIDE,
    )  # fmt: skip
    tokenizer = ByT5Tokenizer()
    text = T5Config(
        vocab_size=len(tokenizer), d_model=32, d_kv=4, d_ff=16, num_layers=1, num_heads=2
    )
    guiders = [AdaptiveProjectedMixGuidance(adaptive_projected_guidance_start_step=1)] * 2
    pipe = HunyuanImagePipeline(
        scheduler=_flow(shift=7.0),
        vae=vae,
        text_encoder=qwen_vl(),
        tokenizer=byte_tokenizer(),
        text_encoder_2=T5EncoderModel(text),
        tokenizer_2=tokenizer,
        transformer=transformer,
        guider=guiders[0],
        ocr_guider=guiders[1],
    )
    pipe.save_pretrained(folder)
    return folder
