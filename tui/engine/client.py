"""A connection to the engine, for interfaces and the command line."""

import asyncio
import contextlib
import itertools
from pathlib import Path
from typing import TypeVar

import msgspec

import tui
from tui.engine.environment import difference
from tui.engine.frames import FrameError, frame, read_frame
from tui.engine.messages import (
    Event,
    Hello,
    Refused,
    Reply,
    Request,
    Welcome,
    decode_from_engine,
    encode,
)

R = TypeVar("R", bound=Reply)


class EngineGoneError(ConnectionError):
    """The engine does not answer any more; its queue is safe in the database."""


class RefusedError(Exception):
    """The engine said no; the message is one sentence for the person."""


class Client:
    """One connection: requests get replies, events come in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._events: asyncio.Queue[tuple[Event, bytes] | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())
        self.welcome: Welcome | None = None

    @classmethod
    async def open(cls, path: Path, *, previews: bool = False) -> "Client":
        """Connect and greet.

        Raises:
            OSError: nobody listens there.
            EngineGoneError: it hung up.
            RefusedError: it does not welcome us.
        """
        client = cls(*await asyncio.open_unix_connection(path, limit=2**20))
        try:
            hello = Hello(version=tui.__version__, previews=previews)
            client.welcome = await client.request(hello, Welcome)
        except BaseException:
            await client.close()
            raise
        return client

    @property
    def difference(self) -> str:
        """In what the engine's shell differs from ours, in a sentence; empty for nothing."""
        return difference(self.welcome.environment) if self.welcome is not None else ""

    async def request(self, message: Request, expected: type[R]) -> R:
        """Ask something and wait for the answer.

        Raises:
            RefusedError: the engine said no.
            EngineGoneError: it went away.
        """
        number = next(self._numbers)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self._reading.done():
            raise EngineGoneError("the engine went away")
        self._waiting[number] = future
        try:
            self._writer.write(frame(encode(msgspec.structs.replace(message, number=number))))
            await self._writer.drain()
            reply = await future
        except ConnectionError as error:
            raise EngineGoneError("the engine went away") from error
        finally:
            self._waiting.pop(number, None)
        if isinstance(reply, Refused):
            raise RefusedError(reply.sentence)
        if not isinstance(reply, expected):
            raise RefusedError(f"the engine answered with {type(reply).__name__}: stop it, retry")
        return reply

    async def next_event(self) -> tuple[Event, bytes]:
        """What happened next.

        Raises:
            EngineGoneError: it went away.
        """
        found = await self._events.get()
        if found is None:
            self._events.put_nowait(None)
            raise EngineGoneError("the engine went away")
        return found

    async def close(self) -> None:
        """Hang up; what the engine does goes on."""
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        try:
            while (found := await read_frame(self._reader)) is not None:
                message = decode_from_engine(found[0])
                if isinstance(message, Event):
                    self._events.put_nowait((message, found[1]))
                elif (future := self._waiting.get(message.number)) and not future.done():
                    future.set_result(message)
        except (FrameError, msgspec.DecodeError, ConnectionError):
            pass
        finally:
            self._events.put_nowait(None)
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(EngineGoneError("the engine went away"))
