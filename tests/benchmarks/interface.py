"""First paint beside an empty Textual app, key press to repaint while a batch runs, memory."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.terminal import Terminal
from tui.domain.prompt import Layers
from tui.engine.hardware import resident_bytes
from tui.store.paths import find_home
from tui.store.store import open_store

ROUNDS = 5

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


def _first_paint(command: list[str]) -> float:
    terminal = Terminal(command)
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
    terminal = Terminal(keepers)
    terminal.until(b"Untitled")
    terminal.send(b"\r")
    terminal.until(rb"2 Prompt\]")
    terminal.until(b"tokens")
    terminal.send(b"g")
    terminal.until(rb"step \d+/")  # a fast machine may never show the first
    terminal.send(b"2")
    terminal.until(rb"2 Prompt\]")
    p50, p99 = terminal.answers((b"j", b"k"))
    print(f"key to repaint while drawing {p50:7.1f} ms median, {p99:.1f} ms at 99 %")
    print(f"interface memory             {resident_bytes(terminal.pid) / 2**20:7.1f} MiB")
    terminal.close()
