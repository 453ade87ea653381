"""What the starter model has read: subjects, styles, places, backgrounds, light, defects.

The prompt screen completes from it and says which words the model never saw. No torch here.
"""

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path

import msgspec

from tui.domain.prompt import LAYERS, Layers

_HERE = Path(__file__).parent
_WORD = re.compile(r"\w+(?:['-]\w+)*")


class Subject(msgspec.Struct, frozen=True):
    """One thing the model was shown, under one name."""

    subject: str
    tags: tuple[str, ...]
    """Other words for it, and words around it."""
    kind: str
    """Its group, such as `animal-bird`."""
    styles: tuple[str, ...]
    """The styles in which it was shown."""


class Vocabulary(msgspec.Struct, frozen=True, dict=True):
    """Everything the model's captions were made of; fields as in `vocabulary.json`."""

    subjects: tuple[Subject, ...]
    style: dict[str, tuple[str, ...]]
    """Each style with the phrases that name it."""
    composition: tuple[str, ...]
    background: tuple[str, ...]
    """Colours."""
    background_phrases: tuple[str, ...]
    """Phrases with `{colour}` once or twice."""
    light: tuple[str, ...]
    extras: tuple[str, ...]
    defects: tuple[str, ...]
    """What negatives can name besides subjects."""
    separator: str
    order: tuple[str, ...]
    """The layers in the order of the captions."""
    two_subjects: str
    """How a caption with two subjects reads."""

    def phrases(self, layer: str) -> tuple[str, ...]:
        """The phrases for one layer, by its name in `LAYERS`."""
        return self._phrases[layer]

    def complete(self, layer: str, prefix: str, limit: int = 10) -> list[str]:
        """Phrases that go on from `prefix`, best first.

        Those that start with it, then those with a word that does, then, where subjects may
        stand, those with such a tag: `puppy` offers `dog face`.
        """
        start = _folded(prefix).lstrip()
        known = self.phrases(layer)
        begins = (phrase for phrase in known if phrase.startswith(start))
        inside = (phrase for phrase in known if f" {start}" in phrase)
        tagged: Iterable[str] = ()
        if start and layer in ("subject", "negatives"):
            tagged = (s.subject for s in self.subjects if any(t.startswith(start) for t in s.tags))
        found = dict.fromkeys(itertools.chain(begins, inside, tagged))
        return list(itertools.islice(found, max(limit, 0)))

    def unknown_words(self, layers: Layers) -> dict[str, tuple[str, ...]]:
        """Words the model never read, by layer; layers without any are left out."""
        found = {
            layer: tuple(dict.fromkeys(word for word in _words(text) if not self._knows(word)))
            for layer, text in layers.items()
        }
        return {layer: words for layer, words in found.items() if words}

    def _knows(self, word: str) -> bool:
        # A tokenizer reads the ending apart: a clown's hat has a clown in it.
        return word in self.words or word.removesuffix("'s") in self.words

    def nearest(self, word: str, n: int = 3) -> list[str]:
        """Up to `n` known words spelt much like this one, the nearest first."""
        return difflib.get_close_matches(_folded(word), self.words, n, 0.7) if n > 0 else []

    def nearest_phrases(self, layer: str, phrase: str, n: int = 3) -> list[str]:
        """Up to `n` phrases of a layer spelt much like a whole one, the nearest first."""
        known = self.phrases(layer)
        return difflib.get_close_matches(_folded(phrase), known, n, 0.8) if n > 0 else []

    @cached_property
    def words(self) -> dict[str, None]:
        """Every word of every phrase and tag, in a fixed order."""
        texts = itertools.chain(
            itertools.chain.from_iterable(self._phrases.values()),
            itertools.chain.from_iterable(subject.tags for subject in self.subjects),
            [self.two_subjects.format(subject="", style="")],
        )
        return dict.fromkeys(itertools.chain.from_iterable(map(_words, texts)))

    @cached_property
    def _phrases(self) -> dict[str, tuple[str, ...]]:
        subjects = tuple(sorted(subject.subject for subject in self.subjects))
        style = tuple(itertools.chain.from_iterable(self.style.values()))
        detail = (*self._backgrounds(), *self.light, *self.extras)
        positive = (subjects, style, self.composition, detail)
        every = itertools.chain(self.defects, *reversed(positive))
        return dict(zip(LAYERS, (*positive, tuple(every)), strict=True))

    def _backgrounds(self) -> Iterator[str]:
        for pattern in self.background_phrases:
            places = pattern.count("{colour}")
            for colours in itertools.permutations(self.background, places):
                yield pattern.replace("{colour}", "{}").format(*colours)


@cache
def load_vocabulary() -> Vocabulary:
    """The vocabulary of the model in `model_folder`."""
    return msgspec.json.decode((_HERE / "vocabulary.json").read_bytes(), type=Vocabulary)


def model_folder() -> Path:
    """The built-in model, in diffusers' own folder layout."""
    return _HERE / "model"


def _folded(text: str) -> str:
    return text.casefold().replace("’", "'")


def _words(text: str) -> Iterator[str]:
    found = _WORD.findall(_folded(text))
    return (word for word in found if any(character.isalpha() for character in word))
