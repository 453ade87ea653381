"""Finds the models in folders that a person named. No more than a file's beginning is read."""

import os
from collections.abc import Iterator
from pathlib import Path

from tui.domain.text import clean
from tui.engine.single_files import may_be_weights

_DEEPEST = 3
"""Levels below a named folder that are looked into: `folder/owner/name` and one more."""
_MOST_ENTRIES = 20_000
"""Of all levels together; a folder with more is no folder of models."""


def models_in(folder: Path) -> Iterator[Path]:
    """Folders of pipelines, and files that may be a model, by name; links are followed.

    Raises:
        OSError: the folder itself cannot be looked into.
    """
    budget = iter(range(_MOST_ENTRIES))
    yield from _below(folder, 0, budget)


def trouble_with(folder: str) -> str:
    """Why a folder of the settings cannot be looked into, as a sentence; empty where it can."""
    path, shown = Path(folder), clean(folder, limit=200)
    if not path.is_dir():
        return f"model_folders: there is no folder {shown}, so correct it in config.toml"
    if not os.access(path, os.R_OK | os.X_OK):
        return f"model_folders: {shown} cannot be read, so check its rights"
    return ""


def _below(folder: Path, depth: int, budget: Iterator[int]) -> Iterator[Path]:
    if (folder / "model_index.json").is_file():
        yield folder
        return
    # A component, or a model of another kind, whose files are no pictures' models by themselves.
    if depth and (folder / "config.json").is_file():
        return
    below: list[Path] = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if next(budget, None) is None:
            return
        if entry.name.startswith((".", "models--")):
            continue
        path = Path(entry.path)
        if entry.is_dir():
            below.append(path)
        elif (entry.is_file() or _leads_nowhere(path)) and may_be_weights(path):
            yield path
    if depth < _DEEPEST:
        for path in below:
            try:
                yield from _below(path, depth + 1, budget)
            except OSError:
                continue  # another user's


def _leads_nowhere(path: Path) -> bool:
    return path.is_symlink() and not path.exists()
