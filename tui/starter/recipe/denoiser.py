"""The denoiser: a UNet that learns, with the text encoder, to tell noise from picture."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor

from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.latents import Examples
from tui.starter.recipe.muon import Muon, hidden
from tui.starter.recipe.networks import NOISE, begin
from tui.starter.recipe.tokenizer import ids_of, load_tokenizer
from tui.starter.recipe.training import Chance, Learner, Loop, tail
from tui.starter.recipe.work_folder import WorkFolder, replace_folder

_TEXT_SHARE = 0.3
"""The text encoder knows something already and learns more slowly."""


def train_denoiser(work: WorkFolder) -> None:
    """Train, and write the averages as two folders.

    Raises:
        StoppedError: it was asked to stop, and can go on.
        RecipeError: the latents, the tokenizer or the text encoder are not there.
    """
    from diffusers import DDPMScheduler

    settings, machine, plan = work.settings, work.machine, work.settings.denoiser
    examples = Examples(work)
    empty = load_tokenizer(work.tokenizer, settings.tokens)
    nothing = torch.from_numpy(ids_of(empty, [""])[0]).long().to(machine.device)
    remains = DDPMScheduler(**NOISE).alphas_cumprod.to(machine.device)
    unet, encoder = begin(work, "unet").train(), _text_encoder(work).train()
    if machine.device.type == "cpu":
        from diffusers.models.attention_processor import AttnProcessor

        # The fused attention's way back is slow on a CPU: plain attention is a fifth faster.
        unet.set_attn_processor(AttnProcessor())
    inner: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for network, share in ((unet, 1.0), (encoder, _TEXT_SHARE)):
        for groups, weights in zip((inner, others), hidden(network), strict=True):
            groups.append({"params": weights, "share": share})
    optimisers: list[torch.optim.Optimizer] = [
        Muon(inner),
        torch.optim.AdamW(others, betas=(0.9, 0.97), weight_decay=0.01, fused=True),
    ]
    networks = {"unet": unet, "text_encoder": encoder}
    averages = {name: copy.deepcopy(network).eval() for name, network in networks.items()}
    learner = Learner(
        networks,
        optimisers,
        averages,
        decay=lambda number: min(0.9985, (number + 1) / (number + 10)),
    )

    def loss_of(chance: Chance) -> Tensor:
        latents, ids = examples.some(plan.batch, chance.torch, len(examples))
        drawn = torch.rand(len(ids), generator=chance.torch, device=ids.device)
        ids[drawn < settings.unconditional] = nothing
        times = torch.randint(len(remains), (len(ids),), generator=chance.torch, device=ids.device)
        noise = torch.randn(latents.shape, generator=chance.torch, device=ids.device)
        noisy, velocity = noised(latents, noise, remains[times])
        with machine.autocast():
            states = encoder(ids).last_hidden_state
            noisy = noisy.contiguous(memory_format=torch.channels_last)
            found = unet(noisy, times, states).sample
        return functional.mse_loss(found.float(), velocity)

    Loop("denoiser", work, plan, learner, tail).run(loss_of, looks=plan.batch)
    _write(work, averages)


def noised(latents: Tensor, noise: Tensor, remains: Tensor) -> tuple[Tensor, Tensor]:
    """Latents with noise, and the velocity that leads back; all N×C×G×G.

    Args:
        latents: With a spread of 1.
        noise: The same shape.
        remains: N, the share of the picture's power that is left.
    """
    remains = remains[:, None, None, None]
    picture, rest = remains.sqrt(), (1 - remains).sqrt()
    return picture * latents + rest * noise, picture * noise - rest * latents


def _text_encoder(work: WorkFolder) -> Any:
    """The one that was trained first; it is the start's own where the recipe has a start."""
    from transformers import CLIPTextModel

    if not work.text_encoder.is_dir():
        raise RecipeError(f"there is none in {work.text_encoder}: do the step text first")
    encoder = CLIPTextModel.from_pretrained(work.text_encoder, local_files_only=True)
    return encoder.to(work.machine.device)


def _write(work: WorkFolder, averages: dict[str, Any]) -> None:
    from diffusers.models.attention_processor import AttnProcessor2_0

    made = Path(tempfile.mkdtemp(dir=work.folder, prefix="denoiser."))
    averages["unet"].set_attn_processor(AttnProcessor2_0())
    for name, network in averages.items():
        network.save_pretrained(made / name)
    replace_folder(made, work.denoiser)
