"""A pseudo-terminal that plays a person's terminal: it answers what a real one would answer, as
late as a real one would, and keeps every byte, so that a test can prove which pictures arrived.
"""

import base64
import contextlib
import os
import re
import select
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from tests.pseudo_terminal import run_in_terminal

DEADLINE = 60.0
"""Seconds to wait for something; a busy machine is slow."""
_QUERY = re.compile(
    rb"\x1b\[(c|16t|>q|5n|>c|\?2026\$p|\?2048\$p)|\x1b_G([^\x1b;]*a=q[^\x1b;]*)(?:;[^\x1b]*)?\x1b\\"
)
_GRAPHICS = re.compile(rb"\x1b_G([^\x1b;]*)(?:;([^\x1b]*))?\x1b\\")
_CELL = "\U0010eeee"


@dataclass
class Sent:
    """One command of kitty's graphics, its pieces joined."""

    keys: dict[str, str]
    payload: bytearray = field(default_factory=bytearray)
    whole: bool = False
    """Whether its last piece came."""

    @property
    def number(self) -> int:
        return int(self.keys["i"])

    @property
    def png(self) -> bytes:
        return base64.b64decode(bytes(self.payload))


class OuterTerminal:
    """Runs a program; `name` is what it answers to the question for its name."""

    def __init__(
        self,
        command: list[str],
        *,
        name: str = "kitty(0.42.0)",
        kitty: bool = True,
        sixel: bool = False,
        latency: float = 0.0,
        size: tuple[int, int] = (100, 30),
        env: dict[str, str] | None = None,
    ) -> None:
        self._name, self._kitty, self._sixel, self._latency = name, kitty, sixel, latency
        self.bytes = bytearray()
        self.queries: list[bytes] = []
        self._scanned = 0
        self._due: deque[tuple[float, bytes]] = deque()
        gone = dict.fromkeys(("NO_COLOR", "COLORTERM", "STY"), "")
        self.pid, self._fd = run_in_terminal(
            command, gone | (env or {}), columns=size[0], rows=size[1], cell=(10, 20)
        )
        self._open = True
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> "OuterTerminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open = False
        for number in (signal.SIGHUP, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                break
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        self._thread.join()
        os.close(self._fd)

    def press(self, keys: bytes) -> int:
        """Type raw bytes; returns how many bytes had arrived before."""
        before = len(self.bytes)
        os.write(self._fd, keys)
        return before

    def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Wait until something holds."""
        end = time.monotonic() + DEADLINE
        while not holds():
            assert time.monotonic() < end, f"{what}\n{bytes(self.bytes[-2000:])!r}"
            threading.Event().wait(0.02)

    def until_quiet(self, seconds: float = 0.3) -> int:
        """Wait until nothing has come for that long; returns how many bytes have."""
        end = time.monotonic() + DEADLINE
        while True:
            before = len(self.bytes)
            threading.Event().wait(seconds)
            if len(self.bytes) == before:
                return before
            assert time.monotonic() < end, "it never stops"

    def ended(self) -> None:
        """Wait until the program has ended, and what it wrote has come."""
        self.until(lambda: not self._thread.is_alive(), "it does not end")

    def commands(self, since: int = 0) -> list[Sent]:
        """Kitty's commands since that byte, except questions."""
        found: list[Sent] = []
        for control, data in _GRAPHICS.findall(bytes(self.bytes[since:])):
            keys = dict(pair.split("=", 1) for pair in control.decode().split(","))
            if keys.get("a") == "q":
                continue
            if "a" in keys:
                found.append(Sent(keys))
            found[-1].payload += data
            found[-1].whole = keys.get("m", "0") == "0"
        return found

    def uploads(self, since: int = 0) -> list[Sent]:
        """Pictures since that byte."""
        return [sent for sent in self.commands(since) if sent.keys["a"] == "T"]

    def deleted(self, since: int = 0) -> set[int]:
        """Numbers of pictures that were deleted since that byte, with their pixels."""
        commands = self.commands(since)
        return {s.number for s in commands if s.keys["a"] == "d" and s.keys["d"] == "I"}

    def placed(self, since: int = 0) -> set[tuple[str, ...]]:
        """The foreground colours that placeholder cells were written in since that byte."""
        text = bytes(self.bytes[since:]).decode("utf-8", "replace")
        colours: set[tuple[str, ...]] = set()
        colour: tuple[str, ...] = ()
        for found in re.finditer(f"\x1b\\[([\\d;]*)m|{_CELL}", text):
            if found.group() == _CELL:
                colours.add(colour)
            elif found.group(1).startswith("38;"):
                colour = tuple(found.group(1).split(";")[1:])
            elif found.group(1) in ("", "0", "39"):
                colour = ()
        return colours

    def text(self, since: int = 0) -> str:
        """What was written since that byte, without control sequences."""
        written = bytes(self.bytes[since:])
        return re.sub(rb"\x1b[_P][^\x1b]*\x1b\\|\x1b\[[^@-~]*[@-~]", b"", written).decode(
            "utf-8", "replace"
        )

    def _read(self) -> None:
        while self._open:
            self._deliver()
            if not select.select([self._fd], [], [], 0.02)[0]:
                continue
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return
            if not data:
                return
            self.bytes += data
            start = max(self._scanned, len(self.bytes) - len(data) - 200)
            for match in _QUERY.finditer(bytes(self.bytes[start:])):
                self._scanned = start + match.end()
                self.queries.append(match.group())
                self._due.append((time.monotonic() + self._latency, self._answer(match)))

    def _deliver(self) -> None:
        """Send the answers whose time has come, in the order of the questions."""
        while self._due and self._due[0][0] <= time.monotonic():
            with contextlib.suppress(OSError):
                os.write(self._fd, self._due.popleft()[1])

    def _answer(self, match: re.Match[bytes]) -> bytes:
        if match.group(2) is not None:
            number = re.search(rb"i=(\d+)", match.group(2))
            return b"\x1b_Gi=%s;OK\x1b\\" % number.group(1) if self._kitty and number else b""
        abilities = b"\x1b[?62;4;22c" if self._sixel else b"\x1b[?62;22c"
        return {
            b"c": abilities,
            b">c": b"\x1b[>1;4000;29c",
            b"16t": b"\x1b[6;20;10t",
            b">q": b"\x1bP>|%s\x1b\\" % self._name.encode(),
            b"5n": b"\x1b[0n",
            b"?2026$p": b"\x1b[?2026;2$y",
            b"?2048$p": b"\x1b[?2048;0$y",
        }[match.group(1)]
