"""The SQLite database: opened safely, written in whole transactions, errors in words."""

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from tui.store.errors import StoreError, explain
from tui.store.mounts import is_network_file_system
from tui.store.sql_errors import in_words, primary_code

BUSY_SECONDS = 10.0
"""How long a write waits for another process before it gives up."""

_opening = threading.Lock()


class Database:
    """One connection behind a lock: any thread, and any number of processes, may use the file.

    Never await or wait for another thread inside `transaction()` or `read()`: the lock is held.
    """

    def __init__(
        self, path: Path, *, network: bool | None = None, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """Open the file, and make it (mode 0600) where there is none; the folder must exist.

        Args:
            path: the database file.
            network: whether other machines may share the disk; by default /proc/mounts says.
            busy_seconds: how long to wait for other processes.

        Raises:
            StoreError: it cannot be opened, or is not a database.
        """
        self.path = path
        self._lock = threading.RLock()
        shared = is_network_file_system(path) if network is None else network
        # Write-ahead logging needs memory that all users share; other machines do not.
        journal = "DELETE" if shared else "WAL"
        with _opening, in_words(path):
            _make_private(path)
            self._connection = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            try:
                self._configure(journal, busy_seconds)
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block's writes, durable when it ends, or none of them after an error.

        A transaction inside another is undone by itself and made durable with the outer one.

        Raises:
            StoreError: SQLite refused; nothing of the block was kept.
        """
        with self._lock, in_words(self.path):
            connection = self._connection
            inner = connection.in_transaction
            # IMMEDIATE: a transaction that starts as a reader can fail in its middle.
            connection.execute("SAVEPOINT inside" if inner else "BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("RELEASE inside" if inner else "COMMIT")
            except BaseException:
                # After some errors SQLite has rolled everything back already.
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK TO inside" if inner else "ROLLBACK")
                        if inner:
                            connection.execute("RELEASE inside")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one statement that only reads; `transaction()` joins several.

        Raises:
            StoreError: SQLite refused.
        """
        with self._lock, in_words(self.path):
            yield self._connection

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        with self._lock, in_words(self.path):
            self._connection.close()

    def _configure(self, journal: str, busy_seconds: float) -> None:
        execute = self._connection.execute
        execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        # A foreign file's triggers and views may call nothing that has side effects.
        execute("PRAGMA trusted_schema = OFF")
        execute("PRAGMA foreign_keys = ON")
        execute("PRAGMA synchronous = FULL")
        deadline = time.monotonic() + busy_seconds
        while True:
            try:
                execute(f"PRAGMA journal_mode = {journal}").fetchone()
            except sqlite3.OperationalError as error:
                # SQLite does not wait by itself while another process makes the same change.
                if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(0.02)
            else:
                return


def _make_private(path: Path) -> None:
    """Mode 0600 before anything is in it. SQLite gives its side files the same mode.

    An existing file must not be opened and closed here: that would drop the locks that other
    connections of this process hold on it.
    """
    try:
        if path.exists():
            mode = path.stat().st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                path.chmod(0o600)
            return
        # Another process may be first: then its file is as private as ours would have been.
        with suppress(FileExistsError):
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            os.close(os.open(path, flags, 0o600))
    except OSError as error:
        raise StoreError(explain(error, f"make the database {path}")) from error
