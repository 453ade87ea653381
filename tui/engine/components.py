"""How pipelines name the components that matter to a drawing. No torch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tui.engine.json_file import json_table

AUTOENCODERS = ("vae", "movq", "vqgan", "vqvae")
"""What turns latents into pixels; a pipeline has at most one, and one that draws pixels none."""
DENOISERS = ("unet", "transformer", "decoder")
"""The network that runs once a step of the last stage."""
PRIORS = ("prior_prior", "prior")
"""That of the stage before, which turns the words into what the last one draws from."""
DECODED_APART = (
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline",
)
"""Pipelines whose latents are decoded one image at a time here; others decode all at once."""

_Found = TypeVar("_Found")


def first_of(names: tuple[str, ...], get: Callable[[str], _Found | None]) -> _Found | None:
    """The first of some components that there is."""
    return next((found for name in names if (found := get(name)) is not None), None)


def config_of(folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """The configuration of the first of some components that a model folder has; empty without."""
    return first_of(names, lambda name: json_table(folder / name / "config.json")) or {}


def autoencoder_folder(folder: Path) -> Path | None:
    """Where the autoencoder of a model folder is; None where it draws pixels."""
    return first_of(AUTOENCODERS, lambda name: path if (path := folder / name).is_dir() else None)
