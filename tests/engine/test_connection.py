"""Clients that say nonsense, or read nothing, harm nobody else."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from tui.engine.client import Client
from tui.engine.discovery import read_info
from tui.engine.frames import frame, read_frame
from tui.engine.messages import AskStatus, Hello, Refused, decode_from_engine, encode
from tui.engine.outbox import MOST_WAITING
from tui.engine.supervisor import connect
from tui.store.paths import Home

from .helpers import DEADLINE, processes, status, until

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def streams(client: Client, warm: Home) -> AsyncIterator[Streams]:
    opened = await raw(warm)
    yield opened
    opened[1].transport.abort()


async def raw(home: Home) -> Streams:
    info = read_info(home)
    assert info is not None
    return await asyncio.open_unix_connection(info.socket)


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        frame(b"no JSON"),
        frame(b'{"type":"Nonsense"}'),
        frame(b'{"type":"Submit","project":3}'),
        frame(b"[" * 100_000),
        frame(b'{"type":"Follow","job":"\xff"}'),
    ],
    ids=["http", "no json", "no message", "wrong type", "too deep", "no text"],
)
async def test_nonsense_is_answered_and_ends_that_connection(
    streams: Streams, client: Client, said: bytes
) -> None:
    reader, writer = streams
    writer.write(said)
    async with asyncio.timeout(DEADLINE):
        found = await read_frame(reader)
        assert found is not None
        answer = decode_from_engine(found[0])
        assert isinstance(answer, Refused)
        assert answer.sentence.startswith("the engine does not understand this: ")
        assert await read_frame(reader) is None
    await status(client)


async def test_a_client_that_leaves_in_the_middle_is_forgotten(
    streams: Streams, client: Client
) -> None:
    reader, writer = streams
    writer.write(frame(encode(Hello(version="1"))))
    assert await read_frame(reader) is not None
    before = (await status(client)).clients
    writer.write(frame(encode(AskStatus()))[:9])
    writer.close()
    async with asyncio.timeout(DEADLINE):
        while (await status(client)).clients >= before:
            pass


async def say_for_ever(writer: asyncio.StreamWriter, data: bytes) -> None:
    while True:
        writer.write(data)
        await writer.drain()


async def test_a_client_that_reads_nothing_is_given_up(streams: Streams, client: Client) -> None:
    _, writer = streams
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    ask = frame(encode(AskStatus()))
    async with asyncio.timeout(DEADLINE):
        with pytest.raises(ConnectionError):
            await say_for_ever(writer, ask * (MOST_WAITING // 10))
    await status(client)


async def test_a_client_that_reads_nothing_does_not_keep_the_engine(home: Home) -> None:
    first = await connect(home)
    _, writer = await raw(home)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(frame(encode(AskStatus())) * (MOST_WAITING // 2))
    await writer.drain()
    await status(first)
    info = read_info(home)
    assert info is not None
    os.kill(info.pid, signal.SIGTERM)
    await until(lambda: not processes(home), "the engine leaves", seconds=20)
    writer.transport.abort()
    await first.close()
