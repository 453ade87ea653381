"""Deleting a project for good: its rows, then its folder. Library entries are not part of it."""

import os
import shutil
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path

from tui.store.errors import StoreError, explain

_ROWS = (
    "DELETE FROM sign_offs WHERE image_id IN (SELECT id FROM images WHERE project_id = :project)",
    # An image of this project may have been found for a batch of another.
    """DELETE FROM comparisons WHERE project_id = :project
        OR left_id IN (SELECT id FROM images WHERE project_id = :project)
        OR right_id IN (SELECT id FROM images WHERE project_id = :project)""",
    "DELETE FROM marks WHERE image_id IN (SELECT id FROM images WHERE project_id = :project)",
    """DELETE FROM lesson_words
        WHERE rowid IN (SELECT number FROM lesson_list WHERE project_id = :project)""",
    "DELETE FROM lessons WHERE round_id IN (SELECT id FROM rounds WHERE project_id = :project)",
    "DELETE FROM rounds WHERE project_id = :project",
    "DELETE FROM sweeps WHERE project_id = :project",
    "DELETE FROM stays WHERE project_id = :project",
    "DELETE FROM positions WHERE project_id = :project",
    "DELETE FROM images WHERE project_id = :project",
    "DELETE FROM jobs WHERE project_id = :project",
    "UPDATE library SET project_id = NULL WHERE project_id = :project",
    "DELETE FROM projects WHERE id = :project",
)
"""In the order that the references between the tables ask for."""


def delete_rows(connection: sqlite3.Connection, project_id: str) -> None:
    """Delete every row of a project, inside the caller's transaction.

    Raises:
        StoreError: it has jobs that wait or run; their images would have nowhere to go.
    """
    open_jobs = connection.execute(
        "SELECT count(*) FROM jobs WHERE project_id = ? AND state IN ('queued', 'running')",
        (project_id,),
    ).fetchone()[0]
    if open_jobs:
        raise StoreError(f"this project has {open_jobs} open in the queue: cancel that first")
    for statement in _ROWS:
        connection.execute(statement, {"project": project_id})


def delete_folder(folder: Path) -> None:
    """Delete a folder with all that is in it; one that is not there is no error.

    Raises:
        StoreError: something in it cannot be deleted, or it is a link.
    """
    if not os.path.lexists(folder):
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        why = explain(error, f"delete its folder {folder}")
        raise StoreError(f"the project is deleted, but {why}; then delete the folder") from error


def disk_use(folder: Path) -> int:
    """Bytes of all files under a folder; what cannot be looked at counts as nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                status = Path(parent, name).lstat()
                total += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return total
