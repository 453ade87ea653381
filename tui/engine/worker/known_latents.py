"""A picture among the latents, at whatever noise level a step has.

For families without a pipeline that starts from a picture, a drawing begins in the middle with the
picture's latents; for those without an inpaint pipeline, the known part is blended in at each
step, the way diffusers' own inpaint pipeline does for plain UNets.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from tui.engine.worker.latents import LayoutError, encode, from_grid, pixels_in
from tui.engine.worker.loading import LoadingError, Model


class KnownLatents:
    """Latents of the picture that a batch starts from, in the layout of the family.

    The picture is encoded here, before the first step: where parts of the model take turns on the
    device, the network would have to leave it for the autoencoder in the middle of the drawing.

    Raises:
        LoadingError: this family cannot start from a picture.
    """

    def __init__(
        self, model: Model, picture: Image.Image, seeds: tuple[int, ...], mask: Image.Image | None
    ) -> None:
        self._model, self._seeds, self._mask_picture = model, seeds, mask
        self._clean = self._noise = self._mask = torch.empty(0)
        try:
            self._grid = encode(model.vae, pixels_in(picture))
        except AttributeError as error:
            raise self._refusal from error
        finally:
            if model.offload:
                # The autoencoder would stay there through all the steps.
                model.pipe.maybe_free_model_hooks()

    def begun(self, scheduler: Any, latents: torch.Tensor, index: int) -> torch.Tensor:
        """The picture at the noise level of a step.

        Args:
            scheduler: the one that draws.
            latents: of the pipeline; only their layout counts.
            index: of the step, from 0.

        Raises:
            LoadingError: this family cannot start from a picture.
        """
        self._lay_out(scheduler, latents)
        return self._noised(scheduler, index)

    def blended(self, scheduler: Any, latents: torch.Tensor, timestep: Any) -> torch.Tensor:
        """The latents after the step at `timestep`, with the known part put back.

        Raises:
            LoadingError: this family cannot start from a picture.
        """
        self._lay_out(scheduler, latents)
        # Some are told it once for each image.
        now = timestep.flatten()[0] if isinstance(timestep, torch.Tensor) else timestep
        following = int((scheduler.timesteps == now).nonzero()[-1]) + 1
        known = self._clean
        if following < len(scheduler.timesteps):
            known = self._noised(scheduler, following)
        return latents * self._mask + known * (1 - self._mask)

    def _noised(self, scheduler: Any, index: int) -> torch.Tensor:
        level = scheduler.timesteps[index].reshape(1).repeat(len(self._seeds))
        if hasattr(scheduler, "add_noise"):
            noised: torch.Tensor = scheduler.add_noise(self._clean, self._noise, level)
        else:
            noised = scheduler.scale_noise(self._clean, level, self._noise)
        return noised.to(self._clean.dtype)

    def _lay_out(self, scheduler: Any, latents: torch.Tensor) -> None:
        """Bring all into the layout of these latents; it is the same at every step."""
        if self._clean.numel():
            return
        vae = self._model.vae
        try:
            if not (hasattr(scheduler, "add_noise") or hasattr(scheduler, "scale_noise")):
                raise LayoutError(type(scheduler).__name__)
            clean = self._grid
            # Another stream than the pipeline's own noise, still determined by each image's seed.
            noise = [
                torch.randn(clean.shape[1:], generator=torch.Generator().manual_seed(seed ^ 1))
                for seed in self._seeds
            ]
            self._noise = from_grid(vae, torch.stack(noise), latents, scaled=False)
            if self._mask_picture is not None:
                levels = torch.from_numpy(np.array(self._mask_picture)).float()[None, None] / 255
                # Any latent that touches the mask may change: the stitch decides about pixels.
                mask = functional.adaptive_max_pool2d(levels, clean.shape[-2:]).ceil()
                mask = mask.expand(1, clean.shape[1], -1, -1)
                self._mask = from_grid(vae, mask, latents, scaled=False)
            laid = from_grid(vae, clean, latents)
        except (LayoutError, AttributeError) as error:
            raise self._refusal from error
        self._clean = laid.repeat(len(self._seeds), *(1,) * (laid.ndim - 1))

    @property
    def _refusal(self) -> LoadingError:
        name = type(self._model.pipe).__name__
        return LoadingError(f"{name} cannot start from a picture: choose another model")
