"""Connects to the engine of a home, starting or replacing it where that is needed."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import tui
from tui.engine.client import Client, EngineGoneError, RefusedError
from tui.engine.discovery import check_host, lock_is_held, read_info
from tui.engine.messages import PROTOCOL, Done, StopEngine
from tui.store.errors import StoreError
from tui.store.paths import Home

START_SECONDS = 30.0
"""How long an engine may take to answer, also on a busy machine."""

_POLL_SECONDS = 0.02
_GONE_IN_PEACE = (0, 3)
"""How an engine ends that was sent away, or that found another one there already: one of another
shell may have come and gone meanwhile, and then the next is ours to start."""


class EngineStartError(StoreError):
    """The engine did not start, or an older one is in the way."""


async def connect(home: Home, *, previews: bool = False) -> Client:
    """A client of the home's engine, which is started if it does not run.

    After an upgrade an idle older engine is replaced; a busy one is left alone and explained. One
    that was started from another shell, with other GPUs or another login at the hub, is replaced
    as well while nobody else uses it; else `Client.difference` tells.

    Raises:
        StoreError: no engine could be had; the message says why.
        RefusedError: the engine does not welcome us.
    """
    deadline = time.monotonic() + START_SECONDS
    process: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        check_host(home)
        client = await connect_running(home, previews=previews)
        if client is not None:
            if await _is_ours(client):
                return client
            await _wait_until_gone(home, deadline)
        elif (process is None or process.poll() in _GONE_IN_PEACE) and not lock_is_held(home):
            process = _spawn(home)
        elif process is not None and process.poll() not in (None, *_GONE_IN_PEACE):
            raise EngineStartError(_last_words(home))
        await asyncio.sleep(_POLL_SECONDS)
    raise EngineStartError(
        f"the engine did not answer within {START_SECONDS:g} seconds: look into {home.engine_log}"
    )


async def connect_running(home: Home, *, previews: bool = False) -> Client | None:
    """A client of the home's engine if one runs here, of whatever version it is."""
    info = read_info(home)
    if info is None or not lock_is_held(home):
        return None
    try:
        async with asyncio.timeout(START_SECONDS):
            return await Client.open(Path(info.socket), previews=previews)
    except TimeoutError as error:
        raise EngineStartError(
            f"the engine does not answer: end process {info.pid} and try again"
        ) from error
    except (OSError, EngineGoneError):
        return None


async def stop_engine(home: Home) -> bool:
    """Stop the engine; False if none ran. What it was doing goes back to its queue.

    Raises:
        StoreError: it does not go, or runs on another host.
    """
    check_host(home)
    client = await connect_running(home)
    if client is None:
        return False
    try:
        await client.request(StopEngine(), Done)
    except EngineGoneError:
        pass
    finally:
        await client.close()
    await _wait_until_gone(home, time.monotonic() + START_SECONDS)
    return True


async def _is_ours(client: Client) -> bool:
    """Whether the engine is the one to use; an idle one that is not is sent away."""
    welcome = client.welcome
    assert welcome is not None
    is_alike = (welcome.version, welcome.protocol) == (tui.__version__, PROTOCOL)
    is_used = welcome.busy or welcome.clients or not welcome.on_demand
    if is_alike and (is_used or not client.difference):
        return True
    try:
        if welcome.busy:
            raise EngineStartError(
                f"an engine of version {welcome.version} is still working, and this is "
                f"{tui.__version__}: wait until it is done, or run “keepers engine stop”"
            )
        await client.request(StopEngine(), Done)
    except (EngineGoneError, RefusedError):
        pass
    finally:
        await client.close()
    return False


async def _wait_until_gone(home: Home, deadline: float) -> None:
    while lock_is_held(home):
        if time.monotonic() > deadline:
            raise EngineStartError(
                f"the engine does not leave: end process {_pid(home)} and try again"
            )
        await asyncio.sleep(_POLL_SECONDS)


def _spawn(home: Home) -> subprocess.Popen[bytes]:
    """Start an engine in a session of its own, so that a hang-up does not reach it."""
    home.create()
    descriptor = os.open(home.engine_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "tui.engine"],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd="/",
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def _pid(home: Home) -> str:
    info = read_info(home)
    return str(info.pid) if info else "of the engine"


def _last_words(home: Home) -> str:
    try:
        lines = home.engine_log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    said = lines[-1] if lines else "it said nothing"
    return f"the engine could not start: {said}"
