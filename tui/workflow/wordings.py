"""Phrases in a prompt that raise a question: names, styles, brands, people, places.

Patterns only. They find what is worth a look, and miss much: a person still answers.
"""

import re

_NAME = r"[^\W\d_][\w.'’-]*"
_STYLE = re.compile(
    r"\b(?:in\s+the\s+(?:style|manner)\s+of|in\s+\w+['’]s\s+style|inspired\s+by|style\s+of|"
    r"à\s+la)\b[^,;·()]{0,60}",
    re.IGNORECASE,
)
_BY = re.compile(rf"\bby\s+({_NAME}(?:\s+{_NAME}){{0,3}})", re.IGNORECASE)
_NOT_A_NAME = frozenset({
    "a", "an", "the", "my", "your", "its", "his", "her", "their", "itself", "himself", "herself",
    "two", "three", "four", "and", "or", "night", "day", "hand", "sea", "side", "far", "water",
    "fire", "land", "air", "candlelight", "moonlight", "daylight", "sunlight", "firelight",
    "lamplight", "design", "default", "chance", "car", "train", "bus", "bike", "foot",
})  # fmt: skip
"""What may follow “by” without being somebody."""
_CAPITALS = re.compile(
    r"(?<![\w.])([A-Z][\w'’-]+(?:\s+(?:de|van|von|da|la|bin)\b)?(?:\s+[A-Z][\w'’-]+)+)"
)
_LIKENESS = re.compile(
    r"\b(?:portrait|photo|photograph|picture|likeness|caricature)\s+of\s+([A-Z][\w'’-]+)"
    r"|\blook(?:s|ing)?[\s-]?(?:a)?like\s+([A-Z][\w'’-]+)"
)
_PEOPLE = re.compile(
    r"\b(?:wo)?m[ae]n\b|\b(?:girl|boy|child|children|person|people|baby|face|portrait|hand|hands|"
    r"finger|fingers|holding|waving|dancer|doctor|nurse|farmer|teacher|singer|player|king|queen|"
    r"chef|pilot|worker|family|couple|crowd|elf|fairy|mermaid|wizard)s?\b",
    re.IGNORECASE,
)
_PROTECTED = re.compile(
    r"\b(?:logos?|trademarks?|brand(?:ed)?|disney|pixar|marvel|star wars|pok[ée]mon|pikachu|"
    r"mickey|nintendo|lego|barbie|ghibli|coca[- ]cola|pepsi|nike|adidas|iphone|ferrari|porsche|"
    r"olympic rings|red cross)\b|[®™]\s*\w+|\w+\s*[®™]",
    re.IGNORECASE,
)
_PLACES = (
    (re.compile(r"\btop[- ]left\b|\bupper left\b", re.IGNORECASE), "top left"),
    (re.compile(r"\btop[- ]right\b|\bupper right\b", re.IGNORECASE), "top right"),
    (re.compile(r"\bbottom[- ]left\b|\blower left\b", re.IGNORECASE), "bottom left"),
    (re.compile(r"\bbottom[- ]right\b|\blower right\b", re.IGNORECASE), "bottom right"),
    (re.compile(r"\bleft\b", re.IGNORECASE), "left half"),
    (re.compile(r"\bright\b", re.IGNORECASE), "right half"),
    (re.compile(r"\b(?:top|above|sky)\b", re.IGNORECASE), "top half"),
    (re.compile(r"\b(?:bottom|below)\b", re.IGNORECASE), "bottom half"),
    (re.compile(r"\b(?:cent(?:re|er)|middle)\b", re.IGNORECASE), "middle"),
)


def artists(words: str) -> tuple[str, ...]:
    """Phrases that may name whose style is copied, as they stand in the prompt."""
    found = [match.group(0).strip() for match in _STYLE.finditer(words)]
    covered = " ".join(found)
    for match in _BY.finditer(words):
        first = match.group(1).split()[0].lower()
        if first not in _NOT_A_NAME and match.group(0) not in covered:
            found.append(match.group(0))
    return tuple(dict.fromkeys(found))


def listed(words: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that stand in the words, whole, in upper or lower case."""
    folded = words.casefold()
    return tuple(
        name
        for name in names
        if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", folded) is not None
    )


def persons(words: str) -> tuple[str, ...]:
    """Phrases that may name a real person: two capitalised words, or a portrait of one."""
    found = [match.group(1) for match in _CAPITALS.finditer(words)]
    found += [match.group(1) or match.group(2) for match in _LIKENESS.finditer(words)]
    single = [name for name in found if not any(name != other and name in other for other in found)]
    return tuple(dict.fromkeys(single))


def protected(words: str) -> tuple[str, ...]:
    """Words for logos, brands and well-known characters."""
    return tuple(dict.fromkeys(match.group(0).strip() for match in _PROTECTED.finditer(words)))


def people(words: str) -> tuple[str, ...]:
    """Words that put a person, hands or a face into the picture."""
    return tuple(dict.fromkeys(match.group(0) for match in _PEOPLE.finditer(words)))


def place(item: str) -> str:
    """The part of the picture that an item speaks of, such as `left half`; empty for none."""
    return next((name for pattern, name in _PLACES if pattern.search(item)), "")
