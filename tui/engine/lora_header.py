"""What the header of a LoRA's file says: whether it is one, and whether its halves go together.

A LoRA adds to a layer the product of two small tensors. The first takes the layer's inputs to a few
numbers, as many as the LoRA's rank, the second takes these to the layer's outputs. Nothing in here
reads more than names and shapes, so a file is refused before a worker, or a download, begins.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tui.domain.text import clean
from tui.engine.models import ModelError

Shapes = Mapping[str, tuple[int, ...]]
"""Shapes of tensors by their names."""

_MARKS = ("lora", "lokr")
"""One of these is in the name of every tensor that diffusers takes for one of a LoRA."""
_OF_LANGUAGE_MODELS = "base_model."
"""How peft's own files begin, which diffusers does not read."""
_HALF = re.compile(
    r"(?P<layer>.+[._])lora(?:_linear_layer)?[._](?P<half>A|B|down|up)(?:\.\w+)?\.weight"
)
"""As peft, diffusers, and the common training programs name them."""
_FIRST = ("A", "down")


@dataclass(frozen=True)
class Pair:
    """The two halves of a LoRA for one layer."""

    layer: str
    """As the file names it, such as `unet.mid_block.attentions.0.proj_in`."""
    first: tuple[int, ...]
    """Shape, rank × inputs; empty where the file lacks this half."""
    second: tuple[int, ...]
    """Shape, outputs × rank; empty where the file lacks this half."""


def is_lora(names: Iterable[str]) -> bool:
    """Whether tensors of these names are a LoRA that diffusers might read."""
    known = tuple(names)
    return any(mark in name.lower() for name in known for mark in _MARKS) and not all(
        name.startswith(_OF_LANGUAGE_MODELS) for name in known
    )


def check_lora(shown: str, shapes: Shapes) -> None:
    """Refuse what is no LoRA, and a LoRA whose halves cannot be multiplied.

    Args:
        shown: what the file is called, harmless.
        shapes: of all tensors in it.

    Raises:
        ModelError: it says which layer is wrong, and what would do.
    """
    if not is_lora(shapes):
        raise ModelError(
            f"{shown} holds no LoRA, it may be a whole model: choose the file of a LoRA"
        )
    for pair in pairs(shapes):
        layer = clean(pair.layer, limit=120)
        if not pair.first or not pair.second:
            raise ModelError(
                f"the LoRA {shown} has only one of the two halves of its layer {layer}: download "
                "or copy it again, or choose another one"
            )
        if pair.first[0] != pair.second[1]:
            raise ModelError(
                f"the LoRA {shown} has halves of rank {pair.first[0]} and {pair.second[1]} for its "
                f"layer {layer}, which cannot go together: download it again, or choose another one"
            )


def pairs(shapes: Shapes) -> list[Pair]:
    """The halves by their layers; what is named in another way is left to the worker."""
    halves: dict[str, dict[bool, tuple[int, ...]]] = {}
    for name, shape in shapes.items():
        found = _HALF.fullmatch(name)
        if found is not None and len(shape) > 1:
            halves.setdefault(found["layer"], {})[found["half"] in _FIRST] = shape
    return [
        Pair(layer.rstrip("._"), both.get(True, ()), both.get(False, ()))
        for layer, both in halves.items()
    ]
