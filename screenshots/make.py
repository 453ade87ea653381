"""Drives the real app on the starter model and keeps a picture of every screen.

Run `python screenshots/make.py` from the root. It works in a throw-away home, at 80 × 24 and
160 × 48, and replaces the SVG files beside it; those named `sharp` show the pictures as a terminal
with graphics does, the others in blocks. It takes a minute or two.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

from screenshots.sharp import with_pictures  # noqa: E402 - the folder above comes first
from tests.ui.conftest import shown, until  # noqa: E402
from tui.app import KeepersApp  # noqa: E402
from tui.engine.supervisor import stop_engine  # noqa: E402
from tui.store.paths import Home, find_home  # noqa: E402
from tui.store.settings import load_settings  # noqa: E402
from tui.store.store import open_store  # noqa: E402
from tui.terminal.choosing import Choice  # noqa: E402

SIZES = ((80, 24), (160, 48))
SHARP = (110, 32)
"""Of the screenshots with pictures as a terminal with graphics shows them."""
SHARP_STEPS = ("batch", "iterate", "edit")
STEPS = ("brief", "prompt", "batch", "iterate", "edit", "check", "save")

MAKING: tuple[tuple[str | tuple[str, ...], str], ...] = (
    ("Robot for the jobs page", "Robot for the jobs page"),
    (("tab",), "typing"),
    ("web page, beside white text", "white text"),
    (("tab",), "typing"),
    ("1200 x 630", "1200"),
    (("escape", "j", "l", "j", "l"), "public"),
    (("j", "enter"), "typing"),
    ("a friendly robot", "a friendly robot"),
    (("escape", "ctrl+n"), "[2 Prompt]"),
    (("enter",), "typing"),
    ("robot", "robot"),
    (("tab",), "typing"),
    ("flat illustration", "flat illustration"),
    (("tab",), "typing"),
    ("centered", "centered"),
    (("tab",), "typing"),
    ("orange background, warm light", "of 38 tokens"),
    (("escape", "g"), "Mark the closest"),
    (("l", "space"), "closest"),
    (("greater_than_sign",), "Parent, seed 8"),
    (("j", "j", "enter"), "Change the style"),
    (("ctrl+u",), "Change the style"),
    ("black and white icon", "black and white icon"),
    (("enter",), "Will change"),
    (("g",), "Compare with b"),
    (("plus",), "[+ better]"),
    (("greater_than_sign",), "[5 Edit]"),
)
"""What is pressed or typed, and what is on the screen then."""

BACK = (
    ("6", "[6 Check]"),
    (("space",), "signed off 1"),
    ("7", "[7 Save]"),
    ("K", "In the library"),
)


async def main() -> None:
    """Make a project by keyboard, then look at all its screens at both sizes."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = folder
        home = find_home()
        home.create()
        try:
            async with _app(home, SIZES[0]) as pilot:
                for keys, then in MAKING + BACK:
                    await _press(pilot, keys)
                    await _until_shown(pilot, then)
            for size in SIZES:
                async with _app(home, size) as pilot:
                    await _take_all(pilot, f"{size[0]}x{size[1]}")
            async with _app(home, SHARP, Choice("none")) as pilot:
                await _take_sharp(pilot)
        finally:
            await stop_engine(home)


async def _take_all(pilot: Pilot[None], suffix: str) -> None:
    await _until_shown(pilot, "Robot for the jobs page")
    # What it takes on the disk is counted last.
    await _until_shown(pilot, " kB")
    await _settled(pilot)
    _take(pilot, f"home-{suffix}")
    await pilot.press("enter")
    for number, step in enumerate(STEPS, 1):
        await pilot.press(str(number))
        await _until_shown(pilot, f"[{number} {step.capitalize()}]")
        await _settled(pilot)
        _take(pilot, f"{number}-{step}-{suffix}")
        if step == "batch":
            await pilot.press("t")
            await _until_shown(pilot, "Question 1")
            await _settled(pilot)
            _take(pilot, f"tournament-{suffix}")
            await pilot.press("q")
    await pilot.press("L")
    await _until_shown(pilot, "1 of 1")
    await _settled(pilot)
    _take(pilot, f"library-{suffix}")
    for key, place, then in (
        ("T", "lineage", "1 first"),
        ("H", "learned", "1 verdict"),
        ("M", "models", "built in"),
    ):
        await pilot.press("q", key)
        await _until_shown(pilot, then)
        await _settled(pilot)
        _take(pilot, f"{place}-{suffix}")


async def _take_sharp(pilot: Pilot[None]) -> None:
    await _until_shown(pilot, "Robot for the jobs page")
    await pilot.press("enter")
    for step in SHARP_STEPS:
        number = STEPS.index(step) + 1
        await pilot.press(str(number))
        await _until_shown(pilot, f"[{number} {step.capitalize()}]")
        await _settled(pilot)
        svg = with_pictures(pilot.app.export_screenshot(), pilot.app)
        (FOLDER / f"{number}-{step}-sharp.svg").write_text(svg, encoding="utf-8")


class _app:  # noqa: N801 - reads as a call
    def __init__(self, home: Home, size: tuple[int, int], choice: Choice | None = None) -> None:
        self._store = open_store(home)
        self._app = KeepersApp(self._store, load_settings(home), choice)
        self._running = self._app.run_test(size=size)

    async def __aenter__(self) -> Pilot[None]:
        return await self._running.__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await self._running.__aexit__(*error)  # type: ignore[arg-type]
        self._store.close()


async def _press(pilot: Pilot[None], keys: str | tuple[str, ...]) -> None:
    if isinstance(keys, tuple) or len(keys) == 1:
        await pilot.press(*keys)
    else:
        await pilot.press(*("space" if letter == " " else letter for letter in keys))


async def _until_shown(pilot: Pilot[None], text: str) -> None:
    try:
        await until(pilot, lambda: text in shown(pilot))
    except AssertionError:
        sys.exit(f"“{text}” did not appear:\n{shown(pilot)}")


async def _settled(pilot: Pilot[None]) -> None:
    """Until nothing works in the background and two looks at the screen agree."""
    last = ""

    def same() -> bool:
        nonlocal last
        before, last = last, shown(pilot)
        busy = any(w.is_running and w.group != "default" for w in pilot.app.workers)
        return before == last and not busy and "measuring" not in last

    await until(pilot, same)


def _take(pilot: Pilot[None], name: str) -> None:
    pilot.app.save_screenshot(filename=f"{name}.svg", path=str(FOLDER))


if __name__ == "__main__":
    asyncio.run(main())
