"""Step 1: every row, and that what is typed is kept."""

import os
import pty
import select
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.domain.strategies import BAD_INPUT
from tests.ui.conftest import OpenApp, shown, until
from tui.app import KeepersApp
from tui.domain.brief import Brief, Kind, Stakes
from tui.domain.text import LONGEST_LINE, clean
from tui.screens.brief import BriefScreen
from tui.store.errors import StoreError
from tui.store.paths import Home, find_home
from tui.store.store import open_store
from tui.widgets.field import Field
from tui.widgets.items_field import ItemsField


async def fresh_brief(pilot: Pilot[None]) -> BriefScreen:
    """A new project's brief, its first row typing."""
    app = pilot.app
    assert isinstance(app, KeepersApp)
    app.workspace.create()
    app.show_step("brief")
    await until(pilot, lambda: isinstance(app.screen, BriefScreen) and app.screen.is_mounted)
    screen = app.screen
    assert isinstance(screen, BriefScreen)
    await until(pilot, lambda: screen.query_one("#purpose", Field).typing)
    return screen


def stored(screen: BriefScreen) -> Brief:
    """What is on disk."""
    workspace = screen.workspace
    return workspace.store.projects.get(workspace.project.id).brief


async def test_the_whole_brief_by_keyboard(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        await pilot.press(*"jobs page", "tab", *"web", "tab", *"1200x630", "tab")
        await pilot.press("l", "j", "right", "j")
        await pilot.press("enter", *"a robot", "enter", *"room left", "enter", "escape", "j")
        await pilot.press("enter", *"weapons", "escape", "j", "j", "enter", *"flat", "escape")
        expected = Brief(
            purpose="jobs page",
            place="web",
            width=1200,
            height=630,
            kind=Kind.STYLISED,
            stakes=Stakes.PUBLIC,
            must_contain=("a robot", "room left"),
            must_avoid=("weapons",),
            style_context="flat",
        )
        await until(pilot, lambda: stored(screen) == expected)
        assert screen.workspace.project.name == "jobs page"
        text = shown(pilot)
        assert "1200 × 630" in text
        assert "Stylised pictures usually take 2–4 rounds" in text


async def test_keys_that_come_in_one_packet_have_their_effect_in_order(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        driver = pilot.app._driver
        assert driver is not None
        for key in (*"abx", "backspace", *"c", "tab", *"web", "escape", "j", "j", "j", "j", "enter",
                    *"one", "enter", *"two", "enter", *"three", "enter", "escape"):  # fmt: skip
            driver.send_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: stored(screen).must_contain == ("one", "two", "three"))
        assert (stored(screen).purpose, stored(screen).place) == ("abc", "web")


async def test_a_size_that_is_none_is_explained_and_the_last_one_kept(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        await pilot.press("tab", "tab", *"square", "escape")
        assert screen.query_one("#size", Field).value == "1080 × 1080"
        await pilot.press("enter", *" nonsense", "escape")
        assert "this is no size: write width × height" in shown(pilot)
        assert screen.query_one("#size", Field).value == "1080 × 1080 nonsense"
        assert screen.brief.width == 1080
        await pilot.press("enter", *("backspace",) * 30, "escape")
        await until(pilot, lambda: stored(screen).width == 0)
        assert "this is no size" not in shown(pilot)


async def test_items_are_taken_out_and_put_back(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        items = screen.query_one("#must_contain", ItemsField)
        items.rows[-1].focus()
        await pilot.press("enter", *"one", "enter", *"two", "enter", *"three", "escape", "k", "k")
        await pilot.press("x")
        await until(pilot, lambda: items.items == ("two", "three"))
        assert items.rows[0].has_focus
        await pilot.press("x")
        await until(pilot, lambda: stored(screen).must_contain == ("three",))
        await pilot.press("u", "u")
        await until(pilot, lambda: stored(screen).must_contain == ("one", "two", "three"))
        items.rows[-1].focus()
        await pilot.press("x")
        assert items.items == ("one", "two", "three")


async def test_an_emptied_item_goes(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        items = screen.query_one("#must_avoid", ItemsField)
        items.rows[-1].focus()
        await pilot.press("enter", *"a", "enter", *"b", "escape", "k")
        await pilot.press("enter", "backspace", "escape")
        await until(pilot, lambda: stored(screen).must_avoid == ("b",))
        await until(pilot, lambda: len(items.query(Field)) == 2)
        assert items.rows[0].has_focus


async def test_pasted_lines_are_joined_also_on_a_row_that_is_not_typed_in(
    open_app: OpenApp,
) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        await pilot.press("escape")
        pilot.app.post_message(events.Paste("a header\nfor the\r\njobs page"))
        await until(pilot, lambda: stored(screen).purpose == "a header for the jobs page")


async def test_a_disk_that_refuses_is_said_and_tried_again(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        projects = screen.workspace.store.projects
        with monkeypatch.context() as patch:

            def full(*_args: object, **_fields: object) -> None:
                raise StoreError("the disk is full: free some space there and try again")

            patch.setattr(type(projects), "update", full)
            await pilot.press(*"robot")
            await until(pilot, lambda: "the disk is full" in shown(pilot))
            # Other screens see what was typed although the disk does not have it.
            await pilot.press("escape", "P")
            assert screen.workspace.unsaved
            assert screen.workspace.project.brief.purpose == "robot"
            pilot.app.action_step(1)  # type: ignore[attr-defined]
            await until(pilot, lambda: "robot" in shown(pilot))
        again = pilot.app.screen
        assert isinstance(again, BriefScreen)
        await pilot.press("j", "enter", "x")
        await until(pilot, lambda: stored(again) == Brief(purpose="robot", place="x"))
        assert not again.workspace.unsaved


async def test_related_keepers_and_the_next_step(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        screen._show_around((2, 3), 4)
        assert "Yours took 2, 3." in screen.coach()
        assert "Library: 4 keepers look related, L opens." in screen.coach()
        await pilot.press("escape", "greater_than_sign")
        await until(pilot, lambda: getattr(pilot.app.screen, "PLACE", "") == "prompt")


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_bad_input_in_every_row_neither_crashes_nor_drives_the_terminal(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    async with open_app(size) as pilot:
        screen = await fresh_brief(pilot)
        for text in [*BAD_INPUT.values(), "x" * LONGEST_LINE * 2]:
            for name in ("purpose", "place", "size", "style_context"):
                field = screen.query_one(f"#{name}", Field)
                field.start_typing()
                await pilot.pause()
                pilot.app.post_message(events.Paste(text))
                await pilot.press("escape")
                lines = shown(pilot)
                assert not any(sign in lines for sign in "\x1b\x9b\x07\x00\u202e\ud800")
                if name != "size":
                    assert getattr(screen.brief, name) == clean(text)
                field.value = ""
        await until(pilot, lambda: not screen.workspace.unsaved)


@pytest.mark.parametrize("text", BAD_INPUT.values(), ids=BAD_INPUT)
async def test_bad_input_in_the_lists_is_kept_clean(open_app: OpenApp, text: str) -> None:
    async with open_app() as pilot:
        screen = await fresh_brief(pilot)
        row = screen.query_one("#must_contain", ItemsField).rows[-1]
        row.start_typing()
        await pilot.pause()
        pilot.app.post_message(events.Paste(text))
        for character in text[:40]:
            pilot.app.post_message(events.Key(character, character))
        await pilot.press("escape")
        assert not any(sign in shown(pilot) for sign in "\x1b\x9b\x07\x00\u202e\ud800")
        await until(pilot, lambda: not screen.workspace.unsaved)
        assert all(item == clean(item) for item in stored(screen).must_contain)


def test_what_was_typed_is_on_disk_after_kill_9(tmp_path: Path) -> None:
    """The real program in a terminal: bytes in, half a second, no goodbye."""
    home = find_home({"KEEPERS_HOME": str(tmp_path)})
    # This terminal answers no questions: nobody is to wait for it.
    silent = {"TERM": "xterm-256color", "KEEPERS_IMAGES": "blocks"}
    environment = {**os.environ, "KEEPERS_HOME": str(tmp_path), **silent}
    controller, terminal = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "tui"],
        stdin=terminal, stdout=terminal, stderr=terminal,
        env=environment, start_new_session=True, cwd=tmp_path,
    )  # fmt: skip
    os.close(terminal)
    try:
        screen = Screen(controller)
        screen.read_until(b"What is it for", 60)
        typed = "header of our jobs page"
        os.write(controller, typed.encode())
        screen.read_until(b"page", 30)
        echoed = time.monotonic()
        while _purpose(home) != typed:
            assert time.monotonic() - echoed < 5, "nothing of it is on disk"
            screen.read_for(0.02)
        program.kill()
    finally:
        program.kill()
        program.wait()
        os.close(controller)
        _stop(environment)
    with open_store(home) as store:
        assert [project.brief.purpose for project in store.projects.list()] == [typed]


class Screen:
    """The other end of a terminal: what the program paints has to be taken, or it blocks."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._seen = descriptor, b""

    def read_for(self, seconds: float) -> None:
        if select.select([self._descriptor], [], [], seconds)[0]:
            self._seen += os.read(self._descriptor, 1 << 16)

    def read_until(self, words: bytes, seconds: float) -> None:
        end = time.monotonic() + seconds
        while words not in self._seen:
            assert time.monotonic() < end, f"{words!r} was not painted: {self._seen[-2000:]!r}"
            self.read_for(0.1)


def _purpose(home: Home) -> str:
    with sqlite3.connect(f"file:{home.database}?mode=ro", uri=True) as connection:
        row = connection.execute("SELECT json_extract(brief, '$.purpose') FROM projects").fetchone()
    connection.close()
    return str(row[0]) if row else ""


def _stop(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tui", "engine", "stop"]
    subprocess.run(command, env=environment, check=False, capture_output=True, timeout=60)
