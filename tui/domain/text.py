"""The one place where foreign text is made harmless.

Prompts, metadata, file and model names and error messages come from anywhere. Terminals obey
escape sequences and bidirectional overrides wherever they stand, so every such string passes
through `clean` before it is stored or shown.
"""

import unicodedata

LONGEST_LINE = 10_000
"""Characters a single field keeps; far above any prompt a model reads."""

_MOST_COMBINING = 4
"""Combining marks kept after one base character; real scripts need three at most."""

_JOINER = "\u200d"
"""Zero width joiner: holds emoji and Indic clusters together, so it is kept there."""

_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters by category that show nothing."""


def clean(text: str, *, limit: int = LONGEST_LINE) -> str:
    """One harmless line of at most `limit` characters, white space folded."""
    return " ".join(_harmless(text[: limit * 4]).split())[:limit].rstrip()


def clean_lines(text: str, *, limit: int = LONGEST_LINE * 10) -> str:
    """Harmless text that may have several lines: only line feeds survive as control characters."""
    unified = text[: limit * 4].replace("\r\n", "\n").replace("\r", "\n")
    lines = (" ".join(_harmless(line).split()) for line in unified.split("\n"))
    return "\n".join(lines).strip("\n")[:limit].rstrip()


def model_name(model: str) -> str:
    """What a model is called on a screen: the last part of its folder or hub id, harmless."""
    return clean(model.rstrip("/").rpartition("/")[2], limit=80)


def as_sentence(text: str, *, limit: int = LONGEST_LINE) -> str:
    """A harmless line with a capital at its beginning and one full stop at its end."""
    line = clean(text, limit=limit).rstrip(". ")
    return f"{line[:1].upper()}{line[1:]}." if line else ""


def _harmless(text: str) -> str:
    result: list[str] = []
    combining = 0
    for character in text:
        category = unicodedata.category(character)
        if character == _JOINER:
            # After a plain letter, a space or another joiner it would only be an unseen difference.
            if result and not result[-1].isascii() and result[-1] != _JOINER:
                result.append(character)
            continue
        if category in ("Cc", "Zl", "Zp", "Zs") or character in _UNSEEN:
            # A control or a separator parted two words once; a space still parts them.
            result.append(" ")
            continue
        if category in ("Cf", "Cs", "Co", "Cn"):
            continue
        combining = combining + 1 if category in ("Mn", "Me") else 0
        if combining <= _MOST_COMBINING:
            result.append(character)
    return "".join(result)
