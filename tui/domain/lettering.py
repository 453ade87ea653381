"""Text that should be in a picture, should not be, and is: what a brief asks, what was read.

The rule: what stands in quotation marks in the brief's purpose, or in what the picture must
contain, is asked for; where the brief quotes nothing, what the prompt quotes is. What is quoted in
what it must avoid must not be there; a point that names text, letters or words wants none.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from tui.domain.brief import Brief

NEARLY = 0.6
"""How alike, from 0 to 1, what was read must be to count as a misspelling of what was asked."""
_MOST_WORDS = 300
_QUOTED = re.compile(r"[\"“„«]([^\"”“»]{1,60})[\"”“»]")
_NAMES_TEXT = re.compile(
    r"\b(?:text|texts|letters?|lettering|words?|writing|captions?|typography|watermarks?)\b",
    re.IGNORECASE,
)


class Match(NamedTuple):
    """One text that is asked for, and what comes nearest among what was read."""

    asked: str
    read: str = ""
    """Empty where nothing is near."""
    lines: frozenset[int] = frozenset()
    """Numbers of the lines that it was read in."""

    @property
    def same(self) -> bool:
        """Whether it is spelt as asked; capitals and spaces do not count."""
        return _squeezed(self.asked) == _squeezed(self.read)


def quoted(words: str) -> tuple[str, ...]:
    """What stands in quotation marks: text that should be in the picture."""
    return tuple(dict.fromkeys(match.group(1).strip() for match in _QUOTED.finditer(words)))


def asked_by(brief: Brief) -> tuple[str, ...]:
    """The texts that a brief asks for."""
    return quoted(" · ".join((brief.purpose, *brief.must_contain)))


def avoided_by(brief: Brief) -> tuple[str, ...]:
    """The texts that must not be in the picture."""
    return quoted(" · ".join(brief.must_avoid))


def names_text(item: str) -> bool:
    """Whether a point of a brief speaks of text as such: `no letters`."""
    return not quoted(item) and bool(_NAMES_TEXT.search(item))


def matched(asked: str, lines: Iterable[str]) -> Match:
    """Where a text stands among lines that were read, over their ends too, and how it is spelt."""
    words = [(word, at) for at, line in enumerate(lines) for word in line.split()][:_MOST_WORDS]
    wanted, most = _bare(asked), len(asked.split()) + 2
    best, nearest, fewest = Match(asked), NEARLY, len(words) + 1
    for start in range(len(words)):
        for end in range(start + 1, min(start + most, len(words)) + 1):
            part = words[start:end]
            read = " ".join(word for word, _ in part)
            found = Match(asked, read, frozenset(at for _, at in part))
            if found.same:
                return found
            near = _alike(wanted, _bare(read), nearest)
            if near > nearest or (near == nearest and len(part) < fewest):
                best, nearest, fewest = found, near, len(part)
    return best


def _alike(wanted: str, read: str, least: float) -> float:
    """From 0 to 1; a pair that cannot reach the least is not compared to its end."""
    matcher = SequenceMatcher(None, wanted, read, autojunk=False)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < least:
        return 0.0
    return matcher.ratio()


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _bare(text: str) -> str:
    """Without the signs that readers of text confuse most."""
    return "".join(sign for sign in _squeezed(text) if sign.isalnum()) or _squeezed(text)
