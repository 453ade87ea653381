import asyncio

from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.store import open_store

from .helpers import assert_kept, request, run, start_python

WRITER = """
import sys
from pathlib import Path
from tui.domain.prompt import Layers
from tui.store.paths import find_home
from tui.store.store import open_store
home, count = find_home(), 0
with open_store(home) as store:
    while not (home.cache / "stop").exists():
        project = store.projects.add(f"written beside {count}")
        store.projects.update(project.id, draft=Layers(subject=f"draft {count}"))
        count += 1
        if count == 3:
            print("writing")
print(count)
"""


async def test_two_processes_write_and_nothing_is_lost(warm: Home) -> None:
    stop = warm.cache / "stop"
    stop.unlink(missing_ok=True)
    writer = start_python(warm, WRITER)
    assert writer.stdout is not None
    assert await asyncio.to_thread(writer.stdout.readline) == "writing\n"
    try:
        view, _ = await run(warm, request(*range(601, 609), batch_size=2, again=True))
    finally:
        stop.touch()
    out, err = await asyncio.to_thread(writer.communicate)
    assert (writer.returncode, err) == (0, "")
    assert view.state is JobState.DONE, view.error
    assert_kept(warm, view, tuple(range(601, 609)))
    with open_store(warm) as store:
        drafts = {p.name: p.draft.subject for p in store.projects.list() if "beside" in p.name}
    assert drafts == {f"written beside {n}": f"draft {n}" for n in range(int(out))}
    assert "locked" not in warm.engine_log.read_text()
    assert "busy" not in warm.engine_log.read_text()
