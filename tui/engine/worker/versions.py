"""Versions of the libraries that determine pixels."""

from functools import cache
from importlib.metadata import version

import tui


@cache
def versions(*, with_loras: bool = False, with_weights: bool = False) -> dict[str, str]:
    """Library name to version, for the recipe; LoRAs and weights of words have one each."""
    more = [name for name, has in (("peft", with_loras), ("compel", with_weights)) if has]
    names = ("torch", "diffusers", "transformers", *more)
    return {name: version(name) for name in names} | {"keepers": tui.__version__}
