"""Qwen-Image Edit: it looks at a picture while it draws, by a processor that wants torchvision."""

import json
import shutil
from pathlib import Path
from typing import Any

from .packed import save_tiny_qwen

_SEEN = ("<|vision_start|>", "<|image_pad|>", "<|vision_end|>", "<|video_pad|>")
_PICTURES = {
    "image_processor_type": "Qwen2VLImageProcessor", "min_pixels": 28 * 28,
    "max_pixels": 56 * 56, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
}  # fmt: skip


def save_tiny_qwen_edit(folder: Path) -> Path:
    """Save a Qwen-Image Edit, without the help of torchvision."""
    from transformers import AutoTokenizer, Qwen2_5_VLForConditionalGeneration

    save_tiny_qwen(folder, halvings=4)  # it looks at a thousand pixels a side
    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    tokenizer.add_special_tokens({"additional_special_tokens": list(_SEEN)})
    for part in ("tokenizer", "processor"):
        tokenizer.save_pretrained(folder / part)
    (folder / "processor" / "preprocessor_config.json").write_text(json.dumps(_PICTURES))
    encoder = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder / "text_encoder")
    encoder.resize_token_embeddings(len(tokenizer))
    start, image, end, video = tokenizer.convert_tokens_to_ids(list(_SEEN))
    encoder.config.vision_start_token_id, encoder.config.vision_end_token_id = start, end
    encoder.config.image_token_id, encoder.config.video_token_id = image, video
    shutil.rmtree(folder / "text_encoder")
    encoder.save_pretrained(folder / "text_encoder")
    index = folder / "model_index.json"
    parts: dict[str, Any] = json.loads(index.read_text())
    parts |= {
        "_class_name": "QwenImageEditPipeline",
        "processor": ["transformers", "Qwen2VLProcessor"],
    }
    index.write_text(json.dumps(parts))
    return folder
