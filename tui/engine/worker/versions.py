"""Versions of the libraries that determine pixels."""

from functools import cache
from importlib.metadata import version

import tui


@cache
def versions(*, with_loras: bool = False) -> dict[str, str]:
    """Library name to version, for the recipe; LoRAs are computed by one more."""
    names = ("torch", "diffusers", "transformers", *(("peft",) if with_loras else ()))
    return {name: version(name) for name in names} | {"keepers": tui.__version__}
