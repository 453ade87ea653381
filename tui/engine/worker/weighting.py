"""What was read of words with weights, made larger or smaller by compel.

A word that counts more is moved further away from what an empty text reads as. For one that counts
less, what was read is blended with what is read where the word is hidden.
"""

from typing import Any

import torch

from tui.domain.weights import Weighted

WEIGHER = "compel"
"""As recipes name it."""


class _Encoder:
    """A text encoder as compel wants one: where it computes, not where its weights lie just now.

    An offloaded one has them elsewhere until it is asked.
    """

    def __init__(self, module: Any, device: torch.device, dtype: torch.dtype) -> None:
        self._module, self.device, self.dtype = module, device, dtype

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Its answer."""
        return self._module(*args, **kwargs)


def weigh(pipe: Any, words: Weighted, read: torch.Tensor, device: torch.device) -> torch.Tensor:
    """The same words as they count.

    Args:
        pipe: Stable Diffusion or SDXL, whose encoders are asked.
        words: of one part, no longer than the reader takes.
        read: what the pipeline itself reads of them, images × tokens × channels.
        device: to compute on.
    """
    # Brings several pipelines with it: only whoever writes weights waits for that.
    from compel.embeddings_provider import EmbeddingsProvider, ReturnedEmbeddingsType

    kinds = ReturnedEmbeddingsType
    readers = [
        (getattr(pipe, f"tokenizer{name}", None), getattr(pipe, f"text_encoder{name}", None))
        for name in ("", "_2")
    ]
    is_xl = "text_encoder_2" in pipe.components
    kind = (
        kinds.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
        if is_xl
        else kinds.LAST_HIDDEN_STATES_NORMALIZED
    )
    found = []
    for tokenizer, encoder in readers:
        if tokenizer is None or encoder is None:
            continue
        provider = EmbeddingsProvider(
            tokenizer,
            _Encoder(encoder, device, read.dtype),
            returned_embeddings_type=kind,
            device=str(device),
        )
        # A fragment without a token, such as a sign that the reader leaves out, has no place.
        fragments = [
            (text, weight)
            for text, weight in words.fragments
            if tokenizer(text, add_special_tokens=False).input_ids
        ]
        found.append(
            provider.get_embeddings_for_weighted_prompt_fragments(
                [[text for text, _ in fragments]],
                [[weight for _, weight in fragments]],
                device=str(device),
            )
        )
    return torch.cat(found, dim=-1).to(read).expand(len(read), -1, -1).contiguous()
