"""What a list of projects shows of each, in one question to the database."""

import msgspec

from tui.store.database import Database
from tui.store.rows import value_of


class Summary(msgspec.Struct, frozen=True):
    """How far one project is."""

    project_id: str
    step: int
    """Where the person left it, from 1 to 7."""
    images: int
    used: float
    """When something was last typed, chosen or made in it; seconds since 1970."""


_CHANGED = """SELECT max(coalesce(at, 0)) FROM (
    SELECT updated AS at FROM projects WHERE id = :project
    UNION ALL SELECT trashed FROM projects WHERE id = :project
    UNION ALL SELECT updated FROM positions WHERE project_id = :project
    UNION ALL SELECT max(created) FROM images WHERE project_id = :project
    UNION ALL SELECT max(created) FROM rounds WHERE project_id = :project
    UNION ALL SELECT max(updated) FROM sweeps WHERE project_id = :project
    UNION ALL SELECT max(marks.updated) FROM marks JOIN images ON id = image_id
        WHERE project_id = :project
    UNION ALL SELECT max(sign_offs.updated) FROM sign_offs JOIN images ON id = image_id
        WHERE project_id = :project
)"""


def last_changed(database: Database, project_id: str) -> float:
    """When something of a project was last changed; 0 for one that is not there.

    A verdict has no time of its own: the step at which it was given counts.
    """
    with database.read() as connection:
        row = connection.execute(_CHANGED, {"project": project_id}).fetchone()
    return float(row[0])


def moments(database: Database, project_id: str, until: float) -> tuple[tuple[str, float], ...]:
    """What was made, changed or marked in a project until then, and when, in order.

    Each is `project`, `image`, `round` or `mark`, in seconds since 1970. It begins when the
    project did.
    """
    with database.read() as connection:
        rows = connection.execute(
            "SELECT what, at FROM ("
            "SELECT 'project' AS what, created AS at FROM projects WHERE id = :project "
            "UNION ALL SELECT 'image', created FROM images WHERE project_id = :project "
            "UNION ALL SELECT 'round', created FROM rounds WHERE project_id = :project "
            "UNION ALL SELECT 'mark', marks.updated FROM marks JOIN images ON id = image_id "
            "WHERE project_id = :project) WHERE at <= :until ORDER BY at",
            {"project": project_id, "until": until},
        ).fetchall()
    return tuple((str(row[0]), float(row[1])) for row in rows)


def summaries(database: Database) -> dict[str, Summary]:
    """A summary of every project, by its id."""
    with database.read() as connection:
        rows = connection.execute(
            "SELECT projects.id AS project_id, coalesce(positions.step, 1) AS step, "
            "count(images.id) AS images, max(projects.updated, coalesce(positions.updated, 0), "
            "coalesce(max(images.created), 0)) AS used FROM projects "
            "LEFT JOIN positions ON positions.project_id = projects.id "
            "LEFT JOIN images ON images.project_id = projects.id GROUP BY projects.id"
        ).fetchall()
    return {row["project_id"]: value_of(row, Summary) for row in rows}
