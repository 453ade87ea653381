"""Images: a row for every file that somebody was told of, and never one without its file."""

from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from tui.domain.lineage import Origin
from tui.domain.recipe import Recipe
from tui.domain.versioned import UnreadableError, from_json
from tui.store.database import Database
from tui.store.errors import NotFoundError, StoreError
from tui.store.paths import Home
from tui.store.rows import value_of

_AT_ONCE = 500
"""Keys in one statement; SQLite takes about a thousand."""


class ImageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One image as it is stored."""

    id: str
    project_id: str
    job_id: str | None = None
    parent_id: str | None = None
    origin: Origin
    path: str
    """Of the file, relative to the data folder, with forward slashes."""
    sha256: str
    """Of the file."""
    pixels: str
    """Hash of the pixels alone (see `imaging.pixels`)."""
    intent_key: str = ""
    """Empty where no model made it, as the next; an enlarged image has both, and no recipe."""
    model_revision: str = ""
    recipe_json: str = msgspec.field(default="", name="recipe")
    recipe_hash: str = ""
    seed: int | None = None
    slot: int = 0
    width: int
    """Pixels."""
    height: int
    seconds: float = 0.0
    """How long it took to make."""
    created: float
    """Seconds since 1970."""

    @property
    def recipe(self) -> Recipe | None:
        """The recipe; None where there is none, or none that this version can read."""
        try:
            return from_json(self.recipe_json, Recipe)
        except UnreadableError:
            return None


class Images:
    """The table of images. Rows are only added: an edit is a new image."""

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def add(self, record: ImageRecord) -> None:
        """Make an image known. Its file must have been written durably before.

        Raises:
            StoreError: the file is not there, the id is taken, or there is no such project.
        """
        if not self.file(record).is_file():
            raise StoreError(
                f"the image file {record.path} is not there: check the disk, then make it again"
            )
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO images VALUES (:id, :project_id, :job_id, :parent_id, :origin, :path, "
                ":sha256, :pixels, :intent_key, :model_revision, :recipe, :recipe_hash, :seed, "
                ":slot, :width, :height, :seconds, :created)",
                msgspec.to_builtins(record),
            )

    def get(self, image_id: str) -> ImageRecord:
        """One image.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM images WHERE id = ?", (image_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no image “{image_id}”: open the project again")
        return value_of(row, ImageRecord)

    def find(
        self,
        intent_key: str,
        model_revision: str,
        *,
        project_id: str | None = None,
        fits: Callable[[ImageRecord], bool] = lambda _record: True,
    ) -> ImageRecord | None:
        """The newest image of that intent and model that fits and whose file is still there.

        With a project only its own: another's goes away with that project.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM images WHERE intent_key = ?1 AND model_revision = ?2 "
                "AND (?3 IS NULL OR project_id = ?3) ORDER BY created DESC, id DESC",
                (intent_key, model_revision, project_id),
            ).fetchall()
        records = (value_of(row, ImageRecord) for row in rows)
        return next(
            (record for record in records if fits(record) and self.file(record).is_file()), None
        )

    def with_keys(self, project_id: str, keys: Collection[str]) -> dict[str, ImageRecord]:
        """A project's newest image of each of these intents, by key; those whose file is there."""
        wanted, found = list(dict.fromkeys(keys)), dict[str, ImageRecord]()
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            with self._database.read() as connection:
                rows = connection.execute(
                    f"SELECT * FROM images WHERE intent_key IN ({marks}) "  # noqa: S608 - only ?
                    "AND project_id = ? ORDER BY created, id",
                    (*some, project_id),
                ).fetchall()
            records = (value_of(row, ImageRecord) for row in rows)
            found |= {
                record.intent_key: record for record in records if self.file(record).is_file()
            }
        return found

    def for_job(self, job_id: str) -> tuple[ImageRecord, ...]:
        """What a job has made so far, in the order of the batch."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM images WHERE job_id = ? ORDER BY created, slot, id", (job_id,)
            ).fetchall()
        return tuple(value_of(row, ImageRecord) for row in rows)

    def timed(self, limit: int) -> tuple[ImageRecord, ...]:
        """The newest generated images whose time was taken, over all projects, newest first."""
        with self._database.read() as connection:
            # Ids sort by time, and are an index.
            rows = connection.execute(
                "SELECT * FROM images WHERE seconds > 0 AND recipe != '' ORDER BY id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return tuple(value_of(row, ImageRecord) for row in rows)

    def children(self, image_id: str) -> tuple[ImageRecord, ...]:
        """The images that were made from this one, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM images WHERE parent_id = ? ORDER BY created, slot, id", (image_id,)
            ).fetchall()
        return tuple(value_of(row, ImageRecord) for row in rows)

    def line(self, image_id: str) -> tuple[ImageRecord, ...]:
        """The image, its parent, and so on up to the first that is known.

        Raises:
            NotFoundError: there is no image with this id; a parent that is gone ends the line.
        """
        found = {image_id: self.get(image_id)}
        parent = found[image_id].parent_id
        while parent is not None and parent not in found:
            try:
                found[parent] = self.get(parent)
            except NotFoundError:
                break
            parent = found[parent].parent_id
        return tuple(found.values())

    def whole_recipe(self, image_id: str) -> Recipe | None:
        """The recipe that drew the picture as a whole: the image's own, or the nearest ancestor's.

        Where all of the line were drawn inside masks, the nearest of those; None without any.

        Raises:
            NotFoundError: there is no image with this id.
        """
        recipes = [recipe for made in self.line(image_id) if (recipe := made.recipe) is not None]
        whole = (recipe for recipe in recipes if recipe.intent.mask is None)
        return next(whole, None) or next(iter(recipes), None)

    def list(self, project_id: str) -> tuple[ImageRecord, ...]:
        """All images of a project, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM images WHERE project_id = ? ORDER BY created, slot, id",
                (project_id,),
            ).fetchall()
        return tuple(value_of(row, ImageRecord) for row in rows)

    def origins(self, project_id: str) -> frozenset[Origin]:
        """How the images of a project came about; cheap however many there are."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT origin FROM images WHERE project_id = ?", (project_id,)
            ).fetchall()
        return frozenset(Origin(row["origin"]) for row in rows)

    def file(self, record: ImageRecord) -> Path:
        """Where the image's file should be.

        Raises:
            StoreError: the stored path leads out of the data folder.
        """
        return self._home.inside(record.path)
