"""The text encoder first: it foretells a picture's coarse latents from the caption alone.

With minutes of this, a few hundred steps of the denoiser give the right colours and places;
without, only backgrounds.
"""

import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tui.starter.recipe.latents import Examples
from tui.starter.recipe.networks import END, begin
from tui.starter.recipe.training import Chance, Learner, Loop, cosine
from tui.starter.recipe.work_folder import WorkFolder, replace_folder

_SAMPLE = 16_000
"""Scenes whose principal components are found."""


def train_text_encoder(work: WorkFolder) -> None:
    """Train, and write the transformers folder; a start's text encoder is taken as it is.

    Raises:
        StoppedError: it was asked to stop, and can go on.
        RecipeError: there are no latents.
    """
    settings, machine = work.settings, work.machine
    encoder = begin(work, "text_encoder").train()
    if work.start is not None:  # it has learned with a denoiser already: this would unteach it
        _write(work, encoder)
        return
    examples = Examples(work)
    codes = coarse_codes(examples, settings.components, settings.seed)
    head = nn.Linear(settings.text_width, codes.shape[1]).to(machine.device)
    parameters = [*encoder.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    learner = Learner({"text_encoder": encoder, "head": head}, [optimiser], {})
    plan = settings.text

    def loss_of(chance: Chance) -> Tensor:
        places = torch.randint(
            len(codes), (plan.batch,), generator=chance.torch, device=machine.device
        )
        ids = shortened(examples.captions[places].long())
        with machine.autocast():
            states: Tensor = encoder(ids).last_hidden_state
        found: Tensor = head(ending(states.float(), ids))
        return (found - codes[places]).pow(2).mean()

    Loop("text", work, plan, learner, cosine).run(loss_of, looks=plan.batch)
    _write(work, encoder)


def coarse_codes(examples: Examples, components: int, seed: int) -> Tensor:
    """The latents' principal components, N×components, with a mean spread of 1."""
    latents = examples.latents.flatten(1)
    sample = latents[:_SAMPLE].float() * examples.scale
    mean = sample.mean(0)
    components = min(components, *sample.shape)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # the algorithm draws; a run that goes on must find the same
        _left, _spread, basis = torch.pca_lowrank(sample - mean, q=components, center=False)
    parts = [(part.float() * examples.scale - mean) @ basis for part in torch.split(latents, 8192)]
    codes = torch.cat(parts)
    return codes / codes.std(0).mean()


def shortened(ids: Tensor) -> Tensor:
    """Token ids without the filling that no caption of the batch needs."""
    return ids[:, : int((ids != END).sum(1).max()) + 3]


def ending(states: Tensor, ids: Tensor) -> Tensor:
    """The mean state, N×width, at the end tokens: they have read the whole caption."""
    at_end = (ids == END).float()[..., None]
    return (states * at_end).sum(1) / at_end.sum(1).clamp(min=1)


def _write(work: WorkFolder, encoder: Any) -> None:
    made = Path(tempfile.mkdtemp(dir=work.folder, prefix="text_encoder."))
    encoder.save_pretrained(made)
    replace_folder(made, work.text_encoder)
