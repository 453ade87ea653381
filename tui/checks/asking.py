"""Asking a check: starts its process, reads its answer, and ends it where that takes too long."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tui.checks.answers import Answer, Check, CheckError, Failed, Found, MissingError
from tui.domain.text import clean

LIMIT = 60.0
"""Seconds; on a busy machine reading a large picture takes ten."""
_MOST_BYTES = 1 << 20


async def ask(
    check: Check,
    picture: Path | None,
    *,
    limit: float = LIMIT,
    environment: Mapping[str, str] = os.environ,
) -> Found:
    """What a check finds in a picture; cancelling this coroutine kills its process.

    Args:
        check: which one.
        picture: the file; None only asks whether the check could look.
        limit: seconds after which it is given up.
        environment: what the process finds in its own.

    Raises:
        MissingError: what does it is not installed.
        CheckError: it failed, was ended, or took too long.
    """
    arguments = [] if picture is None else [str(picture)]
    try:
        # -P: what lies in the person's working folder is never taken for a library.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "tui.checks", check.value, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**environment, "PYTHONWARNINGS": "ignore"},
        )
    except OSError as error:
        raise CheckError(f"reading it could not begin: {error.strerror}") from error
    try:
        assert process.stdout is not None
        async with asyncio.timeout(limit):
            # One more than is taken: what a library poured into the pipe is no answer.
            said = await process.stdout.read(_MOST_BYTES)
            while more := await process.stdout.read(_MOST_BYTES):
                said = (said + more)[: _MOST_BYTES + 1]
            await process.wait()
    except TimeoutError as error:
        raise CheckError(f"reading it took longer than {limit:g} s and was stopped") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _taken(check, said, process.returncode)


def _taken(check: Check, said: bytes, code: int | None) -> Found:
    try:
        answer: Answer = msgspec.json.decode(said, type=Answer)
    except (msgspec.DecodeError, UnicodeError) as error:
        killed = code is not None and code < 0
        how = f"was ended by signal {-(code or 0)}" if killed else "ended without an answer"
        raise CheckError(f"reading it {how}") from error
    match answer:
        case Found() as found:
            return found
        case Failed(why):
            raise CheckError(f"reading it failed: {clean(why, limit=200)}")
        case missing:
            raise MissingError(check, clean(missing.package, limit=80))
