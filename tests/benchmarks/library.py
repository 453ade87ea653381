"""The library with 1,000, 10,000 and 100,000 entries: search as one types, and the screen.

The goals: 95 % of searches under 30 ms with 100,000 entries, and the screen open in 200 ms.
"""

import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

from textual.pilot import Pilot

from tui.app import KeepersApp
from tui.domain.brief import Brief, Kind
from tui.domain.prompt import Layers
from tui.screens.library import MOST_SHOWN, LibraryScreen
from tui.store.ids import new_id
from tui.store.library_entry import LibraryEntry
from tui.store.paths import find_home
from tui.store.settings import Settings
from tui.store.store import Store, open_store
from tui.widgets.entry_list import EntryList

SIZES = (1_000, 10_000, 100_000)
TYPED = ("robot wa", "owl 3d render", "header for the jobs page", "teal background", "se")
"""Each is typed letter by letter."""
_VOCABULARY = Path(__file__).parents[2] / "tui" / "starter" / "vocabulary.json"
_PURPOSES = ("header of our jobs page", "sticker", "slide about sales", "poster", "icon for setup")


def run() -> None:
    """Print milliseconds."""
    words = json.loads(_VOCABULARY.read_text(encoding="utf-8"))
    subjects = [entry["subject"] for entry in words["subjects"]]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = folder
        with open_store(find_home()) as store:
            for size in SIZES:
                _fill(store, size, subjects, random.Random(size))
                _search(store, size)
            asyncio.run(_open(store))


def _fill(store: Store, size: int, subjects: list[str], chance: random.Random) -> None:
    with store.database.transaction():
        for number in range(store.library.count(), size):
            # Some subjects are far more common than others, as in any library.
            subject = subjects[int(len(subjects) * chance.random() ** 3)]
            other = chance.choice(subjects)
            colour = chance.choice(("teal", "red", "navy", "white", "orange"))
            store.library.put(
                LibraryEntry(
                    id=new_id(),
                    image_id=new_id(),
                    project_id=None,
                    name=f"{subject.title()}, {colour} {number}",
                    purpose=chance.choice(_PURPOSES),
                    worked=f"the {other} left room for words on the right",
                    tags=(subject.split()[0], chance.choice(("header", "sticker", "warm"))),
                    brief=Brief(kind=chance.choice(list(Kind))),
                    layers=Layers(
                        subject=subject,
                        style=chance.choice(("3d render", "flat illustration", "ink drawing")),
                        composition=chance.choice(("centered", "on the right", "close-up")),
                        detail=f"{colour} background",
                    ),
                    options="",
                    model=chance.choice(("starter", "stabilityai/sdxl-turbo")),
                    kind=Kind.SIMPLE,
                    path="",
                    sha256="",
                    width=0,
                    height=0,
                    created=1.7e9 + number,
                    used_count=int(chance.paretovariate(1.2)) - 1,
                )
            )


def _search(store: Store, size: int) -> None:
    times: list[tuple[float, str]] = []
    for text in TYPED:
        for length in range(1, len(text) + 1):
            begun = time.perf_counter()
            store.library.search(text[:length], MOST_SHOWN)
            times.append(((time.perf_counter() - begun) * 1000, text[:length]))
    only = sorted(taken for taken, _ in times)
    slowest = max(times)
    print(
        f"search as typed, {size:7,} entries: median {statistics.median(only):6.1f} ms, "
        f"95 % {only[int(len(only) * 0.95)]:6.1f} ms, slowest {slowest[0]:.1f} ms “{slowest[1]}”"
    )


async def _open(store: Store) -> None:
    app = KeepersApp(store, Settings())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            app.push_screen(LibraryScreen())
            await _listed(pilot)
            times.append((time.perf_counter() - begun) * 1000)
            app.pop_screen()
            await pilot.pause()
    print(f"library screen opens, {SIZES[-1]:,} entries: {statistics.median(times):.0f} ms")


async def _listed(pilot: Pilot[None]) -> None:
    while True:
        screen = pilot.app.screen
        if any(each.option_count for each in screen.query(EntryList)):
            return
        await asyncio.sleep(0)
