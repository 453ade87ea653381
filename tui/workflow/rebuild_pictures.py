"""Images found again: what the pictures in a project's folder, and its `project.json`, say."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tui.domain.lineage import Origin
from tui.domain.versioned import to_json
from tui.imaging.errors import ImagingError
from tui.imaging.file_facts import FileFacts, own_facts, plain_facts
from tui.store.errors import StoreError
from tui.store.ids import time_of
from tui.store.images import ImageRecord
from tui.store.rows import put
from tui.store.sidecar import SidecarImage
from tui.store.store import Store
from tui.workflow.rebuild_report import Findings
from tui.workflow.rebuild_values import plausible, usable_id

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
_HASH = re.compile(r"[0-9a-f]{64}")
_JOB_ID_DIGITS = 18
"""Of a job's id, with which the ids of its images begin."""


@dataclass(frozen=True)
class Picture:
    """One PNG in a project's folder."""

    path: Path
    facts: FileFacts | None
    """None where its file does not say that it is ours."""
    why: str = ""
    """Why there are no facts."""


def pictures_in(folder: Path) -> list[Picture]:
    """The PNG files of a folder, in the order of their names; links and pipes are none of ours."""
    found = []
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") or path.is_symlink()
        if hidden or path.suffix != ".png" or not path.is_file():
            continue
        try:
            found.append(Picture(path, own_facts(path)))
        except ImagingError as error:
            found.append(Picture(path, None, str(error)))
    return found


def take_in_images(
    store: Store,
    project_id: str,
    said: Sequence[SidecarImage],
    pictures: Sequence[Picture],
    findings: Findings,
) -> None:
    """Make a project's images known that the database does not know; call in a transaction.

    Raises:
        StoreError: the database refuses.
    """
    taking = _Taking(store, project_id, pictures, findings)
    for image in said:
        try:
            taking.take_said(image)
        except (StoreError, ImagingError) as error:
            findings.is_unreadable(store.home.data / image.path.replace("\0", " "), error)
    for picture in pictures:
        taking.take_unsaid(picture)


class _Taking:
    """The images of one project on their way into the database."""

    def __init__(
        self, store: Store, project_id: str, pictures: Iterable[Picture], findings: Findings
    ) -> None:
        self._store, self._project, self._findings = store, project_id, findings
        self._pictures = {picture.path: picture for picture in pictures}
        self._known = {record.id: record for record in store.images.list(project_id)}
        self._used: set[Path] = set()

    def take_said(self, said: SidecarImage) -> None:
        """Take an image that `project.json` names, if its file can be found."""
        if not usable_id(said.id):
            raise StoreError("its id is none: the project's file was changed")
        path = self._file(said)
        if path is None:
            if said.id not in self._known:
                self._findings.is_missing(self._place(said))
            return
        self._used.add(path)
        if said.id in self._known:
            self._move(self._known[said.id], path)
            return
        picture = self._pictures.get(path)
        facts = picture.facts if picture and picture.facts else plain_facts(path)
        self._add(self._record(path, facts, said))

    def take_unsaid(self, picture: Picture) -> None:
        """Take a picture that `project.json` does not name, if it says itself what it is."""
        facts = picture.facts
        if picture.path in self._used:
            return
        if facts is None or facts.image is None:
            self._findings.is_unreadable(picture.path, picture.why)
        elif facts.image in self._known:
            self._move(self._known[facts.image], picture.path)
        else:
            if not facts.intact:
                self._findings.is_changed(picture.path)
            self._add(self._record(picture.path, facts, None))

    def _place(self, said: SidecarImage) -> Path:
        """Where its file should be.

        Raises:
            StoreError: that is no place for a project's picture.
        """
        path, home = self._store.home.inside(said.path), self._store.home
        inside = path.resolve().is_relative_to(home.projects.resolve())
        if path.suffix.lower() not in _SUFFIXES or path.is_symlink() or not inside:
            raise StoreError("that is no place for a picture: the project's file was changed")
        return path

    def _file(self, said: SidecarImage) -> Path | None:
        """Where its file is, also under another name."""
        path = self._place(said)
        if path.is_file():
            return path
        same = (
            picture.path
            for picture in self._pictures.values()
            if self._findings.digest(picture.path) == said.sha256
        )
        return next(same, None)

    def _record(self, path: Path, facts: FileFacts, said: SidecarImage | None) -> ImageRecord:
        digest = self._findings.digest(path)
        image_id = said.id if said else str(facts.image)
        origin, parent, job = facts.origin, facts.parent, _job_of(image_id, facts)
        # A file that is another than was meant tells nothing of this image.
        ours = said is None or facts.image == said.id or digest == said.sha256
        recipe = facts.recipe if ours else None
        meant, written = digest, path.stat().st_mtime
        created, seconds, pixels = time_of(image_id) or written, 0.0, facts.pixels
        width, height = facts.width, facts.height
        if said is not None:
            origin, parent, job = said.origin, usable_id(said.parent), usable_id(said.job)
            meant = said.sha256 if _HASH.fullmatch(said.sha256) else digest
            created, seconds = plausible(said.created, created), max(0.0, said.seconds)
            if _HASH.fullmatch(said.pixels) and min(said.width, said.height) > 0:
                pixels, width, height = said.pixels, said.width, said.height
        record = ImageRecord(
            id=image_id,
            project_id=self._project,
            job_id=job,
            parent_id=parent,
            origin=origin,
            path=path.relative_to(self._store.home.data).as_posix(),
            sha256=meant,
            pixels=pixels,
            width=width,
            height=height,
            seconds=seconds,
            created=created,
        )
        if recipe is None:
            return record
        return msgspec.structs.replace(
            record,
            intent_key=recipe.intent.key,
            model_revision=recipe.model_revision,
            recipe_json=to_json(recipe),
            recipe_hash=recipe.hash,
            seed=recipe.intent.seed,
            slot=recipe.slot,
        )

    def _add(self, record: ImageRecord) -> None:
        with self._store.database.transaction() as connection:
            if not put(connection, "images", msgspec.to_builtins(record), replace=False):
                path = self._store.images.file(record)
                self._findings.is_unreadable(path, "another project has an image of this id")
                return
        self._known[record.id] = record
        self._findings.images += 1

    def _move(self, record: ImageRecord, path: Path) -> None:
        """Note that a known image's file lies elsewhere, if it does."""
        if self._store.images.file(record).exists() or (
            self._findings.digest(path) != record.sha256
        ):
            return
        place = path.relative_to(self._store.home.data).as_posix()
        with self._store.database.transaction() as connection:
            connection.execute("UPDATE images SET path = ? WHERE id = ?", (place, record.id))
        self._known[record.id] = msgspec.structs.replace(record, path=place)
        self._findings.images += 1


def _job_of(image_id: str, facts: FileFacts) -> str | None:
    """The job that drew an image, by the way in which the engine names images."""
    drawn = facts.origin not in (Origin.EDITED, Origin.IMPORTED)
    dated = time_of(image_id) is not None and len(image_id) > _JOB_ID_DIGITS
    return image_id[:_JOB_ID_DIGITS] if drawn and dated else None
