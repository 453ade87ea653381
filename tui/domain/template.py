"""A style from elsewhere has `{prompt}` where a subject goes; here a subject gets there."""

import msgspec

from tui.domain.prompt import LAYERS, Layers
from tui.domain.text import clean

PLACEHOLDER = "{prompt}"
"""As A1111, Fooocus and InvokeAI write it."""


def filled(layers: Layers, subject: str) -> Layers:
    """The layers with that subject, in place of `{prompt}` or where they have none."""
    texts = {layer: _filled(text, subject) for layer, text in layers.items()}
    texts["subject"] = texts["subject"] if layers.subject else subject
    return msgspec.structs.replace(layers, **{layer: texts[layer] for layer in LAYERS})


def _filled(text: str, subject: str) -> str:
    return clean(text.replace(PLACEHOLDER, subject)) if PLACEHOLDER in text else text
