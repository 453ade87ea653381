import asyncio
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.engine.frames import MAX_BLOB, MAX_HEADER, FrameError, frame, read_frame
from tui.engine.frames import read_frame_blocking as read_blocking

Frames = list[tuple[bytes, bytes]]

frames = st.lists(st.tuples(st.binary(max_size=300), st.binary(max_size=300)), max_size=5)


def all_blocking(data: bytes) -> Frames:
    stream, found = io.BytesIO(data), []
    while (one := read_blocking(stream)) is not None:
        found.append(one)
    return found


def all_async(data: bytes) -> Frames:
    async def read() -> Frames:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        found = []
        while (one := await asyncio.wait_for(read_frame(reader), 10)) is not None:
            found.append(one)
        return found

    return asyncio.run(read())


@given(frames)
def test_frames_come_back_as_they_went(sent: Frames) -> None:
    data = b"".join(frame(*one) for one in sent)
    assert all_blocking(data) == all_async(data) == sent


@given(st.binary(max_size=60), st.binary(max_size=60), st.data())
def test_a_frame_that_is_cut_short_is_an_error(
    header: bytes, blob: bytes, data: st.DataObject
) -> None:
    whole = frame(header, blob)
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    for read in (all_blocking, all_async):
        with pytest.raises(FrameError, match="ended inside"):
            read(frame(b"before") + cut)


@given(st.binary(max_size=400))
def test_random_bytes_are_frames_or_an_error_for_both_readers_alike(data: bytes) -> None:
    results: list[Frames | str] = []
    for read in (all_blocking, all_async):
        try:
            results.append(read(data))
        except FrameError as error:
            results.append(str(error))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I", MAX_HEADER + 1),
        b"\xff" * 4,
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">I", 2) + b"{}" + struct.pack(">I", MAX_BLOB + 1),
    ],
)
def test_lengths_beyond_the_limits_are_refused_before_anything_is_read(data: bytes) -> None:
    for read in (all_blocking, all_async):
        with pytest.raises(FrameError, match="too large"):
            read(data)


def test_a_frame_too_large_to_be_read_is_not_made() -> None:
    assert len(frame(b"x" * MAX_HEADER)) == MAX_HEADER + 8
    with pytest.raises(FrameError, match="too large"):
        frame(b"x" * (MAX_HEADER + 1))
