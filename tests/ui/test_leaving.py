"""Signals and a closed terminal end the program cleanly; a batch goes on without it."""

import os
import pty
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.ui.conftest import DEADLINE, OpenApp, shown, until
from tests.ui.drawn import LAYERS, app_of
from tui.store.paths import Home
from tui.store.sidecar import FILE_NAME, read_sidecar
from tui.store.store import open_store
from tui.workflow.options import Options
from tui.workflow.rounds import plan, send

KEEPERS = str(Path(sys.executable).parent / "keepers")
LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"


class Program:
    """The program on a terminal of its own."""

    def __init__(self) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # This terminal answers no questions: nobody is to wait for it.
            os.environ |= {"TERM": "xterm-256color", "KEEPERS_IMAGES": "blocks"}
            os.execv(KEEPERS, [KEEPERS])
        self.seen = bytearray()

    def until(self, text: bytes) -> None:
        end = time.monotonic() + DEADLINE
        while text not in self.seen:
            assert time.monotonic() < end, bytes(self.seen[-2000:])
            self._read()

    def code(self) -> int:
        """Its exit code, once it has ended."""
        end = time.monotonic() + DEADLINE
        while True:
            self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, "it does not end"

    def _read(self) -> None:
        if self.fd >= 0 and select.select([self.fd], [], [], 0.05)[0]:
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                return

    def hang_up(self) -> None:
        os.close(self.fd)
        self.fd = -1


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_puts_the_terminal_back_in_order(home: Home, number: signal.Signals) -> None:
    program = Program()
    program.until(b"Keepers")
    program.until(b"commanding" if _has_projects(home) else b"typing")
    os.kill(program.pid, number)
    assert program.code() == 0
    assert LEFT_ALTERNATE_SCREEN in program.seen
    program.hang_up()
    with open_store(home) as store:
        for project in store.projects.list():
            said = read_sidecar(store.projects.folder(project) / FILE_NAME)
            assert said.position == store.positions.get(project.id)


def test_a_closed_terminal_ends_it(home: Home) -> None:
    program = Program()
    program.until(b"commanding" if _has_projects(home) else b"typing")
    program.hang_up()
    assert program.code() in (0, 1)


async def test_a_batch_goes_on_without_the_interface(open_app: OpenApp, home: Home) -> None:
    async with open_app() as pilot:
        workspace, link = app_of(pilot).workspace, app_of(pilot).link
        workspace.create("Left alone")
        workspace.save_draft(LAYERS)
        workspace.save_options(Options(count=2, steps=3))
        await until(pilot, lambda: not link.trouble)
        await send(workspace, link, plan(workspace))
        workspace.go(3)
        project = workspace.project.id
    with open_store(home) as store:
        end = time.monotonic() + DEADLINE
        while len(store.images.list(project)) < 2:
            assert time.monotonic() < end, "the engine gave up"
    async with open_app() as pilot:
        app_of(pilot).open_project(project)
        await until(pilot, lambda: "Mark the closest" in shown(pilot))
        assert "2" in shown(pilot)


def _has_projects(home: Home) -> bool:
    with open_store(home) as store:
        return bool(store.projects.list())
