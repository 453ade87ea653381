"""Projects: one brief and all that came of it."""

import sqlite3
import time
from pathlib import Path

import msgspec

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.store.database import Database
from tui.store.deleting import delete_folder, delete_rows, disk_use
from tui.store.errors import NotFoundError, StoreError
from tui.store.files import make_private_folder
from tui.store.ids import is_id, new_id, slug
from tui.store.paths import Home
from tui.store.rows import value_of

LONGEST_NAME = 200


class Project(msgspec.Struct, frozen=True):
    """One project as it is stored."""

    id: str
    slug: str
    """The first name, made safe; it names the folder and stays when the name changes."""
    name: str
    brief: Brief
    draft: Layers
    """The prompt as it was last typed."""
    created: float
    """Seconds since 1970, as all times here."""
    updated: float
    archived: float | None = None
    trashed: float | None = None
    """When it was put into the trash."""
    unreadable: str = ""
    """Why brief or draft could not be read, in a sentence; they are then empty, and kept."""


class _Row(msgspec.Struct, frozen=True):
    id: str
    slug: str
    name: str
    brief: str
    draft: str
    created: float
    updated: float
    archived: float | None
    trashed: float | None


class Projects:
    """The table of projects, and their folders."""

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def add(self, name: str, *, brief: Brief | None = None) -> Project:
        """A new project."""
        return self._insert(new_id(), name, brief or Brief())

    def ensure(self, project_id: str, name: str) -> Project:
        """The project with this id, made if there is none, out of the trash if it was there.

        Raises:
            StoreError: the id could not name a folder.
        """
        if not is_id(project_id):
            raise StoreError(f"“{project_id}” is no id: use 1 to 40 of a–z and 0–9")
        return self._insert(project_id, name, Brief())

    def get(self, project_id: str) -> Project:
        """One project.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM projects WHERE id = ?", (project_id,)
            ).fetchone()
        if row is None:
            raise NotFoundError(f"there is no project “{project_id}”: choose one from the list")
        return _project(row)

    def list(self, *, archived: bool = False, trashed: bool = False) -> tuple[Project, ...]:
        """The projects, last used first.

        Args:
            archived: the archived ones too.
            trashed: what is in the trash, and only that, archived or not.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM projects WHERE (trashed IS NOT NULL) = :trashed "
                "AND (:archived OR :trashed OR archived IS NULL) ORDER BY updated DESC, id DESC",
                {"archived": archived, "trashed": trashed},
            ).fetchall()
        return tuple(_project(row) for row in rows)

    def update(
        self,
        project_id: str,
        *,
        name: str | None = None,
        brief: Brief | None = None,
        draft: Layers | None = None,
        archived: bool | None = None,
    ) -> Project:
        """Change what is given, leave the rest.

        Raises:
            NotFoundError: there is no such project.
            StoreError: a brief or draft would replace one that this version cannot read.
        """
        now = time.time()
        with self._database.transaction() as connection:
            before = self.get(project_id)
            if before.unreadable and (brief or draft):
                raise StoreError(before.unreadable)
            connection.execute(
                "UPDATE projects SET name = coalesce(?, name), brief = coalesce(?, brief), "
                "draft = coalesce(?, draft), archived = ?, updated = ? WHERE id = ?",
                (
                    None if name is None else _name(name),
                    None if brief is None else to_json(brief.cleaned()),
                    None if draft is None else to_json(draft.cleaned()),
                    before.archived if archived is None else now if archived else None,
                    now,
                    project_id,
                ),
            )
            return self.get(project_id)

    def trash(self, project_id: str) -> Project:
        """Put a project into the trash: it is no longer listed, and nothing of it is lost.

        Raises:
            NotFoundError: there is no such project.
        """
        return self._set_trashed(project_id, time.time())

    def restore(self, project_id: str) -> Project:
        """Take a project out of the trash. Raises like `trash`."""
        return self._set_trashed(project_id, None)

    def delete_for_good(self, project_id: str) -> None:
        """Delete a project from the trash: every row of it, then its folder.

        Library entries that were saved from it stay, with the picture that each has of its own.

        Raises:
            NotFoundError: there is no such project.
            StoreError: it is not in the trash, has work in the queue, or its folder cannot be
                deleted; in the last case only the folder is left.
        """
        with self._database.transaction() as connection:
            project = self.get(project_id)
            if project.trashed is None:
                raise StoreError(f"“{project.name}” is not in the trash: put it there first")
            folder = folder_path(self._home, project)
            delete_rows(connection, project_id)
        # Rows first: a crash in between leaves files that nobody lists, not images without files.
        delete_folder(folder)

    def disk_use(self, project: Project) -> int:
        """Bytes of all files in the project's folder."""
        return disk_use(folder_path(self._home, project))

    def folder(self, project: Project) -> Path:
        """The project's folder, made if it is missing; see `project_folder`."""
        return project_folder(self._home, project)

    def _set_trashed(self, project_id: str, when: float | None) -> Project:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE projects SET trashed = ? WHERE id = ?",
                (when, project_id),
            )
            return self.get(project_id)

    def _insert(self, project_id: str, name: str, brief: Brief) -> Project:
        now = time.time()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO projects (id, slug, name, brief, draft, created, updated) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET trashed = NULL",
                (
                    project_id,
                    slug(name),
                    _name(name),
                    to_json(brief.cleaned()),
                    to_json(Layers()),
                    now,
                    now,
                ),
            )
            return self.get(project_id)


def project_folder(home: Home, project: Project) -> Path:
    """`projects/<id>-<slug>`, made (0700) if it is missing.

    Raises:
        StoreError: it cannot be made.
    """
    folder = folder_path(home, project)
    make_private_folder(folder)
    return folder


def folder_path(home: Home, project: Project) -> Path:
    """Where `project_folder` is or would be; nothing is made.

    Raises:
        StoreError: the id could not name a folder.
    """
    if not is_id(project.id):
        raise StoreError(
            f"“{project.id}” is no id: the database is damaged, "
            "close Keepers and run “keepers repair”"
        )
    return home.projects / f"{project.id}-{slug(project.slug)}"


def _name(name: str) -> str:
    return clean(name, limit=LONGEST_NAME) or "Untitled"


def _project(row: sqlite3.Row) -> Project:
    stored = value_of(row, _Row)
    brief, draft, unreadable = Brief(), Layers(), ""
    try:
        brief = from_json(stored.brief, Brief)
        draft = from_json(stored.draft, Layers)
    except UnreadableError as error:
        # The list of projects must not fail for one of them.
        unreadable = clean(f"the project “{stored.name}” cannot be read: {error}")
    return Project(
        stored.id,
        stored.slug,
        stored.name,
        brief,
        draft,
        stored.created,
        stored.updated,
        stored.archived,
        stored.trashed,
        unreadable,
    )
