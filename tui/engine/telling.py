"""Processes of ours that tell on standard output, a line each, what they do; they can be ended.

`says TEXT`, `bytes DONE TOTAL`, `holds TEXT` for what came of it, or, as the last line, what went
wrong.
"""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

_LEAVE_SECONDS = 5.0
"""How long one may take to clear away what is unfinished."""

_LOOK_SECONDS = 0.5
"""Between two looks at how many bytes are there."""

Says = Callable[[str], None]
"""Told in words what happens."""
Counts = Callable[[int, int], None]
"""Told how many bytes are there, and how many there will be."""


class Ended(NamedTuple):
    """How a process ended."""

    code: int
    holds: str
    """What it said came of it; empty without."""
    last: str
    """The last of its other lines: why it failed."""


async def told_by(module: str, *arguments: str, says: Says, counts: Counts | None = None) -> Ended:
    """Run a module with this Python, to its end; cancelling this coroutine ends the process.

    Raises:
        OSError: it could not be started.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        module,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # A ctrl+c reaches it by way of us, so that it clears up.
        start_new_session=True,
        env={**os.environ, "HF_HUB_DISABLE_TELEMETRY": "1", "DIFFUSERS_DISABLE_REMOTE_CODE": "1"},
    )
    holds, last = "", ""
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            text = line.decode(errors="replace").strip()
            if text.startswith("says "):
                says(text.removeprefix("says "))
            elif text.startswith("bytes "):
                _count(text, counts)
            elif text.startswith("holds "):
                holds = text.removeprefix("holds ")
            else:
                last = text
        return Ended(await process.wait(), holds, last)
    finally:
        await _end(process)


def tell(text: str) -> None:
    """What such a process says with."""
    sys.stdout.write(" ".join(text.splitlines()) + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def counting(look: Callable[[], int], total: int) -> Iterator[None]:
    """Tell how many bytes are there while such a process works.

    Args:
        look: counts them; asked in a thread of its own.
        total: how many there will be, or about.
    """
    ended = threading.Event()

    def tell_them() -> None:
        last = -1
        while True:
            is_over = ended.wait(_LOOK_SECONDS)
            done = min(look(), total)
            if done != last:
                last = done
                tell(f"bytes {done} {total}")
            if is_over:
                return

    thread = threading.Thread(target=tell_them, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _count(text: str, counts: Counts | None) -> None:
    _, done, total = text.split()
    if counts is not None:
        counts(int(done), int(total))


async def _end(process: asyncio.subprocess.Process) -> None:
    """End one that runs; it is given time to take its unfinished files away."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _LEAVE_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
