"""The options that `generate` and `inpaint` share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tui.domain.step_cache import EFFECT, USUAL_THRESHOLD

F = TypeVar("F", bound=Callable[..., Any])


def sampling_options(function: F) -> F:
    """Add what they are drawn with, from seed to step cache, and out, json and again."""
    for option in reversed(
        (
            click.option("--seed", default=0, show_default=True, help="The first image's seed."),
            click.option("--steps", default=20, show_default=True, help="Denoising steps."),
            click.option(
                "--guidance",
                default=4.0,
                show_default=True,
                help="How closely to follow the words.",
            ),
            click.option(
                "--distilled-guidance",
                type=float,
                default=0.0,
                metavar="NUMBER",
                help="Flux dev and its like: the guidance that is trained in, 3.5 without.",
            ),
            click.option("--scheduler", default="", help="ddim, euler, dpm++ 2m … or a class."),
            click.option("--model", help="starter, a diffusers folder, or a hub id."),
            click.option(
                "--lora",
                "loras",
                metavar="FILE[:WEIGHT]",
                multiple=True,
                help="A LoRA, by path or name; may be given several times.",
            ),
            click.option("--vae", default="", metavar="DIR", help="Another autoencoder's folder."),
            click.option(
                "--step-cache",
                type=float,
                default=0.0,
                metavar="THRESHOLD",
                help=f"Take over what hardly changes, such as {USUAL_THRESHOLD:g}: {EFFECT}.",
            ),
            click.option(
                "--out", metavar="FOLDER", help="Also put copies of the images into this folder."
            ),
            click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout."),
            click.option("--again", is_flag=True, help="Draw also what exists already."),
        )
    ):
        function = option(function)
    return function
