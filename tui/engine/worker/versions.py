"""Versions of the libraries that determine pixels."""

from functools import cache
from importlib.metadata import version

import tui


@cache
def versions() -> dict[str, str]:
    """Library name to version, for the recipe."""
    libraries = {name: version(name) for name in ("torch", "diffusers", "transformers")}
    return libraries | {"keepers": tui.__version__}


@cache
def lora_versions() -> dict[str, str]:
    """The same for what is drawn with LoRAs: another library computes them."""
    return versions() | {"peft": version("peft")}
