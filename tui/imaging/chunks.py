"""A PNG file as its chunks, read without decoding pixels or unpacking text.

Pillow unpacks every text chunk on the way to the pixels. Here a chunk is a kind, a place and a
length; its bytes are read only where they are asked for, up to a limit, with their checksum.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from tui.imaging.errors import ImagingError

SIGNATURE = b"\x89PNG\r\n\x1a\n"

MOST_CHUNKS = 100_000
"""The largest picture in the smallest usual chunks (8 KB) needs a third of it."""


class Chunk(NamedTuple):
    """Where one chunk's data lies in the file."""

    kind: bytes
    """Four letters, e.g. `IDAT`."""
    start: int
    """Offset of its data."""
    length: int
    """Bytes of data, without the checksum behind it."""


class Header(NamedTuple):
    """What IHDR says of the pixels."""

    width: int
    height: int
    bits: int
    """Bits of one sample: 1, 2, 4, 8 or 16."""


def chunks(file: BinaryIO, length: int, name: str) -> Iterator[Chunk]:
    """Every chunk of a PNG file of `length` bytes, IHDR to IEND; the file may be read meanwhile.

    Raises:
        ImagingError: not a PNG, cut short, or not built like one.
    """
    file.seek(0)
    if file.read(8) != SIGNATURE:
        raise ImagingError(f"{name} is not a PNG file: save it as PNG and try again")
    position = 8
    for number in range(MOST_CHUNKS):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            raise _cut_short(name)
        size, kind = struct.unpack(">I4s", head)
        if not kind.isalpha() or (number == 0) != (kind == b"IHDR"):
            raise _damaged(name)
        if position + 12 + size > length:
            raise _cut_short(name)
        yield Chunk(kind, position + 8, size)
        if kind == b"IEND":
            return
        position += 12 + size
    raise ImagingError(f"{name} is split into too many parts: save it again as PNG")


def data(file: BinaryIO, chunk: Chunk, name: str) -> bytes:
    """The chunk's bytes, which its checksum has confirmed.

    Raises:
        ImagingError: the checksum says that the bytes are not those that were written.
    """
    file.seek(chunk.start)
    content = file.read(chunk.length)
    (checksum,) = struct.unpack(">I", file.read(4).rjust(4, b"\0"))
    if zlib.crc32(content, zlib.crc32(chunk.kind)) != checksum:
        raise _damaged(name)
    return content


def header(content: bytes, name: str) -> Header:
    """What the data of IHDR says.

    Raises:
        ImagingError: of another length than IHDR has.
    """
    if len(content) != 13:
        raise _damaged(name)
    return Header(*struct.unpack(">IIB", content[:9]))


def packed(kind: bytes, content: bytes) -> bytes:
    """A chunk as it stands in a file: length, kind, data, checksum."""
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", checksum)


def _cut_short(name: str) -> ImagingError:
    return ImagingError(f"{name} is cut short: copy or download it again")


def _damaged(name: str) -> ImagingError:
    return ImagingError(f"{name} is damaged: copy or download it again")
