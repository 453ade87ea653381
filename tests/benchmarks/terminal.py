"""The interface as a person has it: in a terminal."""

import os
import pty
import re
import select
import time

PRESSES = 200
DEADLINE = 180.0


class Terminal:
    """A pseudo-terminal with a program in it, its answers timed."""

    def __init__(self, command: list[str], size: tuple[int, int] = (80, 24)) -> None:
        self.begun = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # This terminal answers no questions: nobody is to wait for it.
            os.environ |= {"TERM": "xterm-256color", "KEEPERS_IMAGES": "blocks"}
            os.environ |= {"COLUMNS": str(size[0]), "LINES": str(size[1])}
            os.execvp(command[0], command)
        self.seen = b""

    def read(self, wait: float) -> bytes:
        if not select.select([self.fd], [], [], wait)[0]:
            return b""
        data = os.read(self.fd, 65536)
        self.seen += data
        return data

    def until(self, pattern: bytes) -> None:
        end = time.monotonic() + DEADLINE
        while not re.search(pattern, self.seen):
            assert time.monotonic() < end, f"{pattern!r} did not appear"
            self.read(0.5)

    def send(self, keys: bytes) -> None:
        self.seen = b""
        os.write(self.fd, keys)

    def close(self) -> None:
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def answers(self, keys: tuple[bytes, ...]) -> tuple[float, float]:
        """Press keys in turn; milliseconds until the first answer: median, and at 99 %."""
        times = []
        for number in range(PRESSES):
            while self.read(0.02):
                pass
            self.send(keys[number % len(keys)])
            begun = time.perf_counter()
            while not self.read(0.5) and time.perf_counter() - begun < 5:
                pass
            times.append(time.perf_counter() - begun)
        times.sort()
        return times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3
