"""The notices of the works that a model learned from: they go with every copy of its weights."""

import re
from pathlib import Path

_ALL = Path(__file__).with_name("notices.md")
_SOURCES = {
    "3d render": "Fluent Emoji",
    "flat illustration": "Fluent Emoji",
    "black and white icon": "Fluent Emoji",
    "cartoon": "Noto Emoji",
}
"""Whose pictures a style has, as the headings of the notices name it."""
_NEEDED_BY = {"Apache License 2.0": "Noto Emoji"}
"""Texts that stand at the end for another section."""


def write_notices(file: Path, styles: tuple[str, ...]) -> None:
    """Write the notices for a model that knows these styles, by their names."""
    file.write_text(notices_for(styles), encoding="utf-8")


def notices_for(styles: tuple[str, ...]) -> str:
    """The notices without the sections of works that gave none of these styles."""
    unused = set(_SOURCES.values()) - sources_of(styles)
    sections = re.split(r"^(?=## )", _ALL.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = [section for section in sections if not _about(section) & unused]
    rows = kept[0].splitlines(keepends=True)
    kept[0] = "".join(row for row in rows if not any(row.startswith(f"| {w}") for w in unused))
    return "".join(kept).rstrip() + "\n"


def sources_of(styles: tuple[str, ...]) -> set[str]:
    """The works whose pictures these styles have."""
    return {_SOURCES[style] for style in styles}


def _about(section: str) -> set[str]:
    title = section.partition("\n")[0].removeprefix("## ")
    return {title, _NEEDED_BY.get(title, title)}
