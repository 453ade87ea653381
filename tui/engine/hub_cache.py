"""Which models the hub's cache on this machine holds, read from its layout on disk.

The library's own scan measures every file of every model and data set, and ends with an error when
a single file of anybody's in there cannot be read; a list of models needs neither.

`models--owner--name/refs/<branch or tag>` holds a commit, `snapshots/<commit>/` its files, as links
into `blobs/`, where `*.incomplete` is what a download has left.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAIN = "main"
_MOST_REFS = 200


@dataclass(frozen=True)
class CachedModel:
    """One revision of a model in the cache."""

    model: str
    """The reference by which it is drawn with."""
    folder: Path
    """Of its files."""
    commit: str
    """Forty hexadecimal digits."""


def cache_folder() -> Path:
    """Where the hub's library keeps its cache."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def cached_models(cache: Path) -> Iterator[CachedModel]:
    """Every revision that has an index of a pipeline, by name; none where there is no cache.

    Raises:
        OSError: the cache itself cannot be read.
    """
    if not cache.is_dir():
        return
    for folder in sorted(cache.glob("models--*--*")):
        owner, _, name = folder.name.removeprefix("models--").partition("--")
        try:
            yield from _revisions(f"{owner}/{name.replace('--', '/')}", folder)
        except OSError:
            # Another user's, or gone meanwhile: nothing that this one could draw with.
            continue


def _revisions(model: str, folder: Path) -> Iterator[CachedModel]:
    snapshots = folder / "snapshots"
    if not snapshots.is_dir():
        return
    refs = _refs(folder / "refs")
    for snapshot in sorted(snapshots.iterdir()):
        commit = snapshot.name
        if not _COMMIT.fullmatch(commit) or not (snapshot / "model_index.json").is_file():
            continue
        named = refs.get(commit, ())
        if _MAIN in named:
            yield CachedModel(model, snapshot, commit)
        else:
            yield CachedModel(f"{model}@{min(named, default=commit)}", snapshot, commit)


def _refs(folder: Path) -> dict[str, tuple[str, ...]]:
    """Branches and tags by the commit they point at."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted(folder.glob("*"))[:_MOST_REFS]:
        try:
            with file.open("rb") as opened:
                commit = opened.read(64).decode("ascii", errors="replace").strip()
        except OSError:
            continue
        if _COMMIT.fullmatch(commit):
            found[commit] = (*found.get(commit, ()), file.name)
    return found
