"""Everything that is kept, opened at once."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tui.store.comparisons import Comparisons
from tui.store.database import Database
from tui.store.images import Images
from tui.store.jobs import Jobs
from tui.store.layer_history import LayerHistory
from tui.store.lessons import Lessons
from tui.store.library import Library
from tui.store.marks import MarkTable
from tui.store.migrations import migrate
from tui.store.paths import Home
from tui.store.positions import Positions
from tui.store.projects import Projects
from tui.store.rounds import Rounds
from tui.store.sidecar import write_sidecar
from tui.store.sign_offs import SignOffs
from tui.store.sweeps import Sweeps


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
        return write_sidecar(
            self.home,
            self.projects.get(project_id),
            self.images.list(project_id),
            self.marks.list(project_id),
            rounds=self.rounds.list(project_id),
            sign_offs=self.sign_offs.list(project_id),
            comparisons=self.comparisons.list(project_id),
        )

    def close(self) -> None:
        """Close the database; closing twice does no harm."""
        self.database.close()


def open_store(home: Home) -> Store:
    """Make the folders, open the database and bring its tables up to date.

    Raises:
        StoreError: a folder cannot be made, or the database not be used.
    """
    home.create()
    database = Database(home.database)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
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
    )
