"""Cheap pictures of unfinished latents: a linear map from latent channels to RGB.

The map is fitted once per model by encoding a few random colour fields with the model's own
autoencoder, so that it needs no table of families. It costs well under a millisecond a step.
"""

import io
import logging

import torch
from PIL import Image
from torch.nn import functional

from tui.engine.worker.breaking import why_broken
from tui.engine.worker.latents import encode, to_grid
from tui.engine.worker.loading import Model
from tui.engine.worker.running_out import ran_out

_FIELDS, _CELLS, _SIDE = 4, 8, 64
"""Eight fields cost twice as much, and the starter's colours are 0.1 of 255 levels nearer then."""
_UNKNOWN = (RuntimeError, AttributeError, TypeError, ValueError)
"""What is raised where an autoencoder works another way: such a family draws without previews."""
_log = logging.getLogger(__name__)


def fit_ahead(model: Model, *, wanted: bool) -> None:
    """Fit the map before the first step, where parts of the model take turns on the device.

    In the middle of the drawing the network would have to leave it for the autoencoder, and come
    back: tens of gigabytes for one small picture.

    Args:
        model: nothing happens where all of it is on the device, or the map is there.
        wanted: whether there will be previews.
    """
    if not (wanted and model.offload) or model.factors is not None or model.previews_fail:
        return
    try:
        model.factors = fit_factors(model)
    except _UNKNOWN as error:
        _failed(model, error)
    finally:
        # The autoencoder would stay there through all the steps.
        model.pipe.maybe_free_model_hooks()


def preview_jpegs(model: Model, latents: torch.Tensor, size: tuple[int, int]) -> list[bytes]:
    """One small JPEG for each slot; empty where this family's latents are laid out unknown ways.

    Args:
        model: its autoencoder fits the map.
        latents: as the scheduler has them, at any noise level.
        size: width and height of the pictures.
    """
    if model.previews_fail:
        return []
    try:
        if model.factors is None:
            model.factors = fit_factors(model)
            model.rest_encoder()
        grid = to_grid(model.vae, latents.detach(), size)
        flat = grid.to("cpu", torch.float32).movedim(1, -1)
        rgb = flat @ model.factors[:-1] + model.factors[-1]
    except _UNKNOWN as error:
        _failed(model, error)
        return []
    levels = rgb.clamp(0, 1).mul(255).round().to(torch.uint8).numpy()
    return [_jpeg(Image.fromarray(picture)) for picture in levels]


@torch.no_grad()
def fit_factors(model: Model) -> torch.Tensor:
    """Least squares from latents to the colours they were encoded from, (channels + 1) × 3.

    Where a network draws pixels, that is their own scale.
    """
    # An autoencoder that shrinks much leaves too few cells of a small field to fit by.
    side = max(_SIDE, _CELLS * model.factor)
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(_FIELDS, 3, 4, 4, generator=generator)
    fields = functional.interpolate(coarse, size=(side, side), mode="bilinear")
    latents = encode(model.vae, fields * 2 - 1).to("cpu", torch.float32)
    colours = functional.interpolate(fields, size=latents.shape[-2:], mode="area")
    inputs = latents.movedim(1, -1).reshape(-1, latents.shape[1])
    inputs = torch.cat([inputs, torch.ones(len(inputs), 1)], 1)
    targets = colours.movedim(1, -1).reshape(-1, 3)
    factors: torch.Tensor = torch.linalg.lstsq(inputs, targets).solution
    return factors


def _failed(model: Model, error: Exception) -> None:
    """Draw without previews from now on; for want of memory only without this one."""
    if why_broken(error):
        raise error
    if not ran_out(error):
        _log.error("no previews for %s", model.place.reference, exc_info=error)
        model.previews_fail = True


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
