"""A connection that only reads: the file, and what lies beside it, stay as they are."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.store.sql_errors import in_words


@contextmanager
def looked_at(path: Path, *, alone: bool) -> Iterator[sqlite3.Connection]:
    """The database at `path`, open for reading.

    Args:
        path: the file.
        alone: whether nobody else writes to it meanwhile; then no file appears beside it.

    Raises:
        StoreError: SQLite cannot read it.
    """
    how = "mode=ro"
    if alone and not Path(f"{path}-wal").exists():
        how = "immutable=1"
    if alone and Path(f"{path}-journal").exists():
        # A write was cut short: only who may write can read what was there before it.
        how = "mode=rw"
    with in_words(path):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)
        try:
            connection.execute("PRAGMA busy_timeout = 10000")
            connection.execute("PRAGMA trusted_schema = OFF")
            yield connection
        finally:
            connection.close()
