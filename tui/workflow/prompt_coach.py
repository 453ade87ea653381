"""The one sentence that the prompt screen has to say now: what matters most, and what to do."""

from dataclasses import dataclass

from tui.domain.brief import Brief
from tui.domain.change import Element
from tui.domain.prompt import Layers
from tui.engine.messages import ModelFacts
from tui.workflow.layers_view import Reading, missing_musts
from tui.workflow.vocabulary import has_vocabulary, unknown_words
from tui.workflow.words import vaguest


@dataclass(frozen=True)
class Scene:
    """All that the advice depends on."""

    layers: Layers
    brief: Brief
    model: str
    guidance: float
    readings: tuple[Reading, Reading]
    found: tuple[Element, ...] = ()
    """What differs from the parent."""
    facts: ModelFacts | None = None
    typing: str = ""
    """The layer that is being typed: half a word is not held against anybody."""


def advice(scene: Scene) -> str:
    """One sentence, or nothing."""
    if len(scene.found) > 1:
        return (
            f"{len(scene.found)} things differ from the parent: u puts the last one back, "
            "G records all as a rewrite."
        )
    for reading in scene.readings:
        if reading.lost:
            layer, words = reading.lost[-1]
            return f"“{_short(words)}” falls off the end: shorten the {layer} layer or one above."
    facts = scene.facts
    if scene.layers.negatives and facts is not None and not facts.reads_negatives(scene.guidance):
        how = "" if facts.negatives_above is None else f" at guidance {scene.guidance:g}"
        return f"This model does not read negatives{how}: say what you want to see instead."
    if scene.typing:
        return ""
    return _missing(scene) or _unknown(scene) or _vague(scene.layers)


def _unknown(scene: Scene) -> str:
    if not has_vocabulary(scene.model):
        return ""
    said = [
        f"“{_short(word)}”" + (f" (near it: {', '.join(near)})" if near else "")
        for word, near in unknown_words(scene.layers)
    ]
    return f"The starter never read {', '.join(said)}." if said else ""


def _missing(scene: Scene) -> str:
    items = missing_musts(scene.layers, scene.brief)
    return f"No layer speaks of “{_short(items[0])}”, which the brief wants." if items else ""


def _vague(layers: Layers) -> str:
    layer, why = vaguest(layers)
    if not layer:
        return ""
    return f"{why[:1].upper()}{why[1:]}."


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
