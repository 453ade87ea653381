"""Numbers that overflowed: a picture made of them is black or noise, and must not pass for one."""

from typing import Any

import numpy as np
import torch

from tui.engine.worker.errors import LoadingError

_NARROW = "float16"
"""Its largest number is 65,504, which some networks exceed."""


class NotFiniteError(LoadingError):
    """A network gave infinities, or no numbers at all."""


def check_finite(values: torch.Tensor, precision: str) -> None:
    """Refuse values of which one is infinite or no number.

    Args:
        values: latents or pixels, of any shape.
        precision: in which they were computed.

    Raises:
        NotFiniteError: it says what would do.
    """
    if not bool(torch.isfinite(values).all()):
        raise NotFiniteError(_sentence(precision))


def check_pixels(pixels: np.ndarray[Any, Any], precision: str) -> None:
    """Refuse a picture that is all black where numbers overflow easily: infinities end as that.

    Raises:
        NotFiniteError: it says what would do.
    """
    if precision == _NARROW and not pixels.any():
        raise NotFiniteError(_sentence(precision))


def _sentence(precision: str) -> str:
    if precision == _NARROW:
        return (
            "the picture came out black, because the model's numbers are too large for float16: "
            'set precision = "float32" in config.toml, or "bfloat16" where the GPU has it'
        )
    return (
        f"the model gave no numbers in {precision}: its weights, a LoRA or its VAE may be broken, "
        "so take one away, or download the model again"
    )
