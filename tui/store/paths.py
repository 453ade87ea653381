"""Where everything lies. `KEEPERS_HOME` moves all of it under one folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import platformdirs

from tui.store.errors import StoreError
from tui.store.files import make_private_folder
from tui.store.mounts import is_network_file_system

__all__ = ["Home", "find_home", "is_network_file_system", "private_umask", "shared_mode"]

APP = "keepers"
HOME_VARIABLE = "KEEPERS_HOME"


@dataclass(frozen=True)
class Home:
    """The four folders that one user's Keepers writes to, and the places inside them."""

    data: Path
    """Database, projects, inputs, library: what must not be lost."""
    config: Path
    """Settings."""
    cache: Path
    """What can be made again."""
    log: Path

    @property
    def database(self) -> Path:
        """Projects, drafts, jobs, images, marks, rounds, the library's words."""
        return self.data / "keepers.db"

    @property
    def projects(self) -> Path:
        """A folder for each project, with its images and `project.json`."""
        return self.data / "projects"

    @property
    def inputs(self) -> Path:
        """Init images and masks, named by the hash of their pixels."""
        return self.data / "inputs"

    @property
    def library(self) -> Path:
        """A picture for each library entry, which outlives its project."""
        return self.data / "library"

    @property
    def models(self) -> Path:
        """Folders that were made of models in one file; made when the first is."""
        return self.data / "models"

    @property
    def loras(self) -> Path:
        """Where LoRAs are found by name; a person makes it."""
        return self.data / "loras"

    @property
    def upscalers(self) -> Path:
        """Where super-resolution models are found; a person makes it."""
        return self.data / "upscalers"

    @property
    def backups(self) -> Path:
        """Copies of the database; made when the first is."""
        return self.data / "backups"

    @property
    def set_aside(self) -> Path:
        """Databases that were replaced by a rebuilt one; made when the first is."""
        return self.data / "set-aside"

    @property
    def lock(self) -> Path:
        """Shared by all who have the database open."""
        return self.data / "keepers.lock"

    @property
    def settings_file(self) -> Path:
        """The settings, for a person to edit."""
        return self.config / "config.toml"

    @property
    def reruns(self) -> Path:
        """Images made again only to be compared."""
        return self.cache / "reruns"

    @property
    def latents(self) -> Path:
        """Unfinished latents, with which branches begin; made when the first are kept."""
        return self.cache / "latents"

    @property
    def compiled(self) -> Path:
        """What compilers make of networks; made when the first is compiled."""
        return self.cache / "compiled"

    @property
    def memory(self) -> Path:
        """How sparingly models had to be drawn with; made when memory first runs out."""
        return self.cache / "memory.json"

    @property
    def engine_file(self) -> Path:
        """Where a running engine can be reached."""
        return self.data / "engine.json"

    @property
    def engine_lock(self) -> Path:
        """Held by the one engine that serves this home."""
        return self.data / "engine.lock"

    @property
    def engine_log(self) -> Path:
        """What the engine and its workers wrote."""
        return self.log / "engine.log"

    def create(self) -> None:
        """Make every folder, private to the user (0700); existing ones are tightened.

        Raises:
            StoreError: one cannot be made or be made private.
        """
        folders = (self.data, self.config, self.cache, self.log)
        for folder in (*folders, self.projects, self.inputs, self.library, self.reruns):
            make_private_folder(folder)

    def inside(self, relative: str) -> Path:
        """A path stored relative to the data folder, as an absolute one.

        Raises:
            StoreError: it would lead out of the data folder.
        """
        path = PurePosixPath(relative)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in relative:
            raise StoreError(
                f"the stored path “{relative}” leads out of {self.data}: "
                "the database is damaged, close Keepers and run “keepers repair”"
            )
        return self.data / path


def find_home(environ: Mapping[str, str] = os.environ) -> Home:
    """The user's folders, or those under `KEEPERS_HOME` if `environ` sets it; nothing is made.

    Raises:
        StoreError: `KEEPERS_HOME` cannot be made into an absolute path.
    """
    if chosen := environ.get(HOME_VARIABLE):
        try:
            root = Path(chosen).expanduser().absolute()
        except (RuntimeError, OSError) as error:
            raise StoreError(
                f"{HOME_VARIABLE} is “{chosen}”, which leads nowhere: give an absolute folder"
            ) from error
        return Home(root / "data", root / "config", root / "cache", root / "log")
    try:
        return Home(
            platformdirs.user_data_path(APP, appauthor=False),
            platformdirs.user_config_path(APP, appauthor=False),
            platformdirs.user_cache_path(APP, appauthor=False),
            platformdirs.user_log_path(APP, appauthor=False),
        )
    except RuntimeError as error:
        raise StoreError(
            f"this account has no home folder: set HOME or {HOME_VARIABLE} to one"
        ) from error


_umasks: list[int] = []
"""The user's own umask, once `private_umask` has replaced it."""


def private_umask() -> None:
    """Have everything this process makes from now on closed to other users."""
    before = os.umask(0o077)
    if not _umasks:
        _umasks.append(before)


def shared_mode() -> int:
    """The mode of a file that the user means for others, such as an export: as umask says."""
    if _umasks:
        return 0o666 & ~_umasks[0]
    # Asking means setting; what other threads make in between is too private, not too open.
    before = os.umask(0o077)
    os.umask(before)
    return 0o666 & ~before
