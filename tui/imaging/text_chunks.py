"""International text in PNG files (iTXt), found by its keyword and unpacked within limits."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from tui.imaging import chunks
from tui.imaging.errors import ImagingError


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


def _text(content: bytes, name: str, key: str, limit: int) -> bytes:
    parts = content[2:].split(b"\0", 2)
    if len(parts) != 3 or content[0] > 1 or content[1] != 0:
        raise _unreadable(name, key)
    if content[0] == 0:
        return parts[2]
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(parts[2], limit + 1)
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
