"""Words that leave the model to guess, and what a phrase speaks of: light, mood, or neither."""

import re

from tui.domain.change import Element
from tui.domain.prompt import POSITIVE_LAYERS, Layers, phrases

GENERIC = frozenset((
    "animal", "background", "boy", "building", "face", "food", "girl", "guy", "image", "kid",
    "landscape", "man", "nature", "object", "people", "person", "photo", "picture", "place",
    "scene", "something", "stuff", "thing", "woman",
))  # fmt: skip
"""Subjects that could be anything of their kind."""

FILLER = (
    "amazing", "award winning", "awesome", "beautiful", "best quality", "breathtaking",
    r"cool(?! (?:light|colou?rs?|tones?))", "epic", "good looking", "good quality",
    "great", "high quality", "interesting", "lovely", "masterpiece", "nice", "perfect",
    "pretty", "stunning", "wonderful",
)  # fmt: skip
"""Praise: it names nothing that could be drawn. Parts of a regular expression."""

_FILLER = re.compile(rf"\b(?:{'|'.join(FILLER)})\b", re.IGNORECASE)
_ARTICLES = frozenset(("a", "an", "the", "some"))
LIGHT = re.compile(
    r"\b(?:\w*light(?:ing|s)?|\w*lit|shadows?|sun(?:ny|set|rise|shine)?|golden hour|neon|dark|"
    r"bright|glow(?:ing)?|dusk|dawn|night|noon|overcast|low key|high key)\b",
    re.IGNORECASE,
)
"""Words that say how a picture is lit."""
MOOD = re.compile(
    r"\b(?:mood(?:y)?|atmosphere|calm|cheerful|cosy|cozy|dramatic|dreamy|eerie|energetic|festive|"
    r"friendly|gloomy|happy|joyful|lonely|melancholic|mysterious|nostalgic|peaceful|playful|"
    r"romantic|sad|scary|serene|serious|solemn|tense|tranquil|whimsical)\b",
    re.IGNORECASE,
)
"""Words that say how a picture should feel."""


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


def speaks_of_light(text: str) -> bool:
    """Whether a text says how the picture is lit."""
    return LIGHT.search(text) is not None


def speaks_of_mood(text: str) -> bool:
    """Whether a text says how the picture should feel."""
    return MOOD.search(text) is not None


def aspects(element: Element) -> frozenset[str]:
    """What a change was about: its layer or setting, and in the detail layer lighting or mood."""
    found = {element.where}
    if element.where == "detail":
        text = f"{element.before} {element.after}"
        found |= {"lighting"} if speaks_of_light(text) else set()
        found |= {"mood"} if speaks_of_mood(text) else set()
    return frozenset(found)
