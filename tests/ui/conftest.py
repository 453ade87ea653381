"""The real app under Pilot, on a home of its own, with the real engine and the starter model."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tui.app import KeepersApp
from tui.engine.supervisor import stop_engine
from tui.store.paths import Home, find_home
from tui.store.settings import load_settings
from tui.store.store import open_store

OpenApp = Callable[..., AbstractAsyncContextManager[Pilot[None]]]
DEADLINE = 120.0
"""Seconds; a busy machine is slow, a hanging program is slower."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home shared by a module's tests, so that its engine and model stay warm."""
    root = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEEPERS_HOME", str(root))
        home = find_home()
        home.create()
        yield home
        asyncio.run(stop_engine(home))


@pytest.fixture
def open_app(home: Home) -> OpenApp:
    """`async with open_app() as pilot:` runs the app at 80 × 24 on the module's home."""

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
        with open_store(home) as store:
            app = KeepersApp(store, load_settings(home))
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                yield pilot

    return opened


async def until(pilot: Pilot[None], holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until something holds; fail after `DEADLINE` seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DEADLINE
    while True:
        found = holds()
        if (await found) if not isinstance(found, bool) else found:
            return
        assert loop.time() < end, "it did not come to hold in time"
        await pilot.pause(0.02)


def shown(pilot: Pilot[None]) -> str:
    """The screen as text, a line a row."""
    app = pilot.app
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.size)
    return "\n".join(strip.text[:width] for strip in lines[:height])


def png(folder: Path, name: str = "picture.png", size: tuple[int, int] = (128, 128)) -> Path:
    """A small picture on disk."""
    from PIL import Image

    path = folder / name
    Image.linear_gradient("L").resize(size).convert("RGB").save(path)
    return path
