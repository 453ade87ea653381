"""Step 2: a prompt written in layers, each layer a list of phrases."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from tui.domain.text import LONGEST_LINE, clean

POSITIVE_LAYERS = ("subject", "style", "composition", "detail")
"""The layers that make the prompt, in the order in which models read them."""

LAYERS = (*POSITIVE_LAYERS, "negatives")
"""All layers, in the order in which they are shown."""
BETWEEN = ", "
"""What stands between two phrases, and two layers, of a prompt."""


class Layers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The five layers of a prompt, each a line of comma-separated phrases."""

    VERSION: ClassVar[int] = 1

    subject: str = ""
    style: str = ""
    composition: str = ""
    detail: str = ""
    """Light, colour, mood."""
    negatives: str = ""
    """What the picture should not show."""
    version: int = VERSION

    def get(self, layer: str) -> str:
        """The text of one layer, by its name in `LAYERS`."""
        if layer not in LAYERS:
            raise KeyError(layer)
        return str(getattr(self, layer))

    def items(self) -> Iterator[tuple[str, str]]:
        """Each layer's name and text, in the order of `LAYERS`."""
        return ((layer, self.get(layer)) for layer in LAYERS)

    def cleaned(self) -> "Layers":
        """The same layers, harmless, with phrases trimmed and empty ones gone."""
        texts = {layer: BETWEEN.join(phrases(text)) for layer, text in self.items()}
        return msgspec.structs.replace(self, **texts)

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The positive layers that say something, each with its line of the prompt."""
        lines = ((layer, BETWEEN.join(phrases(self.get(layer)))) for layer in POSITIVE_LAYERS)
        return tuple((layer, line) for layer, line in lines if line)

    @property
    def prompt(self) -> str:
        """The positive prompt as the model reads it."""
        return BETWEEN.join(line for _layer, line in self.lines)

    @property
    def negative_prompt(self) -> str:
        """The negative prompt as the model reads it."""
        return BETWEEN.join(phrases(self.negatives))


_OPENING, _CLOSING = "([{<", ")]}>"


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of a layer: parts between commas, but not commas inside brackets.

    Weights such as `(red hat, blue coat:1.2)` stay one phrase. A bracket that is never closed
    counts as a letter, so that one typing slip does not swallow the rest of the layer. Phrases
    that no longer fit into one field when joined are left out.
    """
    found: list[str] = []
    length = 0
    for phrase in filter(None, map(str.strip, parts(clean(text)))):
        length += len(phrase) + 2 * bool(found)
        if length > LONGEST_LINE:
            break
        found.append(phrase)
    return tuple(found)


def parts(line: str) -> list[str]:
    """A line cut at the commas between its phrases; joined by commas it is the line again."""
    brackets = _matched(line)
    found, depth, start = [], 0, 0
    for position, character in enumerate(line):
        if position in brackets:
            depth += 1 if character in _OPENING else -1
        elif character == "," and depth == 0:
            found.append(line[start:position])
            start = position + 1
    found.append(line[start:])
    return found


def _matched(line: str) -> set[int]:
    """Positions of the brackets that have their other half."""
    matched: set[int] = set()
    open_at: list[int] = []
    for position, character in enumerate(line):
        if position and line[position - 1] == "\\":
            continue  # It is a bracket to read.
        if character in _OPENING:
            open_at.append(position)
        elif character in _CLOSING:
            opening = _OPENING[_CLOSING.index(character)]
            for depth in range(len(open_at) - 1, -1, -1):
                if line[open_at[depth]] == opening:
                    matched |= {open_at[depth], position}
                    del open_at[depth:]
                    break
    return matched
