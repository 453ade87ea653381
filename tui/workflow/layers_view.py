"""What the prompt screen shows of the layers: what the model reads of each, and what it does not.

A model reads one line. Its tokens are counted on that line, and told of the layer they came from.
"""

from dataclasses import dataclass, field, replace

from tui.domain.brief import Brief
from tui.domain.prompt import BETWEEN, LAYERS, Layers
from tui.domain.weights import bare_phrases, weighted, weighted_prompt
from tui.engine.token_messages import TextTokens, TokenCounts
from tui.workflow.brief_facts import covered, with_avoided


@dataclass(frozen=True)
class Reading:
    """One composed line, and how far the model reads it."""

    text: str
    tokens: int | None = None
    """Of the whole line; None while that is not known."""
    limit: int = 0
    """Tokens that are read."""
    cut: int = 0
    """Character from which on it is not read; the line's length where all of it is."""
    by_layer: dict[str, int] = field(default_factory=dict)
    """Tokens of each layer, the comma behind it among them."""
    lost: tuple[tuple[str, str], ...] = ()
    """Layers that are cut, each with its words that are not read."""
    chunks: int = 1
    """Parts in which it is read; none of it is cut off where there are several."""
    weighs: bool | None = None
    """Whether the model obeys weights such as `(red hat:1.2)`; None while that is not known."""
    weights: tuple[tuple[str, float], ...] = ()
    """Words that count more or less than others, where the model obeys that."""

    def in_words(self) -> str:
        """Such as `20 of 38 tokens, none cut off`."""
        if self.tokens is None:
            return "counting tokens"
        if self.chunks > 1:
            return f"{self.tokens} tokens, read in {self.chunks} chunks of {self.limit}"
        over = self.tokens - self.limit
        return f"{self.tokens} of {self.limit} tokens, {over if over > 0 else 'none'} cut off"


def read_positive(layers: Layers, tokens: TextTokens | None) -> Reading:
    """How the prompt of these layers is read."""
    return _reading(layers.prompt, _places(layers), tokens)


def read_negative(layers: Layers, tokens: TextTokens | None) -> Reading:
    """How the negative prompt is read."""
    text = layers.negative_prompt
    return _reading(text, [("negatives", 0, len(text))] if text else [], tokens)


def read_both(layers: Layers, counts: TokenCounts | None) -> tuple[Reading, Reading]:
    """Prompt and negative prompt, counted in this order; without counts nothing is claimed."""
    positive, negative = counts.texts if counts is not None and counts.texts else (None, None)
    read = read_positive(layers, positive), read_negative(layers, negative)
    if counts is None:
        return read
    words, weighs = (weighted_prompt(layers), weighted(layers.negative_prompt)), counts.weighs
    found = [
        replace(reading, weighs=weighs, weights=each.told if weighs else ())
        for reading, each in zip(read, words, strict=True)
    ]
    return found[0], found[1]


def weights_in_words(readings: tuple[Reading, Reading]) -> str:
    """Such as `red hat × 1.2 · not blurry × 0.8`; empty where all words count alike."""
    return " · ".join(
        f"{sign}{words} × {weight:.4g}"
        for sign, reading in zip(("", "not "), readings, strict=True)
        for words, weight in reading.weights
    )


def notes(
    layers: Layers, brief: Brief, readings: tuple[Reading, Reading], *, short: bool = False
) -> dict[str, str]:
    """The remark at the right end of each layer: what of the brief it answers, and its tokens.

    A short one has the tokens only.
    """
    musts: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    for number, item in enumerate(brief.must_contain, 1):
        if layer := covered(item, layers):
            musts[layer].append(str(number))
    tokens = {**readings[0].by_layer, **readings[1].by_layer}
    lost = {layer for reading in readings for layer, _ in reading.lost}
    found = {}
    for layer in LAYERS:
        parts = [f"✓ must {' '.join(musts[layer])}"] if musts[layer] else []
        if layer == "negatives" and from_brief(layers, brief):
            parts.append("from brief")
        if layer in lost:
            parts.append("cut off")
        if layer in tokens:
            parts.append(f"{tokens[layer]:>3} tok")
        found[layer] = "  ".join(parts[-1:] if short else parts)
    return found


def from_brief(layers: Layers, brief: Brief) -> bool:
    """Whether something of the negatives is what the brief avoids."""
    avoided = bare_phrases(with_avoided(Layers(), brief).negatives)
    return not avoided.isdisjoint(bare_phrases(layers.negatives))


def missing_musts(layers: Layers, brief: Brief) -> tuple[str, ...]:
    """What the picture must contain and no layer speaks of."""
    return tuple(item for item in brief.must_contain if not covered(item, layers))


def _places(layers: Layers) -> list[tuple[str, int, int]]:
    """Each layer that is there, with where it starts and ends in the prompt."""
    found: list[tuple[str, int, int]] = []
    start = 0
    for layer, line in layers.lines:
        found.append((layer, start, start + len(line)))
        start += len(line) + len(BETWEEN)
    return found


def _reading(text: str, places: list[tuple[str, int, int]], tokens: TextTokens | None) -> Reading:
    if tokens is None:
        return Reading(text, cut=len(text))
    cut = _cut(text, tokens)
    by_layer = {
        # The comma behind a layer is its own: it would not be there without it.
        layer: sum(start <= first < end + 1 for first, _ in tokens.spans)
        for layer, start, end in places
    }
    lost = tuple(
        (layer, text[max(start, cut) : end].strip(" ,"))
        for layer, start, end in places
        if text[max(start, cut) : end].strip(" ,")
    )
    return Reading(text, len(tokens.spans), tokens.limit, cut, by_layer, lost, tokens.chunks)


def _cut(text: str, tokens: TextTokens) -> int:
    """Where reading ends; a word of which only a part is read counts as not read."""
    if tokens.chunks > 1 or len(tokens.spans) <= tokens.limit:
        return len(text)
    cut = min(tokens.spans[tokens.limit][0], len(text))
    while 0 < cut < len(text) and text[cut].isalnum() and text[cut - 1].isalnum():
        cut -= 1
    return cut
