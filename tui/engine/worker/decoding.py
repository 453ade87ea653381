"""Latents become pixels, one image at a time where the family allows it."""

from typing import Any

import numpy as np
import torch
from PIL import Image

from tui.engine.components import DECODED_APART
from tui.engine.worker.finite import check_finite, check_pixels


def decodes_apart(pipe: Any) -> bool:
    """Whether latents can be decoded one image at a time: the first is shown sooner."""
    return type(pipe).__name__ in DECODED_APART


def pixels_of(pipe: Any, output: Any, slot: int, precision: str) -> np.ndarray[Any, Any]:
    """One slot of a pipeline's output, height × width × 3 of uint8.

    Args:
        pipe: the pipeline that drew.
        output: its latents if it `decodes_apart`, else its pictures.
        slot: from 0.
        precision: in which it drew.

    Raises:
        NotFiniteError: the autoencoder's numbers overflowed.
    """
    if not decodes_apart(pipe):
        pixels = np.asarray(output[slot].convert("RGB"))
        check_pixels(pixels, precision)
        return pixels
    with torch.no_grad():
        latent = output[slot : slot + 1] / pipe.vae.config.scaling_factor
        image = pipe.vae.decode(latent.to(pipe.vae.dtype), return_dict=False)[0]
        check_finite(image, precision)
        flagged = None
        if getattr(pipe, "safety_checker", None) is not None:
            image, flagged = pipe.run_safety_checker(image, pipe._execution_device, image.dtype)
        normal = [not (flagged and flagged[0])]
        picture = pipe.image_processor.postprocess(image, output_type="pil", do_denormalize=normal)[
            0
        ]
    return np.asarray(picture.convert("RGB"))


def at_size(pixels: np.ndarray[Any, Any], size: tuple[int, int]) -> np.ndarray[Any, Any]:
    """The picture at the size that was asked for: some draw as many pixels as they always do.

    Args:
        pixels: height × width × 3 of uint8.
        size: width and height.
    """
    if pixels.shape[1::-1] == size:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
