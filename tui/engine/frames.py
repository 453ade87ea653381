"""Frames on sockets and pipes: `u32 header length | JSON header | u32 blob length | blob`.

The header is one message as JSON; the blob carries a preview, a mask or pixels. Lengths are
big-endian and capped, so that a stray client cannot make the reader allocate without end.
"""

import asyncio
import struct
from typing import BinaryIO

MAX_HEADER = 4 * 2**20
"""Bytes of JSON in one frame; a long list of images stays far below."""

MAX_BLOB = 2**30
"""Bytes of a blob; a 16384 × 16384 RGB picture fits."""

_LENGTH = struct.Struct(">I")


class FrameError(ValueError):
    """Bytes that are no frame: the other side speaks something else."""


def frame(header: bytes, blob: bytes = b"") -> bytes:
    """One frame, ready to send.

    Raises:
        FrameError: the header or the blob is larger than a frame may be.
    """
    _check(len(header), len(blob))
    return b"".join((_LENGTH.pack(len(header)), header, _LENGTH.pack(len(blob)), blob))


async def read_frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """The next header and blob, or None at a clean end.

    Raises:
        FrameError: the lengths are too large, or the stream ended inside a frame.
    """
    try:
        first = await reader.readexactly(_LENGTH.size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise FrameError("the stream ended inside a frame") from error
        return None
    try:
        header = await reader.readexactly(_header_length(first))
        blob = await reader.readexactly(_blob_length(await reader.readexactly(_LENGTH.size)))
    except asyncio.IncompleteReadError as error:
        raise FrameError("the stream ended inside a frame") from error
    return header, blob


def read_frame_blocking(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """The same from a blocking stream, for the worker's reader thread."""
    first = stream.read(_LENGTH.size)
    if not first:
        return None
    header = _exactly(stream, _header_length(_whole(first, _LENGTH.size)))
    blob = _exactly(stream, _blob_length(_exactly(stream, _LENGTH.size)))
    return header, blob


def _exactly(stream: BinaryIO, length: int) -> bytes:
    return _whole(stream.read(length), length)


def _whole(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise FrameError("the stream ended inside a frame")
    return data


def _header_length(data: bytes) -> int:
    length = int(_LENGTH.unpack(data)[0])
    _check(length, 0)
    return length


def _blob_length(data: bytes) -> int:
    length = int(_LENGTH.unpack(data)[0])
    _check(0, length)
    return length


def _check(header: int, blob: int) -> None:
    if header > MAX_HEADER or blob > MAX_BLOB:
        raise FrameError(f"a frame of {header} + {blob} bytes is too large")
