"""First paint beside an empty Textual app, key press to repaint while a batch runs, memory."""

import os
import pty
import re
import select
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tui.domain.prompt import Layers
from tui.engine.hardware import resident_bytes
from tui.store.paths import find_home
from tui.store.store import open_store

ROUNDS = 5
PRESSES = 200
DEADLINE = 180.0

_EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("[1 Brief]", markup=False)
Empty().run()
"""


def run() -> None:
    """Print the figures."""
    keepers = [str(Path(sys.executable).parent / "keepers")]
    with tempfile.TemporaryDirectory() as folder:
        empty = [_first_paint([sys.executable, "-c", _EMPTY]) for _ in range(ROUNDS)]
        ours = []
        for number in range(ROUNDS):
            # The first run of a home begins with a brief; later ones begin with its projects.
            os.environ["KEEPERS_HOME"] = str(Path(folder) / str(number))
            ours.append(_first_paint(keepers))
        print(f"first paint, empty Textual   {statistics.median(empty):7.2f} s")
        print(f"first paint, Keepers         {statistics.median(ours):7.2f} s", flush=True)
        _while_drawing(keepers)
        for number in range(ROUNDS):
            os.environ["KEEPERS_HOME"] = str(Path(folder) / str(number))
            os.system(f"{keepers[0]} engine stop >/dev/null")


class _Terminal:
    def __init__(self, command: list[str]) -> None:
        self.begun = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # This terminal answers no questions: nobody is to wait for it.
            os.environ |= {"TERM": "xterm-256color", "KEEPERS_IMAGES": "blocks"}
            os.environ |= {"COLUMNS": "80", "LINES": "24"}
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


def _first_paint(command: list[str]) -> float:
    terminal = _Terminal(command)
    terminal.until(rb"Brief\]")
    seconds = time.monotonic() - terminal.begun
    terminal.close()
    return seconds


def _while_drawing(keepers: list[str]) -> None:
    home = find_home()
    with open_store(home) as store:
        project = store.projects.list()[0]
        store.projects.update(project.id, draft=Layers(subject="owl"))
        store.positions.update(project.id, step=2)
    terminal = _Terminal(keepers)
    terminal.until(b"Untitled")
    terminal.send(b"\r")
    terminal.until(rb"2 Prompt\]")
    terminal.until(b"tokens")
    terminal.send(b"g")
    terminal.until(rb"step \d+/")  # a fast machine may never show the first
    terminal.send(b"2")
    terminal.until(rb"2 Prompt\]")
    times = []
    for number in range(PRESSES):
        while terminal.read(0.02):
            pass
        terminal.send(b"j" if number % 2 == 0 else b"k")
        begun = time.perf_counter()
        while not terminal.read(0.5) and time.perf_counter() - begun < 5:
            pass
        times.append(time.perf_counter() - begun)
    times.sort()
    p50, p99 = times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3
    print(f"key to repaint while drawing {p50:7.1f} ms median, {p99:.1f} ms at 99 %")
    print(f"interface memory             {resident_bytes(terminal.pid) / 2**20:7.1f} MiB")
    terminal.close()
