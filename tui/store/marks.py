"""What a person said of each image."""

import time
from contextlib import suppress
from typing import cast

from tui.domain.candidate import Marks
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.store.database import Database
from tui.store.errors import StoreError


class MarkTable:
    """The table of marks; an image nobody marked has the empty ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, image_id: str) -> Marks:
        """The marks of one image.

        Raises:
            StoreError: they were written by a newer Keepers, or are damaged.
        """
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT marks FROM marks WHERE image_id = ?", (image_id,)
            ).fetchone()
        return Marks() if row is None else _read(image_id, row[0])

    def list(self, project_id: str) -> dict[str, Marks]:
        """The marks of a project's marked images, by image id.

        Raises:
            StoreError: as for `get`.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT image_id, marks FROM marks JOIN images ON images.id = image_id "
                "WHERE project_id = ? ORDER BY images.created, images.id",
                (project_id,),
            ).fetchall()
        return {str(row[0]): _read(str(row[0]), row[1]) for row in rows}

    def judged(self, limit: int) -> tuple[tuple[str, Marks, str], ...]:
        """Images of batches of which at least one is marked, over all projects, newest first.

        Returns:
            Recipe as JSON, marks, and the project's brief as JSON; images whose marks cannot be
            read are left out.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT images.recipe, marks.marks, projects.brief FROM images "
                "JOIN projects ON projects.id = images.project_id "
                "LEFT JOIN marks ON marks.image_id = images.id WHERE images.job_id IN "
                "(SELECT job_id FROM images JOIN marks ON marks.image_id = images.id) "
                "ORDER BY images.created DESC, images.id DESC LIMIT ?",
                (max(0, limit),),
            ).fetchall()
        found = []
        for recipe, stored, brief in rows:
            with suppress(UnreadableError, TypeError):
                marks = Marks() if stored is None else from_json(stored, Marks)
                found.append((str(recipe), marks, str(brief)))
        return tuple(found)

    def update(self, image_id: str, marks: Marks) -> None:
        """Keep these marks in place of earlier ones.

        Raises:
            StoreError: there is no such image.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO marks VALUES (?, ?, ?) ON CONFLICT (image_id) "
                "DO UPDATE SET marks = excluded.marks, updated = excluded.updated",
                (image_id, to_json(marks.cleaned()), time.time()),
            )


def _read(image_id: str, stored: object) -> Marks:
    try:
        return from_json(cast("str", stored), Marks)
    except (UnreadableError, TypeError) as error:
        raise StoreError(f"the marks of image {image_id} cannot be read: {error}") from error
