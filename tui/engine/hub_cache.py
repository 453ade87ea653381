"""What the hub's cache on this machine holds, read from its layout on disk.

The library's own scan measures every file of every model and data set, and ends with an error when
a single file of anybody's in there cannot be read; a list of models needs neither.

`models--owner--name/refs/<branch or tag>` holds a commit, `snapshots/<commit>/` its files, as links
into `blobs/`, where `*.incomplete` is what a download has left.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tui.engine.hub_reference import HubReference

_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAIN = "main"
_MOST_REFS = 200


@dataclass(frozen=True)
class Snapshot:
    """One revision of a repository in the cache."""

    model: str
    """The reference by which it is named: `owner/name`, with `@revision` unless that is main."""
    folder: Path
    """Of its files."""
    commit: str
    """Forty hexadecimal digits."""


def cache_folder() -> Path:
    """Where the hub's library keeps its cache."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def snapshots(cache: Path) -> Iterator[Snapshot]:
    """Every revision of every repository of models, by name; none where there is no cache.

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


def is_pipeline(folder: Path) -> bool:
    """Whether a snapshot has the index of a pipeline."""
    return (folder / "model_index.json").is_file()


def snapshot_of(reference: HubReference) -> Path | None:
    """The folder of a repository's revision in the cache, whole or not; None where none is.

    Asked of the library, a folder counts only if it holds all that the repository has, and Keepers
    never downloads all of it.
    """
    folder = cache_folder() / f"models--{reference.name.replace('/', '--')}"
    revision = reference.revision or _MAIN
    commit = revision if _COMMIT.fullmatch(revision) else _commit(folder / "refs" / revision)
    found = folder / "snapshots" / commit
    return found if commit and found.is_dir() else None


def every_snapshot_of(reference: HubReference) -> list[Path]:
    """The folders of all revisions of a repository, the one that the reference names first."""
    named = snapshot_of(reference)
    folder = cache_folder() / f"models--{reference.name.replace('/', '--')}" / "snapshots"
    try:
        others = [each for each in sorted(folder.iterdir()) if each != named and each.is_dir()]
    except OSError:
        others = []
    return others if named is None else [named, *others]


def _revisions(model: str, folder: Path) -> Iterator[Snapshot]:
    if not (folder / "snapshots").is_dir():
        return
    refs = _refs(folder / "refs")
    for snapshot in sorted((folder / "snapshots").iterdir()):
        commit = snapshot.name
        if not _COMMIT.fullmatch(commit):
            continue
        named = refs.get(commit, ())
        if _MAIN in named:
            yield Snapshot(model, snapshot, commit)
        else:
            yield Snapshot(f"{model}@{min(named, default=commit)}", snapshot, commit)


def _refs(folder: Path) -> dict[str, tuple[str, ...]]:
    """Branches and tags by the commit they point at."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted(folder.glob("*"))[:_MOST_REFS]:
        if commit := _commit(file):
            found[commit] = (*found.get(commit, ()), file.name)
    return found


def _commit(ref: Path) -> str:
    """What a branch or tag points at; empty where that cannot be read."""
    try:
        with ref.open("rb") as opened:
            commit = opened.read(64).decode("ascii", errors="replace").strip()
    except OSError:
        return ""
    return commit if _COMMIT.fullmatch(commit) else ""
