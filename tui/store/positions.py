"""Where a person is in each project, so that the next visit goes on from there."""

import time

import msgspec
from msgspec import UNSET, UnsetType

from tui.store.database import Database
from tui.store.rows import value_of


class Position(msgspec.Struct, frozen=True):
    """Where a person is in one project."""

    step: int = 1
    """From 1, the brief, to 7, the library."""
    job_id: str | None = None
    """The batch that is looked at."""
    image_id: str | None = None
    """The image that was chosen, the closest one."""
    parent_id: str | None = None
    """The image that an iteration starts from."""
    options: str = ""
    """JSON; what it means is the interface's affair."""
    begun_from: str | None = None
    """The library entry that the project began with."""


class Positions:
    """The table of positions; a project nobody worked in is at its start."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, project_id: str) -> Position:
        """Where the person is in that project."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM positions WHERE project_id = ?", (project_id,)
            ).fetchone()
        return Position() if row is None else value_of(row, Position)

    def update(
        self,
        project_id: str,
        *,
        step: int | UnsetType = UNSET,
        job_id: str | UnsetType | None = UNSET,
        image_id: str | UnsetType | None = UNSET,
        parent_id: str | UnsetType | None = UNSET,
        options: str | UnsetType = UNSET,
        begun_from: str | UnsetType | None = UNSET,
    ) -> Position:
        """Change what is given, leave the rest; None is a value of its own.

        Raises:
            StoreError: there is no such project, or no such step.
        """
        given = {
            "step": step,
            "job_id": job_id,
            "image_id": image_id,
            "parent_id": parent_id,
            "options": options,
            "begun_from": begun_from,
        }
        changed = {name: value for name, value in given.items() if value is not UNSET}
        with self._database.transaction() as connection:
            position = msgspec.structs.replace(self.get(project_id), **changed)
            connection.execute(
                "INSERT OR REPLACE INTO positions (project_id, step, job_id, image_id, parent_id, "
                "options, begun_from, updated) VALUES (:project_id, :step, :job_id, :image_id, "
                ":parent_id, :options, :begun_from, :updated)",
                {
                    **msgspec.structs.asdict(position),
                    "project_id": project_id,
                    "updated": time.time(),
                },
            )
        return position
