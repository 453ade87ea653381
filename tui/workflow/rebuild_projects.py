"""Projects found again, each from its folder: `project.json`, and the pictures beside it."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.domain.versioned import to_json
from tui.imaging.foreign_json import harmless
from tui.store.errors import StoreError
from tui.store.ids import is_id, slug
from tui.store.projects import LONGEST_NAME
from tui.store.rows import put
from tui.store.sidecar import FILE_NAME, Sidecar, read_sidecar
from tui.store.store import Store
from tui.store.summaries import last_changed
from tui.workflow.rebuild_marks import take_in_marks
from tui.workflow.rebuild_pictures import Picture, pictures_in, take_in_images
from tui.workflow.rebuild_report import Findings
from tui.workflow.rebuild_rounds import take_in_rounds
from tui.workflow.rebuild_values import plausible

_FOLDER = re.compile(r"([a-z0-9]{1,40})-([a-z0-9][a-z0-9-]{0,50})")
"""How a project's folder is called."""


@dataclass(frozen=True)
class _Folder:
    """What is in one project's folder."""

    path: Path
    project: str
    slug: str
    sidecar: Sidecar | None
    pictures: Sequence[Picture]
    written: float
    """When `project.json` last changed, seconds since 1970; the folder, where there is none."""


def take_in_projects(store: Store, findings: Findings, *, fill_only: bool) -> None:
    """Bring everything that the projects' folders know into the database.

    Args:
        store: an up-to-date database, and the home that the folders are in.
        findings: where it is counted, and what cannot be used is named.
        fill_only: whether the database knows better wherever both know something; else whoever
            was changed last does, project by project.
    """
    taken: set[str] = set()
    for path in _folders(store, findings):
        try:
            folder = _looked_into(path, findings)
            if folder is None:
                continue
            if folder.project in taken:
                why = "another folder has this project already, so this one was left alone"
                findings.is_unreadable(path, why)
                continue
            taken.add(folder.project)
            _take_in(store, folder, findings, fill_only=fill_only)
        except (StoreError, OSError) as error:
            findings.is_unreadable(path, error)


def _folders(store: Store, findings: Findings) -> list[Path]:
    """The projects' folders, those with a name of ours first: others may be copies of them."""
    if not store.home.projects.is_dir():
        return []
    try:
        there = [path for path in store.home.projects.iterdir() if not path.is_symlink()]
    except OSError as error:
        findings.is_unreadable(store.home.projects, error)
        return []
    folders = [path for path in there if path.is_dir()]
    return sorted(folders, key=lambda path: (not _FOLDER.fullmatch(path.name), path.name))


def _looked_into(path: Path, findings: Findings) -> _Folder | None:
    """What a folder holds; None where that is no project, or nothing of one."""
    sidecar, file = None, path / FILE_NAME
    if file.is_file():
        try:
            sidecar = _read(file)
        except StoreError as error:
            findings.is_unreadable(file, error)
    pictures = pictures_in(path)
    named = _FOLDER.fullmatch(path.name)
    if sidecar is None and not (named and any(picture.facts for picture in pictures)):
        for picture in pictures:
            findings.is_unreadable(picture.path, picture.why or "nothing says which project it is")
        return None
    written = (path if sidecar is None else file).stat().st_mtime
    if sidecar is not None:
        written = plausible(sidecar.changed, written)
    project = sidecar.id if sidecar else named[1] if named else ""
    if named and named[1] == project:
        own_slug = named[2]
    else:
        own_slug = slug(sidecar.name if sidecar else path.name)
    return _Folder(path, project, own_slug, sidecar, pictures, written)


def _read(file: Path) -> Sidecar:
    """The sidecar in a file, every text in it made harmless.

    Raises:
        StoreError: it cannot be read.
    """
    sidecar = read_sidecar(file)
    try:
        sidecar = msgspec.convert(harmless(msgspec.to_builtins(sidecar)), Sidecar)
    except (msgspec.ValidationError, RecursionError) as error:
        raise StoreError(f"could not read {file}: {error}; put back a copy of it") from error
    if not is_id(sidecar.id):
        raise StoreError(f"{file} says that its project is called “{sidecar.id}”, which is no id")
    return sidecar


def _take_in(store: Store, folder: _Folder, findings: Findings, *, fill_only: bool) -> None:
    """One project, whole or not at all.

    Raises:
        StoreError: the database refuses something of it.
    """
    project, said = folder.project, folder.sidecar
    counts = findings.projects, findings.images
    try:
        with store.database.transaction() as connection:
            newer = not fill_only and folder.written >= last_changed(store.database, project)
            _put_project(connection, folder, findings, replace=newer and said is not None)
            take_in_images(store, project, said.images if said else (), folder.pictures, findings)
            if said is None:
                _guess_draft(store, connection, project)
                return
            take_in_marks(store, connection, said, folder.written, replace=newer)
            take_in_rounds(store, connection, said, folder.written, replace=newer)
            store.layer_history.add(said.draft, used=folder.written)
    except BaseException:
        findings.projects, findings.images = counts
        raise


def _put_project(
    connection: sqlite3.Connection, folder: _Folder, findings: Findings, *, replace: bool
) -> None:
    said = folder.sidecar
    there = connection.execute("SELECT 1 FROM projects WHERE id = ?", (folder.project,)).fetchone()
    findings.projects += there is None
    name = clean(said.name if said else folder.slug.replace("-", " "), limit=LONGEST_NAME)
    archived, trashed = (said.archived, said.trashed) if said else (None, None)
    row = {
        "id": folder.project,
        "slug": folder.slug,
        "name": name or "Untitled",
        "brief": to_json((said.brief if said else Brief()).cleaned()),
        "draft": to_json((said.draft if said else Layers()).cleaned()),
        "created": plausible(said.created if said else None, folder.written),
        "updated": folder.written,
        "archived": None if archived is None else plausible(archived, folder.written),
        "trashed": None if trashed is None else plausible(trashed, folder.written),
    }
    put(connection, "projects", row, replace=replace)


def _guess_draft(store: Store, connection: sqlite3.Connection, project: str) -> None:
    """Without `project.json` the newest picture says best what was being written."""
    if store.projects.get(project).draft.prompt:
        return
    recipes = [record.recipe for record in store.images.list(project)]
    newest = next((recipe for recipe in reversed(recipes) if recipe is not None), None)
    if newest is not None:
        draft = to_json(newest.intent.layers.cleaned())
        connection.execute("UPDATE projects SET draft = ? WHERE id = ?", (draft, project))
