"""Pictures as latents, and latents as a plain grid, whatever layout a family's network reads.

Some families cut the grid into patches of two by two and put these in a row, some keep a single
frame of a film, some do both. The layout is read off the shapes, so that it needs no table.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from tui.engine.worker.offloading import computes_on

_PATCH = 2


class LayoutError(ValueError):
    """Latents that are laid out in no way that is known here."""


def pixels_in(picture: Image.Image) -> torch.Tensor:
    """A picture of mode RGB as 1 × 3 × height × width in [-1, 1]."""
    levels = torch.from_numpy(np.array(picture).astype(np.float32) / 255.0)
    return 2.0 * levels.permute(2, 0, 1)[None] - 1.0


@torch.no_grad()
def encode(vae: Any, pixels: torch.Tensor) -> torch.Tensor:
    """Pixels in [-1, 1] as a grid, batch × channels × height × width, at the denoiser's scale.

    Without an autoencoder they are what the network reads.
    """
    if vae is None:
        return pixels
    if _is_wide(vae):
        pixels = (pixels + 1) / 2
    with _precise(vae):
        given = pixels.to(computes_on(vae), vae.dtype)
        found = vae.encode(given[:, :, None] if _reads_films(vae) else given)
    if hasattr(found, "latent_dist"):
        latents = found.latent_dist.mode()
    else:
        latents = found.latent if hasattr(found, "latent") else found.latents
    if latents.ndim == 5:
        latents = latents[:, :, 0]
    return _scaled(vae, latents)


def to_grid(vae: Any, latents: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """A network's latents as batch × channels × height × width.

    Args:
        vae: the autoencoder that they are for.
        latents: as the scheduler has them.
        size: width and height of the pictures.

    Raises:
        LayoutError: this layout is not known.
    """
    if latents.ndim == 5 and latents.shape[2] == 1:
        latents = latents[:, :, 0]
    elif latents.ndim == 5 and latents.shape[1] == 1:
        latents = latents[:, 0].movedim(-1, 1)
    elif latents.ndim == 3:
        columns = round((latents.shape[1] * size[0] / size[1]) ** 0.5)
        if columns < 1 or latents.shape[1] % columns:
            raise LayoutError(f"{tuple(latents.shape)} for {size}")
        batch, _, channels = latents.shape
        latents = latents.mT.reshape(batch, channels, -1, columns)
    if latents.ndim != 4:
        raise LayoutError(f"{tuple(latents.shape)} for {size}")
    if latents.shape[1] == _channels(vae) * _PATCH**2:
        mean, deviation = _patch_statistics(vae, latents)
        return functional.pixel_shuffle(latents * deviation + mean, _PATCH)
    return latents


def from_grid(
    vae: Any, grid: torch.Tensor, like: torch.Tensor, *, scaled: bool = True
) -> torch.Tensor:
    """A grid in the layout, type and on the device of a network's own latents.

    Args:
        vae: the autoencoder that it is for.
        grid: batch × channels × height × width.
        like: latents of the network; its batch may be another.
        scaled: False for noise and masks, which no autoencoder has made.

    Raises:
        LayoutError: this layout is not known, or is that of another size.
    """
    axis = like.ndim - 1 if _channels_last(like) else 1
    if like.shape[axis] == grid.shape[1] * _PATCH**2:
        grid = functional.pixel_unshuffle(grid, _PATCH)
        if scaled:
            mean, deviation = _patch_statistics(vae, grid)
            grid = (grid - mean) / deviation
    if like.ndim == 3:
        grid = grid.flatten(2).mT
    elif like.ndim == 5:
        grid = grid.movedim(1, -1)[:, None] if _channels_last(like) else grid[:, :, None]
    if grid.shape[1:] != like.shape[1:]:
        raise LayoutError(f"{tuple(grid.shape)} for {tuple(like.shape)}")
    return grid.to(like)


def _channels_last(latents: torch.Tensor) -> bool:
    return latents.ndim == 3 or (latents.ndim == 5 and latents.shape[1] == 1)


def _channels(vae: Any) -> int:
    """Of the grid that the autoencoder decodes."""
    if vae is None:
        return 3
    return int(getattr(vae.config, "latent_channels", 0) or getattr(vae.config, "z_dim", 0) or 0)


def _reads_films(vae: Any) -> bool:
    """Whether its pictures have a time axis: the first convolution tells."""
    # Not all keep what encodes apart.
    encoder = getattr(vae, "encoder", vae)
    first = next((weight for weight in encoder.parameters() if weight.ndim > 1), None)
    return first is not None and first.ndim == 5


def _is_wide(vae: Any) -> bool:
    """Whether it reads [0, 1] and gives latents to be made wider, as that of Stable Cascade."""
    return hasattr(vae.config, "scale_factor")


def _scaled(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    if type(vae).__name__ == "VQModel":
        return latents  # Kandinsky denoises them as they are, whatever the configuration says
    config = vae.config
    if _is_wide(vae):
        wide: torch.Tensor = latents / config.scale_factor
        return wide
    factor = getattr(config, "scaling_factor", None) or 1.0
    means, deviations = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if means is None or deviations is None:
        shift = getattr(config, "shift_factor", None) or 0.0
        plain: torch.Tensor = (latents - shift) * factor
        return plain
    mean, deviation = (
        torch.tensor(values).view(1, -1, 1, 1).to(latents) for values in (means, deviations)
    )
    return (latents - mean) * factor / deviation


def _patch_statistics(vae: Any, patches: torch.Tensor) -> tuple[Any, Any]:
    """Mean and standard deviation of each channel of patches; (0, 1) where the family has none."""
    norm = getattr(vae, "bn", None)
    if norm is None:
        return 0.0, 1.0
    mean = norm.running_mean.view(1, -1, 1, 1).to(patches)
    return mean, (norm.running_var.view(1, -1, 1, 1) + norm.eps).sqrt().to(patches)


@contextlib.contextmanager
def _precise(vae: Any) -> Iterator[None]:
    """Single precision meanwhile, where half of it would overflow; SDXL's own one says so."""
    if vae.dtype is not torch.float16 or not getattr(vae.config, "force_upcast", False):
        yield
        return
    try:
        vae.to(torch.float32)
        yield
    finally:
        vae.to(torch.float16)
