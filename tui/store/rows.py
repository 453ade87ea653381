"""Between rows of the database and frozen values, with the types checked."""

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
            "it is damaged, close Keepers and run “keepers repair”"
        ) from error


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, object]) -> None:
    """Put a row into a table; its keys, and the table's name, are names of our own."""
    _insert(connection, table, row, "")


def put(
    connection: sqlite3.Connection,
    table: str,
    row: Mapping[str, object],
    *,
    key: str = "id",
    owner: str = "",
    replace: bool,
) -> bool:
    """Put a row into a table that may have one with that key; returns whether it is there now.

    Args:
        connection: in a transaction.
        table: its name; as all names here, never a foreign one.
        row: column to value.
        key: the column that no two rows share.
        owner: a column whose value must be the same for one row to replace another.
        replace: whether this one takes the place of the other; else that one stays.
    """
    then = "NOTHING"
    if replace:
        then = "UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in row if name != key)
        then += f" WHERE {table}.{owner} = excluded.{owner}" if owner else ""
    return _insert(connection, table, row, f" ON CONFLICT ({key}) DO {then}") == 1


def _insert(
    connection: sqlite3.Connection, table: str, row: Mapping[str, object], then: str
) -> int:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    return connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({values}){then}",  # noqa: S608 - our own names
        dict(row),
    ).rowcount
