"""Inpainting: only the mask's surroundings are drawn, and only the mask is changed.

For families without an inpaint pipeline the known part is blended in at each step, at the noise
level of that step, the way diffusers' own inpaint pipeline does for plain UNets.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from tui.engine.worker.loading import Model
from tui.engine.worker.previews import encode
from tui.engine.worker_messages import RunBatch
from tui.imaging.crop import Crop, plan_crop
from tui.imaging.masks import open_mask
from tui.imaging.pixels import open_picture, to_array
from tui.imaging.stitch import cut, stitch

DEFAULT_CONTEXT = 16
DEFAULT_FEATHER = 4


@dataclass(frozen=True)
class Repaint:
    """The part of a picture that is drawn anew, at the model's resolution."""

    original: np.ndarray[Any, Any]
    """Height × width × 3 of uint8: the whole working copy."""
    mask: np.ndarray[Any, Any]
    """Height × width of uint8."""
    crop: Crop
    picture: Image.Image
    """The crop at render size."""
    mask_picture: Image.Image
    """Its mask at render size, mode L."""
    feather: int

    @classmethod
    def open(cls, model: Model, batch: RunBatch) -> "Repaint":
        """Cut what a batch asks for out of its picture and mask.

        Raises:
            ImagingError: the files are no longer what they were.
        """
        original = open_picture(batch.init_image)
        mask = open_mask(batch.mask, original.size)
        intent = batch.intent
        context = DEFAULT_CONTEXT if intent.context is None else intent.context
        crop = plan_crop(mask, context=context, native=model.native, multiple=model.multiple)
        picture, small = cut(to_array(original), mask, crop)
        feather = DEFAULT_FEATHER if intent.feather is None else intent.feather
        return cls(to_array(original), mask, crop, picture, Image.fromarray(small), feather)

    def stitched(self, painted: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The whole picture with the drawn part in it; identical where the mask is 0."""
        return stitch(self.original, Image.fromarray(painted), self.mask, self.crop, self.feather)


class KnownLatents:
    """The known part of the picture as latents, at whatever noise level a step has."""

    def __init__(self, pipe: Any, repaint: Repaint, seeds: tuple[int, ...]) -> None:
        self._scheduler = pipe.scheduler
        vae = pipe.vae
        pixels = pipe.image_processor.preprocess(repaint.picture).to(vae.device, vae.dtype)
        with torch.no_grad():
            clean = encode(vae, pixels)
        self._clean = clean.repeat(len(seeds), 1, 1, 1)
        shape = clean.shape[1:]
        # Another stream than the pipeline's own noise, still determined by each image's seed.
        self._noise = torch.stack(
            [torch.randn(shape, generator=torch.Generator().manual_seed(s ^ 1)) for s in seeds]
        ).to(clean)
        levels = torch.from_numpy(np.array(repaint.mask_picture)).float()[None, None] / 255
        # Any latent that touches the mask may change: the stitch decides about pixels.
        self._mask = functional.adaptive_max_pool2d(levels, shape[-2:]).ceil().to(clean)

    def blended(self, latents: torch.Tensor, timestep: Any) -> torch.Tensor:
        """The latents after the step at `timestep`, with the known part put back.

        Args:
            latents: batch × channels × height × width.
            timestep: of the step that has just been made.
        """
        timesteps = self._scheduler.timesteps
        following = int((timesteps == timestep).nonzero()[-1]) + 1
        known = self._clean
        if following < len(timesteps):
            level = timesteps[following].reshape(1).repeat(len(latents))
            add = getattr(self._scheduler, "add_noise", None) or self._scheduler.scale_noise
            known = add(known, self._noise, level).to(latents.dtype)
        return latents * self._mask + known * (1 - self._mask)
