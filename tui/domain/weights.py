r"""Weights in words, as A1111 and most others write them: `(red hat:1.2)`, `(soft)`, `[dim]`.

`(words:1.2)` count 1.2 times as much, `(words)` 1.1 times, `[words]` as much less; inner ones
multiply. `\(` is a bracket and no weight. A bracket without its other half, a number that is no
weight, and `[cat:dog:0.5]`, which means something else there, stay words as they are written.
"""

import re
from dataclasses import dataclass
from itertools import accumulate, groupby

from tui.domain.prompt import BETWEEN, Layers, parts, phrases

LARGEST = 10.0
"""A larger number, as in `(at half past 10:30)`, is no weight; inner ones multiply up to it."""
STEP = 1.1
"""What a pair of brackets without a number is worth."""
VALUE = r"-?(?:\d{1,4}(?:\.\d{0,6})?|\.\d{1,6})"
"""A pattern of a number that is looked for anywhere: one of any length would be tried again at each
of its digits."""

_SIGN = re.compile(r"\\[()\[\]]|:\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)\s*\)|.", re.DOTALL)
"""An escaped bracket, the number at the end of a weight, or one character."""
_ESCAPED = frozenset((r"\(", r"\)", r"\[", r"\]"))
_TIMES = re.compile(r"[×x*]\s*(\d+(?:\.\d*)?|\.\d+)")
_OTHER_MEANING = ":|"
"""In square brackets: one thing first and another later, or in turns."""


@dataclass(frozen=True)
class Weighted:
    """Words without the signs of their weights."""

    text: str
    weights: tuple[float, ...]
    """Of each character."""
    origins: tuple[int, ...]
    """Where each character stands in what was written."""
    written: str

    @property
    def is_weighted(self) -> bool:
        """Whether some words count more or less than others."""
        return any(weight != 1 for weight in self.weights)

    @property
    def has_signs(self) -> bool:
        """Whether it is written otherwise than it reads."""
        return self.text != self.written

    @property
    def fragments(self) -> tuple[tuple[str, float], ...]:
        """The whole text, cut where the weight changes."""
        found, start = [], 0
        for weight, run in groupby(self.weights):
            end = start + len(list(run))
            found.append((self.text[start:end], weight))
            start = end
        return tuple(found)

    @property
    def told(self) -> tuple[tuple[str, float], ...]:
        """The words with a weight of their own, in order."""
        return tuple(
            (words, weight)
            for text, weight in self.fragments
            if weight != 1 and (words := text.strip(" ,"))
        )

    def part(self, start: int, end: int) -> "Weighted":
        """A piece of it, from one character to before another."""
        return Weighted(
            self.text[start:end], self.weights[start:end], self.origins[start:end], self.written
        )

    def span(self, start: int, end: int) -> tuple[int, int]:
        """From where to where a piece of the text stands in what was written."""
        begin = self.origins[start] if start < len(self.origins) else len(self.written)
        return begin, self.origins[end - 1] + 1 if end > start else begin


def unweighted(text: str) -> Weighted:
    """Words of which every sign is one to read."""
    return Weighted(text, (1.0,) * len(text), tuple(range(len(text))), text)


def weighted(written: str) -> Weighted:
    """The words of a prompt, and how much each counts."""
    signs = _signs(written)
    begins, ends = _pairs(signs)
    text = ""
    weights: list[float] = []
    origins: list[int] = []
    worths = [1.0]
    for number, (sign, at) in enumerate(signs):
        if number in begins:
            worths.append(min(LARGEST, round(worths[-1] * begins[number], 4)))
        elif number in ends:
            worths.pop()
        else:
            plain = sign[1] if sign in _ESCAPED else sign
            text += plain
            weights += [worths[-1]] * len(plain)
            origins += range(at, at + len(plain))
    return Weighted(text, tuple(weights), tuple(origins), written)


def weighted_prompt(layers: Layers) -> Weighted:
    """The positive prompt, of which no bracket is the other half of one in another layer.

    Else a change of the style could change what the subject weighs.
    """
    pieces: list[Weighted] = []
    for _layer, line in layers.lines:
        if pieces:
            pieces.append(unweighted(BETWEEN))
        pieces.append(weighted(line))
    starts = accumulate((len(piece.written) for piece in pieces), initial=0)
    return Weighted(
        "".join(piece.text for piece in pieces),
        tuple(weight for piece in pieces for weight in piece.weights),
        tuple(
            start + at for start, piece in zip(starts, pieces, strict=False) for at in piece.origins
        ),
        layers.prompt,
    )


def _signs(text: str) -> list[tuple[str, int]]:
    """What it is read by, each with its place."""
    return [(match.group(), match.start()) for match in _SIGN.finditer(text)]


def _pairs(signs: list[tuple[str, int]]) -> tuple[dict[int, float], set[int]]:
    """The signs that begin a weight, each with its worth, and those that end one."""
    words = list(accumulate(not sign.isspace() and sign != "," for sign, _ in signs))
    others = list(accumulate(sign in _OTHER_MEANING for sign, _ in signs))
    begins: dict[int, float] = {}
    ends: set[int] = set()
    opened: dict[str, list[int]] = {"(": [], "[": []}
    for number, (sign, _at) in enumerate(signs):
        if sign in opened:
            opened[sign].append(number)
        if sign[-1] not in ")]" or sign in _ESCAPED:
            continue
        bracket, other, own = ("(", "[", STEP) if sign[-1] == ")" else ("[", "(", 1 / STEP)
        if not opened[bracket]:
            continue
        begin = opened[bracket].pop()
        while opened[other] and opened[other][-1] > begin:
            opened[other].pop()
        worth = float(sign[1:-1]) if len(sign) > 1 else own
        means_else = bracket == "[" and others[number - 1] > others[begin]
        if words[number - 1] > words[begin] and not means_else and 0 <= worth <= LARGEST:
            begins[begin] = worth
            ends.add(number)
    return begins, ends


def bare(phrase: str) -> str:
    """The words of a phrase in small letters, whatever they weigh."""
    return " ".join(weighted(phrase).text.casefold().split())


def bare_phrases(line: str) -> set[str]:
    """All phrases of a line as `bare` has them, also those that share a pair of brackets."""
    return {bare(part) for phrase in phrases(line) for part in phrases(weighted(phrase).text)}


def nudged(line: str, cursor: int, by: float) -> tuple[str, int]:
    """The line with another weight for the phrase at the cursor, and the cursor in its words.

    Args:
        line: a layer's phrases.
        cursor: a character of it, or its end.
        by: to add to the weight; one that comes to 1 is taken away.
    """
    start, phrase = 0, ""
    for phrase in parts(line):
        if cursor <= start + len(phrase):
            break
        start += len(phrase) + 1
    words, weight = _own_weight(phrase.strip())
    if not words:
        return line, cursor
    written = _with_weight(words, weight + by)
    begin = start + len(phrase) - len(phrase.lstrip())
    end = start + len(phrase.rstrip())
    place = begin + len(words) + (written != words)
    return line[:begin] + written + line[end:], place


def told_weight(value: str, phrase: str) -> str:
    """What `×1.2` stands for where a phrase is swept: that phrase with this weight; else itself."""
    match = _TIMES.fullmatch(value.strip())
    words, _ = _own_weight(phrase.strip())
    return _with_weight(words, float(match[1])) if match and words else value


def _with_weight(words: str, weight: float) -> str:
    weight = round(min(LARGEST, max(0.0, weight)), 2)
    return words if weight == 1 else f"({_closed(words)}:{weight:g})"


def _closed(words: str) -> str:
    """The words with each bracket escaped that is no weight's: it would take one around them."""
    signs = _signs(words)
    begins, ends = _pairs(signs)
    own = {*begins, *ends}
    return "".join(
        f"{sign[:-1]}\\{sign[-1]}"
        if sign[-1] in "()[]" and sign not in _ESCAPED and number not in own
        else sign
        for number, (sign, _) in enumerate(signs)
    )


def _own_weight(phrase: str) -> tuple[str, float]:
    """The words of a phrase, and the weight that its outermost brackets give to all of them."""
    signs = _signs(phrase)
    begins, ends = _pairs(signs)
    if 0 in begins and len(signs) - 1 in ends and signs[0][0] == "(":
        # One pair around all of it, not one at its beginning and another at its end.
        depth = 0
        for number in range(len(signs) - 1):
            depth += (number in begins) - (number in ends)
            if not depth:
                return phrase, 1.0
        return phrase[1 : signs[-1][1]].strip(), begins[0]
    return phrase, 1.0
