"""Text in PNG files, found by its keyword and unpacked within limits.

Keepers writes international text (iTXt); other programs also write the plain kinds.
"""

import zlib
from collections.abc import Collection, Iterator
from typing import BinaryIO

from tui.imaging import chunks
from tui.imaging.errors import ImagingError

_LONGEST_KEYWORD = 79
"""Bytes, as the format has it."""


def texts(file: BinaryIO, length: int, name: str, key: str, limit: int) -> Iterator[bytes]:
    """The text of each iTXt chunk with that keyword, unpacked, as bytes of UTF-8.

    Other chunks are skipped unread, however large they are or say they are.

    Raises:
        ImagingError: not a sound PNG, or a text of that keyword is longer than `limit` bytes.
    """
    wanted = key.encode("latin-1") + b"\0"
    for chunk in chunks.chunks(file, length, name):
        if chunk.kind != b"iTXt" or chunk.length < len(wanted):
            continue
        file.seek(chunk.start)
        if file.read(len(wanted)) != wanted:
            continue
        # Two flags and two empty strings lie between the keyword and the text.
        if chunk.length > limit + len(wanted) + 4:
            raise _too_long(name, key)
        yield _text(chunks.data(file, chunk, name)[len(wanted) :], name, key, limit)


def every_text(
    file: BinaryIO, length: int, name: str, keys: Collection[str], limit: int
) -> dict[str, str]:
    """The first text of each of these keywords, of any kind; `limit` is in bytes of each.

    Raises:
        ImagingError: not a sound PNG, or a text of such a keyword is too long or damaged.
    """
    found: dict[str, str] = {}
    for chunk in chunks.chunks(file, length, name):
        if chunk.kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        file.seek(chunk.start)
        key = file.read(min(chunk.length, _LONGEST_KEYWORD + 1)).split(b"\0")[0].decode("latin-1")
        if key not in keys or key in found:
            continue
        if chunk.length > limit + _LONGEST_KEYWORD:
            raise _too_long(name, key)
        content = chunks.data(file, chunk, name)[len(key) + 1 :]
        if chunk.kind == b"iTXt":
            text = _text(content, name, key, limit)
        elif chunk.kind == b"zTXt":
            text = _unpacked(content[1:], name, key, limit)
        else:
            text = content
        found[key] = _decoded(text)
    return found


def _decoded(text: bytes) -> str:
    try:
        # The plain kinds should be Latin-1, but many programs write UTF-8 into them.
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _text(content: bytes, name: str, key: str, limit: int) -> bytes:
    parts = content[2:].split(b"\0", 2)
    if len(parts) != 3 or content[0] > 1 or content[1] != 0:
        raise _unreadable(name, key)
    if content[0] == 0:
        return parts[2]
    return _unpacked(parts[2], name, key, limit)


def _unpacked(packed: bytes, name: str, key: str, limit: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise _unreadable(name, key) from error
    if len(text) > limit:
        raise _too_long(name, key)
    if not unpacker.eof:
        raise _unreadable(name, key)
    return text


def _too_long(name: str, key: str) -> ImagingError:
    return ImagingError(f"{name} holds too much text under “{key}”: use the original file")


def _unreadable(name: str, key: str) -> ImagingError:
    return ImagingError(f"{name} holds damaged text under “{key}”: use the original file")
