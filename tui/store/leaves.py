"""What the tree of a project's images needs to know of each, in one question to the database."""

import msgspec

from tui.domain.candidate import Closeness
from tui.domain.lineage import Origin
from tui.store.database import Database
from tui.store.rows import value_of


class Leaf(msgspec.Struct, frozen=True):
    """One image, without its recipe: thousands of them are read at once."""

    id: str
    job_id: str | None
    parent_id: str | None
    origin: Origin
    seed: int | None
    closeness: Closeness
    kept: bool
    """Whether it is in the library."""
    created: float
    """Seconds since 1970."""


def leaves(database: Database, project_id: str) -> tuple[Leaf, ...]:
    """The images of a project, oldest first.

    Raises:
        StoreError: the database cannot be read, or holds what it never should.
    """
    with database.read() as connection:
        rows = connection.execute(
            "SELECT images.id, job_id, parent_id, origin, seed, images.created, "
            "coalesce(CASE WHEN json_valid(marks) THEN json_extract(marks, '$.closeness') END, "
            "'unseen') AS closeness, EXISTS (SELECT 1 FROM library WHERE library.image_id = "
            "images.id AND archived IS NULL) AS kept FROM images "
            "LEFT JOIN marks ON marks.image_id = images.id "
            "WHERE images.project_id = ? ORDER BY images.created, slot, images.id",
            (project_id,),
        ).fetchall()
    return tuple(value_of({**dict(row), "kept": bool(row["kept"])}, Leaf) for row in rows)
