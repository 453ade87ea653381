"""The parts that tiny pipelines of several families share."""

from typing import Any

from tui.engine.models import starter_folder

SIDE = 64
"""Pixels a side that they are configured for."""

_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n"
)


def clip_tokenizer() -> Any:
    """The starter's tokenizer."""
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(starter_folder() / "tokenizer")


def byte_tokenizer() -> Any:
    """A token a byte, with a template for chats: for families whose reader is a language model."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<unk>", "<bos>", "<|im_start|>", "<|im_end|>"]
    pieces = special + sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({piece: at for at, piece in enumerate(pieces)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    # As the real ones: even an empty text is a token long.
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", special_tokens=[("<bos>", special.index("<bos>"))]
    )
    found = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", model_max_length=4096
    )
    found.chat_template = _TEMPLATE
    return found


def clip_text(*, projected: bool = False, longest: int = 0) -> Any:
    """A text encoder of width 32; it reads as many tokens as the starter's unless told."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    tokenizer = clip_tokenizer()
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=37, num_attention_heads=4,
        num_hidden_layers=2, max_position_embeddings=longest or tokenizer.model_max_length,
        projection_dim=32, bos_token_id=0, eos_token_id=1, pad_token_id=1, hidden_act="gelu",
    )  # fmt: skip
    return CLIPTextModelWithProjection(config) if projected else CLIPTextModel(config)


def t5() -> Any:
    """A longer text encoder of width 32."""
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(
        T5Config(
            vocab_size=len(clip_tokenizer()), d_model=32, d_kv=8, d_ff=37, num_layers=1,
            num_heads=4,
        )
    )  # fmt: skip


def gemma() -> Any:
    """A language model of width 16."""
    from transformers import Gemma2Config, Gemma2Model

    return Gemma2Model(
        Gemma2Config(
            vocab_size=len(byte_tokenizer()), head_dim=8, hidden_size=16, intermediate_size=16,
            num_attention_heads=2, num_hidden_layers=2, num_key_value_heads=2, sliding_window=8,
            pad_token_id=0,
        )
    )  # fmt: skip


def qwen3(*, layers: int = 2, headed: bool = False) -> Any:
    """A language model of width 16."""
    from transformers import Qwen3Config, Qwen3ForCausalLM, Qwen3Model

    config = Qwen3Config(
        vocab_size=len(byte_tokenizer()), hidden_size=16, intermediate_size=16,
        num_hidden_layers=layers, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
    )  # fmt: skip
    return Qwen3ForCausalLM(config) if headed else Qwen3Model(config)


def qwen_vl() -> Any:
    """A language model of width 16 that also sees."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(byte_tokenizer()), "hidden_size": 16, "intermediate_size": 16,
            "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
            "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default"},
        },
        vision_config={
            "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2,
            "out_hidden_size": 16,
        },
    )  # fmt: skip
    return Qwen2_5_VLForConditionalGeneration(config)


def autoencoder(blocks: int = 2, **changes: Any) -> Any:
    """Four latent channels; each block after the first one halves the picture."""
    from diffusers import AutoencoderKL

    settings: dict[str, Any] = {
        "block_out_channels": (8,) * blocks,
        "down_block_types": ("DownEncoderBlock2D",) * blocks,
        "up_block_types": ("UpDecoderBlock2D",) * blocks,
        "latent_channels": 4,
        "layers_per_block": 1,
        "norm_num_groups": 4,
        "sample_size": SIDE,
        "mid_block_add_attention": False,
    }
    return AutoencoderKL(**settings | changes)


def flow_autoencoder(blocks: int = 2, **changes: Any) -> Any:
    """As those of Flux and its like: shifted, and without the convolutions between."""
    return autoencoder(
        blocks, shift_factor=0.06, scaling_factor=1.5, use_quant_conv=False,
        use_post_quant_conv=False, **changes,
    )  # fmt: skip
