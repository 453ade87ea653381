"""Words that leave the model to guess: which layer is the vaguest, and why."""

import re

from tui.domain.prompt import POSITIVE_LAYERS, Layers, phrases

GENERIC = frozenset((
    "animal", "background", "boy", "building", "face", "food", "girl", "guy", "image", "kid",
    "landscape", "man", "nature", "object", "people", "person", "photo", "picture", "place",
    "scene", "something", "stuff", "thing", "woman",
))  # fmt: skip
"""Subjects that could be anything of their kind."""

FILLER = (
    "amazing", "award winning", "awesome", "beautiful", "best quality", "breathtaking", "cool",
    "epic", "good looking", "good quality", "great", "high quality", "interesting", "lovely",
    "masterpiece", "nice", "perfect", "pretty", "stunning", "wonderful",
)  # fmt: skip
"""Praise: it names nothing that could be drawn."""

_FILLER = re.compile(rf"\b(?:{'|'.join(FILLER)})\b", re.IGNORECASE)
_ARTICLES = frozenset(("a", "an", "the", "some"))


def vaguest(layers: Layers) -> tuple[str, str]:
    """The layer that leaves most open, and why in a sentence; two empty texts if none does."""
    if not phrases(layers.subject):
        return "subject", "the subject is empty: say what is in the picture"
    words = [word for word in layers.subject.lower().split() if word not in _ARTICLES]
    if len(words) == 1 and words[0].strip(",.") in GENERIC:
        named = words[0].strip(",.")
        return "subject", f"“{named}” could be any {named}: say which, and what it does"
    for layer in POSITIVE_LAYERS:
        if found := _FILLER.search(layers.get(layer)):
            return layer, f"“{found.group()}” names nothing to draw: say what makes it so"
    if not phrases(layers.style):
        return "style", "the style is empty, so the model chooses one: name it"
    if not phrases(layers.composition):
        return (
            "composition",
            "the composition is empty: say where the subject stands and how near it is",
        )
    return "", ""
