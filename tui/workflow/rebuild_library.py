"""Library entries found again: from the words beside each picture, or from the picture alone."""

from pathlib import Path

import msgspec

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.imaging.errors import ImagingError
from tui.imaging.file_facts import FileFacts, own_facts, plain_facts
from tui.imaging.foreign_json import harmless
from tui.store.errors import NotFoundError, StoreError
from tui.store.ids import is_id, time_of
from tui.store.library_entry import LibraryEntry
from tui.store.library_file import read_entry
from tui.store.store import Store
from tui.workflow.library import made_with
from tui.workflow.rebuild_report import Findings
from tui.workflow.rebuild_values import plausible, usable_id

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def take_in_library(store: Store, findings: Findings, *, fill_only: bool) -> None:
    """Bring every entry of the library's folder into the database; call after the projects.

    Args:
        store: an up-to-date database, and the home that the folder is in.
        findings: where it is counted, and what cannot be used is named.
        fill_only: whether the database knows better wherever both know an entry. The words beside
            a picture are written with every change, so they are never older than a backup.
    """
    folder = store.home.library
    if not folder.is_dir():
        return
    known = {entry.id for entry in store.library.list(10**9, archived=True)}
    for path in sorted(folder.iterdir()):
        entry_id = path.stem
        if path.name.startswith(".") or path.suffix not in (*_PICTURES, ".json"):
            continue
        if entry_id in known and (fill_only or path.suffix in _PICTURES):
            continue
        try:
            entry = _entry(store, path, findings)
        except (StoreError, ImagingError, OSError) as error:
            findings.is_unreadable(path, error)
            continue
        if entry.has_picture and not store.library.file(entry).is_file():
            findings.is_missing(store.library.file(entry))
            continue
        # Words come before pictures by name, so a picture is asked only where they tell nothing.
        store.library.put(entry)
        findings.entries += entry_id not in known
        known.add(entry_id)


def _entry(store: Store, path: Path, findings: Findings) -> LibraryEntry:
    """The entry that a file tells of.

    Raises:
        StoreError: the words cannot be read, or are not of this home.
        ImagingError: the picture cannot be read.
    """
    if not is_id(path.stem) or path.is_symlink() or not path.is_file():
        raise StoreError("it is none of ours: move it away")
    if path.suffix == ".json":
        return _from_words(store, path)
    return _from_picture(store, path, findings)


def _from_words(store: Store, path: Path) -> LibraryEntry:
    try:
        entry = msgspec.convert(harmless(msgspec.to_builtins(read_entry(path))), LibraryEntry)
    except (msgspec.ValidationError, RecursionError) as error:
        raise StoreError(f"could not read {path.name}: {error}") from error
    if not (entry.id == path.stem and _is_own(store, entry)):
        raise StoreError("its words are of another picture: they were changed")
    when = time_of(entry.id) or path.stat().st_mtime
    return msgspec.structs.replace(
        entry,
        image_id=usable_id(entry.image_id) or "",
        project_id=_known_project(store, entry.project_id),
        created=plausible(entry.created, when),
        last_used=None if entry.last_used is None else plausible(entry.last_used, when),
        archived=None if entry.archived is None else plausible(entry.archived, when),
        used_count=max(0, entry.used_count),
        merged_into=usable_id(entry.merged_into) or "",
        unreadable="",
    )


def _is_own(store: Store, entry: LibraryEntry) -> bool:
    """Whether the picture it names is its own; a style has none."""
    if not entry.has_picture:
        return True
    picture = store.home.inside(entry.path)
    beside = picture.stem == entry.id and picture.parent == store.home.library
    return beside and picture.suffix in _PICTURES


def _from_picture(store: Store, path: Path, findings: Findings) -> LibraryEntry:
    facts = _facts(path)
    layers, model = Layers(), ""
    brief, name, project = Brief(), "", None
    if facts.recipe is not None:
        layers, model = facts.recipe.intent.layers, facts.recipe.intent.model
    try:
        image = store.images.get(facts.image or "")
        layers, model = made_with(store, image) or (layers, model)
        owner = store.projects.get(image.project_id)
        project, brief, name = owner.id, owner.brief, owner.name
    except NotFoundError:
        pass
    return LibraryEntry(
        id=path.stem,
        image_id=facts.image or "",
        project_id=project,
        name=name or layers.subject or path.stem,
        purpose=brief.purpose,
        worked="",
        tags=(),
        brief=brief,
        layers=layers,
        options="",
        model=model,
        kind=brief.kind,
        path=path.relative_to(store.home.data).as_posix(),
        sha256=findings.digest(path),
        width=facts.width,
        height=facts.height,
        created=time_of(path.stem) or path.stat().st_mtime,
    )


def _facts(path: Path) -> FileFacts:
    try:
        return own_facts(path)
    except ImagingError:
        return plain_facts(path)


def _known_project(store: Store, project_id: str | None) -> str | None:
    try:
        return store.projects.get(project_id or "").id
    except NotFoundError:
        return None
