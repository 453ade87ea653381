"""A prompt from elsewhere, sorted into layers by stated rules; a person can correct it later.

1. The prompt is taken phrase by phrase, as `prompt.phrases` parts them; lines part phrases too.
2. A phrase of praise (“masterpiece, best quality, 8k”) is detail, a LoRA tag alone is style.
3. A phrase goes to style, composition or detail when at least half of its words speak of that;
   of two that say as much, the one that is named last.
4. The first phrase that says anything else is the subject, and so is every later one.
5. In a style that is meant for any subject, what says something else is style, and the phrase
   with `{prompt}` is the subject.
6. Whatever is in the negative prompt is negatives.

No phrase is changed or lost: weights, brackets and LoRA tags stay as they are, and are named.
"""

import re

import msgspec

from tui.domain.layer_words import KNOWN, PRAISE
from tui.domain.prompt import LAYERS, Layers, phrases
from tui.domain.template import PLACEHOLDER
from tui.domain.text import LONGEST_LINE, clean, clean_lines
from tui.domain.weights import VALUE, weighted

_LONGEST_KNOWN = 200
"""Characters of a phrase that may speak of one thing alone."""
_LONGEST_READ = 5 * _LONGEST_KNOWN
"""The same, with its tags, brackets and weights."""

_TAG = re.compile(r"<[a-zA-Z]{1,20}:[^<>]{1,300}>")
_WEIGHT = re.compile(r"[(\[{][^()\[\]{}]{0,300}:\s?-?\d{0,3}\.?\d{1,3}[)\]}]|-?\d?\.?\d{1,3}::")
_CURLY = re.compile(r"\{.*\}")
_EMPHASIS = re.compile(r"[(\[{].*[)\]}]")
_NUMBER = re.compile(rf":\s*{VALUE}\s*(?=[)\]}}]|$)")
_BEFORE = re.compile(rf"(?:{VALUE})?::")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_GLUE = frozenset({
    "a", "an", "the", "of", "in", "on", "at", "with", "and", "very", "highly", "extremely", "its",
    "from", "to", "for", "as", "is",
})  # fmt: skip
"""Words that say nothing by themselves."""


class Layering(msgspec.Struct, frozen=True):
    """Where the phrases of a prompt went."""

    layers: Layers
    marked: tuple[str, ...] = ()
    """Phrases with weights or tags, which other programs obey, and here not every model."""
    is_cut: bool = False
    """Whether it was longer than any model reads, and its end was left out."""


def layered(prompt: str, negative: str = "") -> Layering:
    """The layers of a whole prompt."""
    return _sorted(prompt, negative, rest="subject")


def layered_style(prompt: str, negative: str = "") -> Layering:
    """The layers of a style that goes with any subject; `{prompt}` is where that stands."""
    # Fooocus parts what goes before and behind a subject by a stop between spaces.
    return _sorted(re.sub(r"(?<=\s)\.\s", ", ", prompt), negative, rest="style")


def _sorted(prompt: str, negative: str, rest: str) -> Layering:
    positive, first_cut = _line(prompt)
    negatives, second_cut = _line(negative)
    found: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    for phrase in phrases(positive):
        found[_layer_of(phrase, rest, first=not found["subject"])].append(phrase)
    found["negatives"] = list(phrases(negatives))
    every = [phrase for texts in found.values() for phrase in texts]
    lines = {layer: ", ".join(texts) for layer, texts in found.items()}
    layers = msgspec.structs.replace(Layers(), **lines).cleaned()
    return Layering(layers, tuple(filter(is_marked, every)), first_cut or second_cut)


def _line(text: str) -> tuple[str, bool]:
    """The text as one line, and whether its end is left out."""
    line = re.sub(r"[ ,]*\n[ ,]*", ", ", clean_lines(text))
    return line[:LONGEST_LINE], len(line) > LONGEST_LINE


def _layer_of(phrase: str, rest: str, *, first: bool) -> str:
    if PLACEHOLDER in phrase:
        return "subject"
    core = _core(phrase[:_LONGEST_READ])
    if not core:
        return "style" if _TAG.search(phrase) else rest
    if len(core) > _LONGEST_KNOWN:
        return rest
    if PRAISE.fullmatch(core):
        return "detail"
    layer, left = _said(core)
    if not layer or (first and left and rest == "subject"):
        return rest
    return layer


def _said(core: str) -> tuple[str, int]:
    """The layer that most words speak of, empty where fewer than half do; how many do not."""
    words = len([word for word in _WORD.findall(core) if word not in _GLUE])
    best, most, last = "", 0, -1
    covered = [False] * len(core)
    for layer, pattern in KNOWN.items():
        count, end = 0, -1
        for match in pattern.finditer(core):
            count += len([word for word in _WORD.findall(match.group()) if word not in _GLUE])
            end = match.end()
            covered[match.start() : end] = [True] * (end - match.start())
        if count and (count, end) > (most, last):
            best, most, last = layer, count, end
    open_text = "".join(" " if hit else sign for sign, hit in zip(core, covered, strict=True))
    left = len([word for word in _WORD.findall(open_text) if word not in _GLUE])
    return (best if most * 2 >= words else ""), left


def _core(phrase: str) -> str:
    """The phrase in lower case without tags, brackets and weights."""
    text = _NUMBER.sub("", _TAG.sub(" ", phrase))
    text = _BEFORE.sub(" ", text)
    return clean(re.sub(r"[()\[\]{}<>\\]", " ", text).lower())


def has_other_marks(phrase: str) -> bool:
    """Whether other programs obey something in a phrase that is no weight as `weights` reads it."""
    return _is_marked(weighted(phrase.replace(PLACEHOLDER, "")).text, _CURLY)


def is_marked(phrase: str) -> bool:
    """Whether other programs obey something in a phrase, which is a weight or a tag."""
    return _is_marked(phrase.replace(PLACEHOLDER, ""), _EMPHASIS)


def _is_marked(phrase: str, around: re.Pattern[str]) -> bool:
    """Whether it has a tag, a number of a weight or a BREAK, or is all in such brackets."""
    found = _TAG.search(phrase) or _WEIGHT.search(phrase) or around.fullmatch(phrase)
    return found is not None or "BREAK" in phrase.split()
