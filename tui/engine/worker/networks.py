"""The networks of a pipeline by what they do, whatever it calls them."""

from typing import Any

import torch
from diffusers import DiffusionPipeline

from tui.engine.components import AUTOENCODERS, DENOISERS, PRIORS, first_of


def autoencoder_of(pipe: Any) -> Any:
    """What turns its latents into pixels; None where it draws pixels."""
    return first_of(AUTOENCODERS, lambda name: getattr(pipe, name, None))


def autoencoder_name(pipe: Any) -> str:
    """What it is called among the components; empty where there is none."""
    return next((name for name in AUTOENCODERS if getattr(pipe, name, None) is not None), "")


def denoiser_of(pipe: Any) -> torch.nn.Module | None:
    """The network that runs once a step; of several stages that of the last one."""
    return first_of(DENOISERS, lambda name: getattr(pipe, name, None))


def prior_of(pipe: Any) -> torch.nn.Module | None:
    """That of the stage before, which turns words into what the last one draws from."""
    return first_of(PRIORS, lambda name: getattr(pipe, name, None))


def stages_of(pipe: Any) -> list[Any]:
    """The pipelines that a pipeline runs one after the other; none where it does all by itself."""
    return [part for part in vars(pipe).values() if isinstance(part, DiffusionPipeline)]


def knows_nothing(pipe: Any) -> bool:
    """Whether no negatives at all mean something else to it than an empty text.

    Some were trained on nothing there. Where a stage before reads the words, what it makes of an
    empty text is one more picture to keep away from.
    """
    return bool(pipe.config.get("force_zeros_for_empty_prompt", False)) or any(
        hasattr(stage, "get_zero_embed") for stage in stages_of(pipe)
    )


def give_scheduler(pipe: Any, scheduler: Any) -> None:
    """Have a pipeline draw with a scheduler, and each stage before with a fresh one of its own.

    Stages hold the components that the pipeline was made of, so that each is told.
    """
    before = pipe.scheduler
    for each in (*stages_of(pipe), pipe):
        own = each.scheduler
        each.scheduler = scheduler if own is before else type(own).from_config(own.config)
