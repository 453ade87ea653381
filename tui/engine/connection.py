"""One client's connection, seen from the engine: requests in, answers and events out."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import msgspec

from tui.engine.frames import FrameError, frame, read_frame
from tui.engine.messages import ClientMessage, Hello, Refused, Reply, decode_from_client, encode
from tui.engine.outbox import ClientTooSlowError, Outbox

LINGER_SECONDS = 1.0
"""How long the last words may take to reach a client that is being left."""

_log = logging.getLogger(__name__)

Answer = Callable[[ClientMessage], Awaitable[Reply]]
"""Answers one request; a `Refused` for what a person can do something about."""


class Connection:
    """Reads requests one by one and writes what waits in the outbox."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer
    ) -> None:
        self._reader, self._writer, self._answer = reader, writer, answer
        self._outbox = Outbox()
        self.wants_previews = False
        self.greeted = False

    def tell(self, header: bytes, blob: bytes = b"", *, key: object = None) -> None:
        """Queue an event for this client; with a key, only the latest of that key is kept."""
        data = frame(header, blob)
        if key is None:
            self._put(data)
        else:
            self._outbox.put_latest(key, data)

    async def serve(self) -> None:
        """Until the client goes, or says something that makes no sense."""
        writing = asyncio.create_task(self._write())
        try:
            while (found := await read_frame(self._reader)) is not None:
                await self._handle(decode_from_client(found[0]))
        except (FrameError, msgspec.DecodeError) as error:
            _log.warning("a client was sent away: %s", error)
            refusal = Refused(sentence=f"the engine does not understand this: {error}")
            with contextlib.suppress(ConnectionError):
                self._writer.write(frame(encode(refusal)))
                await self._writer.drain()
        except ConnectionError:
            pass
        finally:
            writing.cancel()
            await self._hang_up()

    async def _handle(self, message: ClientMessage) -> None:
        if isinstance(message, Hello):
            self.greeted, self.wants_previews = True, message.previews
        reply = await self._answer(message)
        self._put(frame(encode(reply)))

    def _put(self, data: bytes) -> None:
        try:
            self._outbox.put(data)
        except ClientTooSlowError:
            self._writer.transport.abort()

    async def _hang_up(self) -> None:
        self._writer.close()
        # A stopped client reads nothing, and must not keep the engine from leaving.
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), LINGER_SECONDS)
        self._writer.transport.abort()

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                self._writer.write(await self._outbox.get())
                # Wait until the client has read: what is outdated meanwhile is replaced.
                await self._writer.drain()
