"""A denoiser whose weights lie in memory as float8, half as large; it computes in another type.

Each layer is cast when it is its turn, by diffusers' layerwise casting, which leaves norms and
embeddings as they are: https://huggingface.co/docs/diffusers/optimization/memory
"""

from typing import Any

import torch

from tui.engine.worker.errors import LoadingError

FLOAT8 = "float8"
"""The precision of the settings that asks for it."""


def store_as_float8(network: Any, reference: str, dtype: torch.dtype) -> None:
    """Have a network's weights in float8 between its layers' turns.

    Args:
        network: the one that runs once a step.
        reference: of the model, for the person.
        dtype: in which it computes, and which its weights have now.

    Raises:
        LoadingError: it cannot be had so.
    """
    cast = getattr(network, "enable_layerwise_casting", None)
    if cast is None:
        raise LoadingError(
            f"{reference} cannot be kept in float8: set precision to auto in config.toml"
        )
    cast(storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype)
