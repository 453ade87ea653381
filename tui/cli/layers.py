"""The options by which a prompt's layers are given."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from tui.cli.errors import Sentence
from tui.domain.prompt import Layers

F = TypeVar("F", bound=Callable[..., Any])

LONGEST_LAYER = 5_000
"""Characters of one layer; the longest prompt that any model reads is far below."""

_HELP = {
    "subject": "What the picture shows.",
    "style": "How it is made: photograph, flat illustration, 3d render.",
    "composition": "Where things stand: close-up, on the left, from above.",
    "detail": "Light, colour, mood.",
    "negatives": "What it should not show.",
}


def layer_options(function: F) -> F:
    """Add `--subject` … `--negatives` and `--prompt`."""
    for name, text in reversed(_HELP.items()):
        function = click.option(f"--{name}", default="", help=text)(function)
    return click.option(
        "--prompt", default="", help="A whole prompt, in the place of the subject."
    )(function)


def layers_from(options: dict[str, str], prompt: str) -> Layers:
    """The layers that were typed.

    Raises:
        Sentence: none at all, too long, or both a prompt and a subject.
    """
    if prompt and options["subject"]:
        raise Sentence("--prompt and --subject are two ways to say the same: give one")
    for name, text in (options | {"prompt": prompt}).items():
        if len(text) > LONGEST_LAYER:
            raise Sentence(f"--{name} has {len(text)} characters: give at most {LONGEST_LAYER}")
    texts = options | {"subject": prompt or options["subject"]}
    decoded = {name: _decoded(text) for name, text in texts.items()}
    layers = msgspec.structs.replace(Layers(), **decoded).cleaned()
    if not layers.prompt:
        raise Sentence("there is nothing to draw: give at least --subject or --prompt")
    return layers


def _decoded(argument: str) -> str:
    """The argument as UTF-8, also where the locale knows nothing but ASCII."""
    return os.fsencode(argument).decode("utf-8", "ignore")
