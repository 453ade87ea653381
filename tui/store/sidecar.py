"""`project.json` in a project's folder: with it and the PNGs the database can be rebuilt."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

import msgspec

from tui.domain.brief import Brief
from tui.domain.candidate import Marks
from tui.domain.check import SignOff
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.domain.tournament import Comparison
from tui.store.errors import StoreError
from tui.store.files import write_durably
from tui.store.images import ImageRecord
from tui.store.jobs import Job
from tui.store.own_file import read_own
from tui.store.paths import Home
from tui.store.positions import Position
from tui.store.projects import Project, project_folder
from tui.store.rounds import Round
from tui.store.sweeps import SweepRecord

FILE_NAME = "project.json"
_LARGEST_FILE = 64 << 20


class SidecarImage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an image's own file does not say of it."""

    id: str
    parent: str | None
    origin: Origin
    path: str
    """Relative to the data folder."""
    sha256: str
    job: str | None
    created: float = 0.0
    """Seconds since 1970; 0 where nobody said, as in all of version 2."""
    seconds: float = 0.0
    """How long it took to make."""
    pixels: str = ""
    """Hash of the pixels, which a picture that came from elsewhere does not say itself."""
    width: int = 0
    """Pixels."""
    height: int = 0


class Sidecar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One project, without the pixels and recipes that are in its PNGs.

    Raise the version whenever a part of it, such as brief, layers or marks, changes its own.
    Version 1 had neither rounds nor sign-offs; version 2 had no comparisons, jobs, sweeps, position
    and times.
    """

    VERSION: ClassVar[int] = 3

    id: str
    name: str
    brief: Brief
    draft: Layers
    marks: dict[str, Marks]
    """By image id."""
    images: tuple[SidecarImage, ...]
    created: float
    """Seconds since 1970."""
    rounds: tuple[Round, ...] = ()
    sign_offs: dict[str, SignOff] = {}
    """By image id."""
    comparisons: tuple[Comparison, ...] = ()
    """Which of two images is closer, oldest first."""
    jobs: tuple[Job, ...] = ()
    """Those that rounds belong to."""
    sweeps: tuple[SweepRecord, ...] = ()
    position: Position | None = None
    archived: float | None = None
    trashed: float | None = None
    changed: float = 0.0
    """When something in it was last changed; 0 where nobody said."""
    version: int = VERSION


def write_sidecar(
    home: Home,
    project: Project,
    images: Iterable[ImageRecord],
    marks: Mapping[str, Marks],
    *,
    rounds: Iterable[Round] = (),
    sign_offs: Mapping[str, SignOff] | None = None,
    comparisons: Iterable[Comparison] = (),
    jobs: Iterable[Job] = (),
    sweeps: Iterable[SweepRecord] = (),
    position: Position | None = None,
    changed: float = 0.0,
) -> Path:
    """Write the project's `project.json` durably, unless it says all that already; returns where.

    What is not given is not in the file: `Store.write_sidecar` gives all that is stored.

    Raises:
        StoreError: the disk refuses, or the project could not be read itself.
    """
    if project.unreadable:
        raise StoreError(project.unreadable)
    sidecar = Sidecar(
        id=project.id,
        name=project.name,
        brief=project.brief,
        draft=project.draft,
        marks=dict(marks),
        images=tuple(
            SidecarImage(
                image.id,
                image.parent_id,
                image.origin,
                image.path,
                image.sha256,
                image.job_id,
                image.created,
                image.seconds,
                image.pixels,
                image.width,
                image.height,
            )
            for image in images
        ),
        created=project.created,
        rounds=tuple(rounds),
        sign_offs=dict(sign_offs or {}),
        comparisons=tuple(comparisons),
        jobs=tuple(jobs),
        sweeps=tuple(sweeps),
        position=position,
        archived=project.archived,
        trashed=project.trashed,
        changed=changed,
    )
    path = project_folder(home, project) / FILE_NAME
    content = msgspec.json.format(msgspec.json.encode(sidecar), indent=1) + b"\n"
    if not _says(path, content):
        write_durably(path, content)
    return path


def read_sidecar(path: Path) -> Sidecar:
    """What a `project.json` says.

    Raises:
        StoreError: it cannot be read, or was written by a newer Keepers.
    """
    return read_own(path, Sidecar, "a project", _LARGEST_FILE)


def _says(path: Path, content: bytes) -> bool:
    """Whether the file has just this content; one that cannot be read has not."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False
