"""The licence of a model, as far as this machine knows it."""

import re
from pathlib import Path

from tui.domain.text import clean

_STARTER = "starter: MIT; made from MIT and Apache-2.0 icon sets"
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---", re.DOTALL)
_LINE = re.compile(r"^(license|license_name|licence)\s*:\s*(\S[^\n]*)$", re.MULTILINE)
_MOST = 64 * 1024
"""Characters of a model card that are read."""


def licence(model: str) -> str:
    """What is known of a model's licence, and where to read the rest.

    Args:
        model: `starter`, a folder, or an id on the hub.
    """
    if model == "starter":
        return _STARTER
    name = clean(model.rstrip("/").rpartition("/")[2] or model, limit=80)
    stated = _stated(Path(model)) if Path(model).is_dir() else ""
    if stated:
        return f"{name}: its card says {stated}"
    return f"{name}: not known here, read its model card"


def _stated(folder: Path) -> str:
    try:
        with (folder / "README.md").open(encoding="utf-8", errors="replace") as file:
            card = _FRONT_MATTER.match(file.read(_MOST))
    except OSError:
        return ""
    found = dict(_LINE.findall(card.group(1))) if card else {}
    # “other” stands for a licence with a name of its own.
    return clean(found.get("license_name") or found.get("license") or "", limit=60).strip("'\"")
