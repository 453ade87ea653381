"""A tree of 5,000 images and a log of 5,000 rounds: open, move, search; beside Textual's lists."""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial

from PIL import Image
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import OptionList, Tree

from tui.app import KeepersApp
from tui.domain.change import Element
from tui.screens import walking
from tui.screens.learned import LearnedScreen
from tui.screens.lineage import LineageScreen
from tui.store.paths import find_home
from tui.store.settings import Settings
from tui.store.store import Store, open_store
from tui.widgets.field import Field
from tui.widgets.line_list import LineList
from tui.workflow.lineage_tree import tree_of

ROUNDS, EACH, MOVES = 1_250, 4, 60


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = folder
        with open_store(find_home()) as store:
            few, project_id = fill(store, 3, EACH, "f"), fill(store, ROUNDS, EACH)
            other = store.projects.add("Others").id
            add_verdicts(store, other, 5_000)
            asyncio.run(_measure(store, few, project_id))
    asyncio.run(_textual_s_own())


def fill(store: Store, rounds: int, each: int, name: str = "") -> str:
    """A project with that many rounds of that many images; each goes on from one before."""
    project = store.projects.add("Many")
    path = store.projects.folder(project) / "one.png"
    Image.new("RGB", (128, 128), (90, 60, 30)).save(path)
    relative = path.relative_to(store.home.data).as_posix()
    change = '[{"where":"style","before":"flat","after":"oil"}]'
    with store.database.transaction() as connection:
        for n in range(rounds):
            # Every seventh round branches off far back.
            before = n - 1 if n % 7 else n // 2
            parent = None if n == 0 else f"{name}i{before}x{n % each}"
            connection.execute(
                "INSERT INTO rounds (id, project_id, job_id, parent_image_id, kind, changes, "
                "created) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    f"{name}r{n}",
                    project.id,
                    f"{name}j{n}",
                    parent,
                    "change" if n else "first",
                    change,
                    n,
                ),
            )
            connection.executemany(
                "INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, '', '', '', '', '', '', ?, ?, 128, "
                "128, 0, ?)",
                [
                    (
                        f"{name}i{n}x{slot}",
                        project.id,
                        f"{name}j{n}",
                        parent,
                        "iterated" if n else "generated",
                        relative,
                        slot,
                        slot,
                        n + slot / each,
                    )
                    for slot in range(each)
                ],
            )
    store.positions.update(project.id, parent_id=f"{name}i{rounds - 1}x0", step=4)
    return project.id


def add_verdicts(store: Store, project_id: str, count: int) -> None:
    """That many judged changes, of some hundreds of phrases."""
    job = store.jobs.add(project_id, '{"intent": {"model": "starter"}}')
    with store.database.transaction():
        for n in range(count):
            change = Element(("style", "composition", "detail")[n % 3], "", f"phrase {n % 400}")
            made = store.rounds.add(project_id, job.id, "change", changes=(change,))
            verdict = ("better", "same", "worse")[n % 4 % 3]
            store.rounds.update(made.id, verdict=verdict, learned=f"more depth {n}")


async def _measure(store: Store, few: str, project_id: str) -> None:
    app = KeepersApp(store, Settings())
    async with app.run_test(size=(160, 48)) as pilot:
        app.workspace.open(project_id)
        begun = time.perf_counter()
        seen = tree_of(app.workspace).lines()
        print(f"tree read and laid out       {(time.perf_counter() - begun) * 1e3:7.1f} ms")
        await _until(pilot, lambda: not app.link.trouble)
        app.open_project(few)
        await pilot.press("T")
        await _until(pilot, lambda: _count(app, LineageScreen) > 0)
        walking._REST = 60.0
        await _moves(pilot, "kj", "lineage, 12 images, a move")
        app.open_project(project_id)
        for _ in range(20):
            await pilot.pause(0.05)
        begun = time.perf_counter()
        await pilot.press("T")
        await _until(pilot, lambda: _count(app, LineageScreen) > 0)
        print(f"lineage, 5,000 images, open  {(time.perf_counter() - begun) * 1e3:7.1f} ms")
        screen = app.screen
        assert isinstance(screen, LineageScreen)
        screen._folded.clear()
        begun = time.perf_counter()
        screen._show("")
        await pilot.pause()
        print(f"  all {len(seen)} lines unfolded    {(time.perf_counter() - begun) * 1e3:7.1f} ms")
        await _moves(pilot, "k", "  a move")
        walking._REST = 0.06
        await _moves(pilot, "k", "  a move, with its picture")
        lines = screen.query_one(LineList)
        begun = time.perf_counter()
        for _ in range(1_000):
            lines.move(-1)
            lines.render_line(0)
        print(f"  of it in the list          {(time.perf_counter() - begun):7.3f} ms")
        begun = time.perf_counter()
        await pilot.press("H")
        await _until(pilot, lambda: _count(app, LearnedScreen) > 0)
        print(f"learned, 5,000 rounds, open  {(time.perf_counter() - begun) * 1e3:7.1f} ms")
        found = app.screen
        assert isinstance(found, LearnedScreen)
        times = []
        for words in ("p", "phrase", "phrase 12", "composition depth", "worse phrase 3"):
            before, begun = found._rows, time.perf_counter()
            found.query_one("#search", Field).value = words
            found._find(words)
            await _until(pilot, partial(_is_other, found, before))
            times.append((time.perf_counter() - begun) * 1e3)
        print(f"  a search                   {statistics.median(times):7.1f} ms, {max(times):.1f}")
        await _moves(pilot, "j", "  a move")


async def _moves(pilot: Pilot[None], key: str, name: str) -> None:
    times = []
    keys = key if len(key) == 2 else [key]
    for n in range(MOVES):
        begun = time.perf_counter()
        await pilot.press(keys[n % len(keys)])
        times.append((time.perf_counter() - begun) * 1e3)
    print(f"{name:29}{statistics.median(times):7.1f} ms, {max(times):.1f} at most")


async def _textual_s_own() -> None:
    class Options(App[None]):
        def compose(self) -> ComposeResult:
            yield OptionList()

    class Nodes(App[None]):
        def compose(self) -> ComposeResult:
            yield Tree("all")

    app: App[None]
    for app, kind in ((Options(), OptionList), (Nodes(), Tree)):
        async with app.run_test(size=(80, 48)) as pilot:
            widget = app.query_one(kind)
            widget.focus()
            begun = time.perf_counter()
            if isinstance(widget, OptionList):
                widget.add_options(f"{n} seed {n}" for n in range(6_250))
            elif isinstance(widget, Tree):
                for n in range(ROUNDS):
                    node = widget.root.add(f"round {n}", expand=True)
                    for slot in range(EACH):
                        node.add_leaf(f"{n}.{slot} seed {slot}")
                widget.root.expand()
            await pilot.pause()
            spent = (time.perf_counter() - begun) * 1e3
            print(f"Textual's {kind.__name__:10} filled  {spent:7.1f} ms")
            await _moves(pilot, "down", "  a move")


def _is_other(screen: LearnedScreen, before: object) -> bool:
    return screen._rows is not before


def _count(app: KeepersApp, kind: type) -> int:
    if not isinstance(app.screen, kind) or not app.screen.query(LineList):
        return 0
    return app.screen.query_one(LineList)._count


async def _until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < end, "it did not come to hold in time"
        await pilot.pause(0.005)
