"""The words that the starter model knows, for completing and for warning. No other has a list."""

from functools import lru_cache

from tui.domain.prompt import Layers
from tui.starter.vocabulary import load_vocabulary

STARTER = "starter"
_ARTICLES = ("a ", "an ", "the ")
_LEAST = 2
"""Letters from which on a phrase is completed."""


def has_vocabulary(model: str) -> bool:
    """Whether all the words that a model knows are known."""
    return model == STARTER


def completed(layer: str, typed: str) -> str | None:
    """The line with its last phrase completed; None where nothing known goes on from it."""
    start = typed.rpartition(",")[2].lstrip().casefold()
    article = next((word for word in _ARTICLES if start.startswith(word)), "")
    start = start.removeprefix(article)
    if len(start) < _LEAST:
        return None
    for phrase in load_vocabulary().complete(layer, start):
        if phrase.startswith(start) and len(phrase) > len(start):
            return typed + phrase[len(start) :]
    return None


def unknown_words(layers: Layers, most: int = 3) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Words that the starter never read, each with known ones spelt much like it."""
    found = load_vocabulary().unknown_words(layers).values()
    words = dict.fromkeys(word for of_layer in found for word in of_layer)
    return tuple((word, _nearest(word)) for word in list(words)[:most])


@lru_cache(256)
def _nearest(word: str) -> tuple[str, ...]:
    return tuple(load_vocabulary().nearest(word, 2))
