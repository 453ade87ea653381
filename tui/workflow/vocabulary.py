"""The words that the starter model knows, for completing and for warning. No other has a list."""

from collections.abc import Iterable
from functools import lru_cache

from tui.domain.prompt import Layers, phrases
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
    start = typed.rpartition(",")[2].lstrip(" ([").casefold()
    article = next((word for word in _ARTICLES if start.startswith(word)), "")
    start = start.removeprefix(article)
    if len(start) < _LEAST:
        return None
    for phrase in load_vocabulary().complete(layer, start):
        if phrase.startswith(start) and len(phrase) > len(start):
            return typed + phrase[len(start) :]
    return None


def alternatives(layer: str, phrase: str, most: int = 4) -> tuple[str, ...]:
    """What could stand in the place of a phrase: others of its kind; empty where none is known."""
    words, phrase = load_vocabulary(), phrase.casefold()
    kinds: list[Iterable[str]] = [words.light, words.composition]
    if layer == "style" and phrase in words.phrases("style"):
        kinds = [[name for name, names in words.style.items() if phrase not in names]]
    elif layer == "detail" and phrase.endswith(" background"):
        kinds = [[f"{colour} background" for colour in words.background]]
    else:
        kinds = [kind for kind in kinds if phrase in kind]
    found = [other for kind in kinds for other in kind if other != phrase]
    return tuple(found[:most])


def unknown_words(layers: Layers, most: int = 3) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Words that the starter never read, each with what it knows that is spelt much like it.

    Where a word stands in a phrase of several, as in `plar bear`, whole phrases come first.
    """
    found: dict[str, tuple[str, ...]] = {}
    for layer, words in load_vocabulary().unknown_words(layers).items():
        for word in words[: most - len(found)]:
            found.setdefault(word, _nearest(layer, _around(word, layers.get(layer)), word))
    return tuple(found.items())


def _around(word: str, text: str) -> str:
    """The thing that a word of a layer belongs to: its phrase, or one side of an `and`."""
    for phrase in phrases(text):
        for part in phrase.casefold().split(" and "):
            if word in part:
                article = next((start for start in _ARTICLES if part.startswith(start)), "")
                return part.removeprefix(article).strip()
    return word


@lru_cache(256)
def _nearest(layer: str, phrase: str, word: str, most: int = 2) -> tuple[str, ...]:
    vocabulary = load_vocabulary()
    whole = vocabulary.nearest_phrases(layer, phrase, most) if " " in phrase else []
    return tuple(dict.fromkeys([*whole, *vocabulary.nearest(word, most)]))[:most]
