"""The autoencoder: pictures to latents an eighth of their side, and back."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor

from tui.starter.recipe.drawing import Studio
from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.networks import begin
from tui.starter.recipe.scenes import Composer
from tui.starter.recipe.training import Chance, Learner, Loop, cosine
from tui.starter.recipe.work_folder import WorkFolder, replace_folder

_BLUR = 0.05
"""Noise on the latents while it learns: the denoiser will not hit them exactly either."""


def train_autoencoder(work: WorkFolder) -> None:
    """Train on squares cut out of scenes and write the diffusers folder.

    Raises:
        StoppedError: it was asked to stop, and can go on.
        RecipeError: there are no icons.
    """
    settings, machine = work.settings, work.machine
    icons = work.taught()
    composer = Composer(icons, settings.plain)
    studio = Studio(icons, settings.size, machine.device)
    network = begin(work, "vae").train()
    average = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(
        network.parameters(), betas=(0.9, 0.98), weight_decay=1e-5, fused=True
    )
    learner = Learner(
        {"vae": network},
        [optimiser],
        {"vae": average},
        decay=lambda number: min(0.998, (number + 1) / (number + 20)),
        clip=2.0,
    )

    def loss_of(chance: Chance) -> Tensor:
        scenes = [composer.any_scene(chance.random) for _ in range(settings.autoencoder.batch)]
        pictures = studio.draw(scenes, chance.torch)
        squares = torch.cat([_cut(pictures, settings.crop, chance) for _ in range(2)])
        squares = squares.contiguous(memory_format=torch.channels_last)
        latents: Tensor = network.encode(squares * 2 - 1).latents
        noise = torch.randn(latents.shape, generator=chance.torch, device=latents.device)
        again = network.decode(latents + noise * _BLUR).sample
        return reconstruction_loss(again - (squares * 2 - 1)) + 2e-3 * latents.pow(2).mean()

    loop = Loop("autoencoder", work, settings.autoencoder, learner, cosine)
    loop.run(loss_of, looks=2 * settings.autoencoder.batch)
    made = Path(tempfile.mkdtemp(dir=work.folder, prefix="autoencoder."))
    average.save_pretrained(made)
    replace_folder(made, work.autoencoder)


def reconstruction_loss(error: Tensor) -> Tensor:
    """How far N×3×S×S pixels are off: each, their edges, and what is seen from afar."""
    edges = (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    edges = edges + (error[..., 1:] - error[..., :-1]).abs().mean()
    afar = [functional.avg_pool2d(error, width).abs().mean() for width in (2, 4)]
    return error.abs().mean() + 0.6 * edges + 0.3 * sum(afar, torch.zeros_like(edges))


def load_autoencoder(work: WorkFolder) -> Any:
    """The trained one, for using.

    Raises:
        RecipeError: there is none.
    """
    from diffusers import AutoencoderTiny

    if not work.autoencoder.is_dir():
        raise RecipeError(f"there is none in {work.autoencoder}: do the step autoencoder first")
    model = AutoencoderTiny.from_pretrained(work.autoencoder, local_files_only=True).eval()
    return model.to(work.machine.device, memory_format=torch.channels_last)


def _cut(pictures: Tensor, side: int, chance: Chance) -> Tensor:
    """The same square, somewhere, of each picture."""
    down, across = (chance.random.randrange(pictures.shape[-1] - side + 1) for _ in range(2))
    return pictures[:, :, down : down + side, across : across + side]
