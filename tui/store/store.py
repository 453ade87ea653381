"""Everything that is kept, opened at once."""

import logging
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from tui.store.backups import backups, make_before
from tui.store.comparisons import Comparisons
from tui.store.database import Database
from tui.store.errors import StoreError
from tui.store.images import Images
from tui.store.in_use import share
from tui.store.jobs import Jobs
from tui.store.layer_history import LayerHistory
from tui.store.lessons import Lessons
from tui.store.library import Library
from tui.store.marks import MarkTable
from tui.store.migrations import migrate, next_step
from tui.store.paths import Home
from tui.store.positions import Positions
from tui.store.projects import Projects
from tui.store.queue import QueueTable
from tui.store.rounds import Rounds
from tui.store.sidecar import FILE_NAME, write_sidecar
from tui.store.sign_offs import SignOffs
from tui.store.stays import Stays
from tui.store.summaries import last_changed
from tui.store.sweeps import Sweeps

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """A home's open database and its tables; a context manager that closes it."""

    home: Home
    database: Database
    projects: Projects
    jobs: Jobs
    images: Images
    marks: MarkTable
    positions: Positions
    rounds: Rounds
    sign_offs: SignOffs
    layer_history: LayerHistory
    library: Library
    lessons: Lessons
    sweeps: Sweeps
    comparisons: Comparisons
    queue: QueueTable
    stays: Stays
    in_use: IO[bytes] | None = None
    """What tells others that the home is open; None where nobody else can know of the database."""

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write_sidecar(self, project_id: str) -> Path:
        """Write the project's `project.json` from all that is stored of it; returns where.

        Raises:
            NotFoundError: there is no such project.
            StoreError: something of it cannot be read, or the disk refuses.
        """
        rounds = self.rounds.list(project_id)
        of_rounds = {round_.job_id for round_ in rounds}
        return write_sidecar(
            self.home,
            self.projects.get(project_id),
            self.images.list(project_id),
            self.marks.list(project_id),
            rounds=rounds,
            sign_offs=self.sign_offs.list(project_id),
            comparisons=self.comparisons.list(project_id),
            jobs=[job for job in self.jobs.list(project_id=project_id) if job.id in of_rounds],
            sweeps=self.sweeps.list(project_id),
            position=self.positions.get(project_id),
            changed=last_changed(self.database, project_id),
        )

    def close(self) -> None:
        """Close the database; closing twice does no harm."""
        self.database.close()
        if self.in_use is not None:
            self.in_use.close()


def open_store(home: Home) -> Store:
    """Make the folders, open the database and bring its tables up to date.

    A database that is gone while what it knew is there is not replaced by an empty one. Before a
    change of the tables there is a backup, unless the disk has no room for one.

    Raises:
        StoreError: a folder cannot be made, or the database not be used.
    """
    home.create()
    in_use = share(home)
    try:
        _refuse_lost(home)
        database = Database(home.database)
        try:
            _back_up_before_change(home, database)
            migrate(database)
        except BaseException:
            database.close()
            raise
    except BaseException:
        in_use.close()
        raise
    return store_of(home, database, in_use)


def store_of(home: Home, database: Database, in_use: IO[bytes] | None = None) -> Store:
    """The tables of a database that is open and up to date, with the files of a home."""
    return Store(
        home,
        database,
        Projects(database, home),
        Jobs(database),
        Images(database, home),
        MarkTable(database),
        Positions(database),
        Rounds(database),
        SignOffs(database),
        LayerHistory(database),
        Library(database, home),
        Lessons(database),
        Sweeps(database),
        Comparisons(database),
        QueueTable(database),
        Stays(database),
        in_use,
    )


def _refuse_lost(home: Home) -> None:
    if home.database.exists():
        return
    if backups(home) or any(home.projects.glob(f"*/{FILE_NAME}")):
        raise StoreError(
            f"{home.database} is gone, but projects or backups are there: run “keepers repair”"
        )


def _back_up_before_change(home: Home, database: Database) -> None:
    step = next_step(database)
    if step is None:
        return
    try:
        make_before(home, step.name)
    except StoreError as error:
        # The change is made whole or not at all; that there is no copy must not stop it.
        _log.warning("no backup before “%s”: %s", step.name, error)
