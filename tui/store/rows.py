"""From a row of the database to a frozen value, with the types checked."""

import sqlite3
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from tui.store.errors import StoreError

T = TypeVar("T", bound=msgspec.Struct)


def value_of(row: sqlite3.Row | Mapping[str, object], kind: type[T]) -> T:
    """The row as a struct whose fields are named as its columns.

    Raises:
        StoreError: a column holds what it never should; the file is damaged.
    """
    try:
        return msgspec.convert(dict(row), kind)
    except (msgspec.ValidationError, ValueError) as error:
        raise StoreError(
            f"the database holds something that is no {kind.__name__.lower()} ({error}): "
            "it is damaged, put back a copy of it"
        ) from error
