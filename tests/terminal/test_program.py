"""The whole program in a terminal with kitty's graphics: found out, shown, and taken away."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.terminal.outer import OuterTerminal
from tests.terminal.test_kitty import is_sent
from tests.ui.drawn import put
from tui.engine.supervisor import stop_engine
from tui.store.paths import find_home
from tui.store.settings import load_settings
from tui.store.store import open_store
from tui.workflow.workspace import Workspace


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the one picture of a home."""
    monkeypatch.setenv("KEEPERS_HOME", str(tmp_path))
    home = find_home()
    home.create()
    with open_store(home) as store:
        workspace = Workspace(store, load_settings(home))
        workspace.create("A slope")
        image = put(workspace, size=(200, 100))
        workspace.choose(image.id)
        return workspace.file(image)


def test_the_picture_of_a_project_is_shown_and_taken_away(picture: Path, tmp_path: Path) -> None:
    command, env = [sys.executable, "-m", "tui"], {"KEEPERS_HOME": str(tmp_path)}
    try:
        with OuterTerminal(command, size=(160, 48), env=env) as terminal:
            terminal.until(lambda: terminal.uploads() and terminal.placed(), "no picture")
            (sent,) = terminal.uploads()
            assert is_sent(sent, picture)
            before = terminal.press(b"?")
            terminal.until(
                lambda: "Draw the screen and its pictures again" in terminal.text(before)
            )
            # The connection breaks: also then nothing is left in the terminal's memory.
            os.kill(terminal.pid, signal.SIGTERM)
            terminal.ended()
            assert terminal.deleted() == {sent.number}
            assert terminal.uploads(before) == []
    finally:
        asyncio.run(stop_engine(find_home()))


def test_the_option_is_followed_without_a_question(picture: Path, tmp_path: Path) -> None:
    command, env = [sys.executable, "-m", "tui", "--images=blocks"], {"KEEPERS_HOME": str(tmp_path)}
    try:
        with OuterTerminal(command, size=(160, 48), env=env) as terminal:
            terminal.until(lambda: "▀" in terminal.text(), "no blocks")
            assert terminal.commands() == []
            assert b"\x1b[5n" not in terminal.queries
    finally:
        asyncio.run(stop_engine(find_home()))
