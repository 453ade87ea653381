"""Step 4: which elements differ between two intents. Exactly one may."""

from difflib import SequenceMatcher
from typing import Any

import msgspec

from tui.domain.distilled_guidance import DISTILLED, distilled_in_words
from tui.domain.intent import Intent
from tui.domain.lora import short_name, weight_changes
from tui.domain.prompt import LAYERS, phrases
from tui.domain.step_cache import STEP_CACHE, threshold_in_words

_SETTINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("model", ("model",)),
    ("seed", ("seed",)),
    ("steps", ("steps",)),
    ("guidance", ("guidance",)),
    (DISTILLED, ("distilled_guidance",)),
    ("scheduler", ("scheduler",)),
    ("size", ("width", "height")),
    ("strength", ("strength",)),
    (STEP_CACHE, ("step_cache",)),
    ("init image", ("init_image",)),
    ("mask", ("mask", "context", "feather", "match_seam")),
)
"""Each setting a person changes at once, and the intent's fields that hold it."""


THE_MODELS_OWN = "the model's own"
"""What a setting is called that is left to the model."""

VAE = "VAE"
"""What the element is called that is another autoencoder."""

_MASK_WORDS = ("around", "soft")
"""What the numbers beside a mask are: its context and its feather."""


class Element(msgspec.Struct, frozen=True):
    """One element that differs: a phrase of a layer, or a setting."""

    where: str
    """The layer's name, or the setting's."""
    before: str
    """Empty where something was added."""
    after: str
    """Empty where something was taken away."""

    def __str__(self) -> str:
        if not self.before:
            return f"{self.where}: added “{self.after}”"
        if not self.after:
            return f"{self.where}: removed “{self.before}”"
        if self.before == self.after:
            return f"{self.where}: moved “{self.after}”"
        return f"{self.where}: {self.before} → {self.after}"


def changes(parent: Intent, child: Intent) -> tuple[Element, ...]:
    """Every element that differs, layers first; empty for equal wishes."""
    parent, child = parent.cleaned(), child.cleaned()
    found: list[Element] = []
    for layer in LAYERS:
        found += _phrase_changes(layer, parent.layers.get(layer), child.layers.get(layer))
    for name, fields in _SETTINGS:
        before = [getattr(parent, field) for field in fields]
        after = [getattr(child, field) for field in fields]
        if before != after:
            found.append(Element(name, _in_words(name, before), _in_words(name, after)))
    found += [Element(*each) for each in weight_changes(parent.lora_list, child.lora_list)]
    if parent.own_vae != child.own_vae:
        words = [vae_in_words(intent.own_vae) for intent in (parent, child)]
        # Two folders of one name are two autoencoders all the same.
        if words[0] == words[1]:
            words = [parent.own_vae, child.own_vae]
        found.append(Element(VAE, *words))
    return tuple(found)


def vae_in_words(reference: str) -> str:
    """An autoencoder by the last part of its name."""
    name = short_name(reference)
    # Within a model's folder they are all called alike.
    return (
        short_name(reference.rstrip("/").rpartition("/")[0])
        if name == "vae"
        else (name or THE_MODELS_OWN)
    )


def _phrase_changes(layer: str, before: str, after: str) -> list[Element]:
    old, new = list(phrases(before)), list(phrases(after))
    if old > new:
        # Compared in one direction only, so that both directions find the same elements.
        back = _phrase_changes(layer, after, before)
        return [Element(layer, element.after, element.before) for element in back]
    # What is alike at both ends goes first: a repeated phrase must not draw the matcher aside.
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    gone: list[str] = []
    come: list[str] = []
    found: list[Element] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        olds, news = old[i1:i2], new[j1:j2]
        while olds and news:
            found.append(Element(layer, olds.pop(0), news.pop(0)))
        gone += olds
        come += news
    for phrase in list(gone):
        if phrase in come:
            gone.remove(phrase)
            come.remove(phrase)
            found.append(Element(layer, phrase, phrase))
    found += [Element(layer, phrase, "") for phrase in gone]
    found += [Element(layer, "", phrase) for phrase in come]
    return found


def _in_words(name: str, values: list[Any]) -> str:
    if name == "size":
        return f"{values[0]} × {values[1]}"
    value = values[0]
    if name == DISTILLED:
        return distilled_in_words(value)
    if name == STEP_CACHE:
        return threshold_in_words(value)
    if name in ("init image", "mask"):
        rest = [f"{v} px {word}" for v, word in zip(values[1:], _MASK_WORDS, strict=False) if v]
        rest += ["colours matched"] if values[3:] == [True] else []
        return ", ".join(["none" if value is None else str(value)[:8], *rest])
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value) or THE_MODELS_OWN
