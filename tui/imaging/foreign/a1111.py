"""The text that A1111, Forge and SD.Next write: prompt, `Negative prompt:`, a line of settings.

Fooocus writes the same when it is told to.
"""

import json
import re

from tui.imaging.foreign.found import ForeignRecipe, recipe_of

_NEGATIVE = "Negative prompt:"
_FIRST_SETTING = "Steps:"
_LONGEST_LINE = 20_000
"""Characters of settings; beyond it is no settings line that a program wrote."""

_SETTING = re.compile(r'(\w[\w /-]{0,59}):\s{0,9}("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)')


def infotext(text: str, program: str = "A1111") -> ForeignRecipe | None:
    """The recipe in such a text; None where it is none."""
    lines = text.strip().splitlines()
    # Extensions add lines of their own behind the settings.
    place = next(
        (n for n in reversed(range(len(lines))) if lines[n].startswith(_FIRST_SETTING)), len(lines)
    )
    settings = _settings(lines[place]) if place < len(lines) else {}
    prompt: list[str] = []
    negative: list[str] = []
    target = prompt
    for line in lines[:place]:
        words = line.strip()
        if words.startswith(_NEGATIVE):
            target, words = negative, words.removeprefix(_NEGATIVE).strip()
        target.append(words)
    if not settings and target is prompt:
        return None
    model = settings.pop("Model", "") or settings.pop("Base model", "")
    version = settings.get("Version", "")
    if program == "A1111" and version:
        program = _by_version(version)
    return recipe_of(program, "\n".join(prompt), "\n".join(negative), model, settings)


def _settings(line: str) -> dict[str, str]:
    pairs = _SETTING.findall(line[:_LONGEST_LINE])
    return {key.strip(): _unquoted(value.strip()) for key, value in pairs}


def _unquoted(value: str) -> str:
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        try:
            text = json.loads(value)
        except ValueError:
            return value.strip('"')
        return str(text)
    return value


def _by_version(version: str) -> str:
    """Forge calls itself `f2.0…`, Fooocus by its name; all others are in A1111's family."""
    if version.startswith("Fooocus"):
        return "Fooocus"
    return "Forge" if re.match(r"f\d", version) else "A1111"
