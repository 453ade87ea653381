"""Everything that is kept, opened at once."""

from dataclasses import dataclass
from types import TracebackType

from tui.store.database import Database
from tui.store.images import Images
from tui.store.jobs import Jobs
from tui.store.marks import MarkTable
from tui.store.migrations import migrate
from tui.store.paths import Home
from tui.store.projects import Projects


@dataclass(frozen=True)
class Store:
    """A home's open database and its tables; a context manager that closes it."""

    home: Home
    database: Database
    projects: Projects
    jobs: Jobs
    images: Images
    marks: MarkTable

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

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
    )
