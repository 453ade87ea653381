"""The tour on the real program: it arrives, and it lets go."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from tests.ui.conftest import shown, until
from tui.commands import STEPS
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import open_store
from tui.tour import TourApp
from tui.workflow.options import Options
from tui.workflow.tour import STOPS, Stop, typed

QUICK = Options(count=2, steps=2)


@asynccontextmanager
async def touring(
    home: Home, stops: Sequence[Stop] = STOPS
) -> AsyncIterator[tuple[TourApp, Pilot[None]]]:
    with open_store(home) as store:
        for project in store.projects.list():
            store.projects.trash(project.id)
        app = TourApp(store, Settings(), stops=stops, options=QUICK, pace=0)
        async with app.run_test(size=(80, 24)) as pilot:
            yield app, pilot


async def test_it_plays_all_seven_steps(home: Home) -> None:
    async with touring(home) as (app, pilot):
        await until(pilot, lambda: not app.playing)
        assert tuple(app.visited) == STEPS
        await until(pilot, lambda: "That was the way once round." in shown(pilot))
        brief, draft = app.workspace.project.brief, app.workspace.project.draft
        assert brief.purpose == "Header of our jobs page"
        assert brief.must_contain == ("a friendly robot", "an orange background")
        assert "3d render" in draft.prompt
        await until(pilot, lambda: app.workspace.store.library.count() == 1)
        origins = {image.origin.value for image in app.workspace.images()}
        assert {"generated", "iterated", "inpainted"} <= origins


async def test_any_key_hands_it_over_and_does_nothing_else(home: Home) -> None:
    stops = (Stop("brief", "slow", typed("abc" * 500), reading=0),)
    async with touring(home, stops) as (app, pilot):
        await until(pilot, lambda: "abcabc" in app.workspace.project.brief.purpose)
        await pilot.press("x")
        assert not app.playing
        await until(pilot, lambda: "It is yours from here" in shown(pilot))
        typed_so_far = app.workspace.project.brief.purpose
        assert "x" not in typed_so_far
        await pilot.press("y")
        await until(pilot, lambda: app.workspace.project.brief.purpose == typed_so_far + "y")


async def test_a_screen_that_does_not_come_is_left_out(home: Home) -> None:
    stops = (
        Stop("check", "not reached", ("space",), reading=0),
        Stop("brief", "reached", ("Z", "nonsense"), reading=0),
    )
    async with touring(home, stops) as (app, pilot):
        app.patience = 0.1
        await until(pilot, lambda: not app.playing)
        assert app.visited == ["brief"]


def test_the_command_leaves_nothing_behind(tmp_path: Path) -> None:
    # This terminal answers no questions: nobody is to wait for it.
    silent = {"TERM": "xterm-256color", "KEEPERS_IMAGES": "blocks"}
    environment = {**os.environ, **silent, "TMPDIR": str(tmp_path)}
    controller, terminal = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "tui", "tour"],
        stdin=terminal, stdout=terminal, stderr=terminal,
        env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    try:
        painted = _read_until(controller, b"Any key", b"")
        assert list(tmp_path.glob("keepers-tour-*"))
        os.write(controller, b"z")
        painted = _read_until(controller, b"It is yours", painted)
        os.write(controller, b"\x03")
        painted = _read_until(controller, b"Leave Keepers?", painted)
        os.write(controller, b"y")
        end = time.monotonic() + 60
        while program.poll() is None and time.monotonic() < end:
            _read(controller)
        assert program.poll() == 0
    finally:
        program.kill()
        program.wait()
        os.close(controller)
    assert not list(tmp_path.glob("keepers-tour-*"))


def test_without_a_terminal_it_says_so() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tui", "tour"],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    assert "the tour needs a terminal" in result.stderr


def _read(descriptor: int) -> bytes:
    if not select.select([descriptor], [], [], 0.1)[0]:
        return b""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        # The program has closed its end.
        return b""


def _read_until(descriptor: int, words: bytes, seen: bytes) -> bytes:
    end = time.monotonic() + 60
    while words not in seen:
        assert time.monotonic() < end, f"{words!r} was not painted: {seen[-2000:]!r}"
        seen += _read(descriptor)
    return seen
