"""What a pipeline class can be asked, read from how it is called."""

import inspect
from typing import Any

from PIL import Image

_ALWAYS = ("Edit", "Pix2Pix")
"""In the names of those that draw nothing without a picture; no signature tells that."""


def accepted_by(cls: type) -> set[str]:
    """Names of what a pipeline class is called with."""
    return set(inspect.signature(cls.__call__).parameters)


def refers(cls: type) -> bool:
    """Whether a pipeline looks at a picture while it draws another one, beside the words."""
    accepted = accepted_by(cls)
    return {"image", "num_images_per_prompt"} <= accepted and "strength" not in accepted


def only_changes(cls: type) -> bool:
    """Whether a pipeline can draw nothing without a picture."""
    return refers(cls) and any(word in cls.__name__ for word in _ALWAYS)


def reference_arguments(
    cls: type, picture: Image.Image, words: dict[str, Any], count: int
) -> dict[str, Any]:
    """The picture, for a pipeline that looks at one; nothing for others.

    Several pictures would be several things to look at, so that one is given, and the words once.

    Args:
        cls: of the pipeline.
        picture: of mode RGB.
        words: the pipeline's arguments for them, a list with an item for each image.
        count: of images.
    """
    if not refers(cls):
        return {}
    once = {name: texts[:1] for name, texts in words.items()}
    return {"image": picture, "num_images_per_prompt": count, **once}
