"""A sweep whose interface and engine are killed ends with every cell exactly once."""

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter

import msgspec

from tui.domain.prompt import Layers
from tui.engine.discovery import read_info
from tui.engine.messages import Event
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.rounds import RoundKind
from tui.store.settings import load_settings
from tui.store.store import open_store
from tui.workflow.elements import rows
from tui.workflow.iterating import adopt
from tui.workflow.link import EngineLink
from tui.workflow.rounds import plan, send
from tui.workflow.sweep_draft import draft_of, typed
from tui.workflow.sweeps import cell_keys, run_sweep, view_of
from tui.workflow.workspace import Workspace

from .helpers import PROJECT, record_files, start_python, until

DIES_BEFORE_ITS_SECOND_ROUND = """
import asyncio, os, signal
from tui.store.paths import find_home
from tui.store.rounds import Rounds
from tui.store.settings import load_settings
from tui.store.store import open_store
from tui.workflow.link import EngineLink
from tui.workflow.sweeps import run_sweep
from tui.workflow.workspace import Workspace

first = Rounds.add
def add(*args, **fields):
    Rounds.add = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    return first(*args, **fields)
Rounds.add = add

async def main():
    home = find_home()
    workspace = Workspace(open_store(home), load_settings(home))
    link = EngineLink(home, on_event=lambda *_: None, on_change=lambda *_: None)
    running = asyncio.create_task(link.run())
    while link.trouble:
        await asyncio.sleep(0.02)
    await run_sweep(workspace, link, workspace.store.sweeps.list()[0])

asyncio.run(main())
"""


async def test_every_cell_is_there_exactly_once(home: Home) -> None:
    kill_at = random.Random(3).randint(2, 9)
    killed: list[int] = []
    count = 0

    def on_event(_event: Event, _blob: bytes) -> None:
        nonlocal count
        count += swept
        info = read_info(home)
        if info is not None and not killed and count >= kill_at:
            killed.append(info.pid)
            os.kill(info.pid, signal.SIGKILL)

    swept = False
    with open_store(home) as store:
        workspace = Workspace(store, load_settings(home))
        workspace.open(PROJECT)
        link = EngineLink(home, on_event=on_event, on_change=lambda *_: None)
        running = asyncio.create_task(link.run())
        await until(lambda: not link.trouble, "there is an engine")
        workspace.save_draft(Layers(subject="a cat"))
        workspace.save_options(msgspec.structs.replace(workspace.options, count=2, steps=2))
        await send(workspace, link, plan(workspace))
        await until(lambda: len(workspace.images()) == 2, "the parent is drawn")
        adopt(workspace, workspace.images()[0])
        row = next(row for row in rows(workspace) if row.where == "guidance")
        record = store.sweeps.put(PROJECT, typed(draft_of(workspace, row), "2, 6, 8", ""))

        interface = start_python(home, DIES_BEFORE_ITS_SECOND_ROUND)
        await until(lambda: interface.poll() is not None, "the interface died")
        assert (interface.returncode, *interface.communicate()) == (-signal.SIGKILL, "", "")
        queued = [column.job is not None for column in view_of(workspace, record).columns[1:]]
        assert queued == [True, True, False]

        swept = True
        await until(lambda: not link.trouble, "there is an engine still")
        assert await run_sweep(workspace, link, record) == 1
        await until(lambda: view_of(workspace, record).is_whole, "the sweep is whole")
        assert len(killed) == 1, "an engine died in its middle"

        view = view_of(workspace, record)
        images = workspace.images()
        keys = [key for column in cell_keys(record.sweep) for key in column]
        assert Counter(image.intent_key for image in images) == Counter(keys)
        assert {image.path for image in images} == record_files(home)
        assert {column.job.state for column in view.columns[1:] if column.job} == {JobState.DONE}
        rounds = [each for each in store.rounds.list(PROJECT) if each.kind is RoundKind.CHANGE]
        assert [str(each.changes[0]) for each in rounds] == [
            f"guidance: 4 → {value}" for value in record.sweep.values
        ]
        assert [each.job_id for each in rounds] == [c.job.id for c in view.columns[1:] if c.job]
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
