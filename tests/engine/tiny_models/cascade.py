"""Stable Cascade: one stage composes a very small picture, the other one draws from it."""

import json
from pathlib import Path

from .parts import clip_text, clip_tokenizer


def save_tiny_cascade(folder: Path) -> Path:
    """Save both stages of a Stable Cascade."""
    import torch
    from diffusers import (
        DDPMWuerstchenScheduler,
        StableCascadeCombinedPipeline,
        StableCascadeUNet,
    )
    from diffusers.pipelines.deprecated.wuerstchen import PaellaVQModel

    torch.manual_seed(0)
    blocks = ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock")
    sizes = {
        "conditioning_dim": 32, "block_out_channels": (32, 32), "num_attention_heads": (2, 2),
        "down_num_layers_per_block": (1, 1), "up_num_layers_per_block": (1, 1),
        "down_blocks_repeat_mappers": (1, 1), "up_blocks_repeat_mappers": (1, 1),
        "clip_text_pooled_in_channels": 32, "block_types_per_layer": (blocks[:2], blocks),
        "dropout": (0.0, 0.0),
    }  # fmt: skip
    pipe = StableCascadeCombinedPipeline(
        tokenizer=clip_tokenizer(),
        text_encoder=clip_text(projected=True),
        decoder=StableCascadeUNet(
            **sizes, in_channels=4, out_channels=4, patch_size=2, effnet_in_channels=16
        ),
        scheduler=DDPMWuerstchenScheduler(),
        vqgan=PaellaVQModel(bottleneck_blocks=1, num_vq_embeddings=2, embed_dim=16),
        prior_prior=StableCascadeUNet(
            **sizes, switch_level=(False,), clip_text_in_channels=32, clip_image_in_channels=32
        ),
        prior_text_encoder=clip_text(projected=True),
        prior_tokenizer=clip_tokenizer(),
        prior_scheduler=DDPMWuerstchenScheduler(),
        prior_feature_extractor=None,
        prior_image_encoder=None,
    )
    pipe.save_pretrained(folder)
    # As on the hub. This version of diffusers has moved the class, and writes what it cannot read.
    index = folder / "model_index.json"
    parts = json.loads(index.read_text()) | {"vqgan": ["wuerstchen", "PaellaVQModel"]}
    index.write_text(json.dumps(parts))
    return folder
