"""JSON in and out for the domain's values, with the version of their shape beside them.

What is written today is read for years: every stored value says which shape it has, and a file
from a newer program is refused in words instead of being half understood.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from tui.domain.text import clean

T = TypeVar("T", bound=msgspec.Struct)


class UnreadableError(ValueError):
    """Stored JSON that is not the value it should be; the message says why."""


def to_json(value: msgspec.Struct) -> str:
    """The value as one line of JSON, fields in the order they are declared."""
    return msgspec.json.encode(value).decode()


def from_json(text: str | bytes, kind: type[T]) -> T:
    """The value in `text`.

    Raises:
        UnreadableError: not JSON, of another shape, or written by a newer version.
    """
    try:
        version = msgspec.json.decode(text, type=_Version).version
        _refuse_newer(kind.__name__, version, _newest(kind))
        value = msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        # The error quotes names from the file.
        why = clean(str(error), limit=300)
        raise UnreadableError(f"this is not a stored {kind.__name__.lower()}: {why}") from error
    for part in _parts(value):
        _refuse_newer(type(part).__name__, getattr(part, "version", 1), _newest(type(part)))
    return value


def _newest(kind: type[msgspec.Struct]) -> int:
    return int(getattr(kind, "VERSION", 1))


def _refuse_newer(name: str, version: int, newest: int) -> None:
    if version > newest:
        raise UnreadableError(
            f"this {name.lower()} was written by a newer Keepers "
            f"(shape {version}, this one reads up to {newest}): update Keepers to read it"
        )


def _parts(value: object) -> Iterator[msgspec.Struct]:
    """A value and those inside it: a recipe holds an intent, and that its layers."""
    inner: Iterable[object] = ()
    if isinstance(value, msgspec.Struct):
        yield value
        inner = (getattr(value, name) for name in value.__struct_fields__)
    elif isinstance(value, tuple):
        inner = value
    for part in inner:
        yield from _parts(part)


class _Version(msgspec.Struct):
    version: int = 1
