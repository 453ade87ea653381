"""Inpainting: only the mask's surroundings are drawn, and only the mask is changed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from tui.engine.worker.loading import Model
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
    match: bool
    """Whether its colours are brought to the picture's own at the mask's edge."""

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
        return cls(
            to_array(original),
            mask,
            crop,
            picture,
            Image.fromarray(small),
            feather,
            match=bool(intent.match_seam),
        )

    def stitched(self, painted: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The whole picture with the drawn part in it; identical where the mask is 0."""
        return stitch(
            self.original,
            Image.fromarray(painted),
            self.mask,
            self.crop,
            self.feather,
            match=self.match,
        )
