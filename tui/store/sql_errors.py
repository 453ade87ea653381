"""SQLite's errors in words that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.store.errors import StoreError

_WORDS: dict[int, str] = {
    sqlite3.SQLITE_FULL: (
        "the disk that holds {path} is full: free some space there; what was saved is still there"
    ),
    sqlite3.SQLITE_CORRUPT: (
        "{path} is damaged: close Keepers and run “keepers repair”; "
        "the images in projects/ are not touched"
    ),
    sqlite3.SQLITE_NOTADB: (
        "{path} is not a database of Keepers, or is damaged: close Keepers and run "
        "“keepers repair”; the images in projects/ are not touched"
    ),
    sqlite3.SQLITE_READONLY: (
        "{path} cannot be written: make the file and its folder writable for you, "
        "or set KEEPERS_HOME to a folder that is"
    ),
    sqlite3.SQLITE_BUSY: (
        "another process has kept {path} busy for too long: try again, "
        "or close the other Keepers or backup that uses it"
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "{path} cannot be opened: check that its folder is there, is yours and has room"
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk reported an error with {path}: check its free space, your quota and the file "
        "size limit (ulimit -f), then the disk itself"
    ),
    sqlite3.SQLITE_NOMEM: "there is no memory left to use {path}: close something and try again",
    sqlite3.SQLITE_TOOBIG: "that is too large to be kept in {path}: shorten it",
    sqlite3.SQLITE_CONSTRAINT: (
        "{path} refused an entry that does not fit the others ({error}): "
        "open the project again and repeat what you did"
    ),
}
_WORDS[sqlite3.SQLITE_LOCKED] = _WORDS[sqlite3.SQLITE_BUSY]
_WORDS[sqlite3.SQLITE_PERM] = _WORDS[sqlite3.SQLITE_READONLY]

_OTHER = "{path} did not answer as it should ({error}): run “keepers repair”, or report this"


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn SQLite's errors inside the block into sentences about the database at `path`.

    Raises:
        StoreError: SQLite refused; misuse of the module itself is passed on as it is.
    """
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise StoreError(_sentence(error, path)) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise StoreError(
            f"{path} cannot hold such a text or number ({error}): correct it"
        ) from error


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 where the error came from Python's module."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _sentence(error: sqlite3.Error, path: Path) -> str:
    code = primary_code(error)
    if code == 0 and "decode" in str(error).lower():
        code = sqlite3.SQLITE_CORRUPT
    return _WORDS.get(code, _OTHER).format(path=path, error=error)
