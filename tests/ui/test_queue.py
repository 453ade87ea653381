"""The queue screen: every job of every project, live, and what can be done with it."""

import pytest
from textual.pilot import Pilot

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of
from tui.domain.prompt import Layers
from tui.engine.client import Client
from tui.engine.messages import Cancel, Done
from tui.engine.queue_messages import PauseQueue, QueuedJob
from tui.engine.supervisor import connect
from tui.screens.batch import BatchScreen
from tui.screens.queue import QueueScreen
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.workflow.options import Options
from tui.workflow.rounds import plan, send


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def asked(pilot: Pilot[None], name: str, *, steps: int = 2, count: int = 2) -> str:
    """A new project with one batch in the queue; the job's id."""
    app = app_of(pilot)
    app.workspace.create(name)
    app.workspace.save_draft(Layers(subject=f"a {name.lower()}"))
    app.workspace.save_options(Options(count=count, steps=steps))
    await until(pilot, lambda: not app.link.trouble)
    return (await send(app.workspace, app.link, plan(app.workspace))).id


def screen(pilot: Pilot[None]) -> QueueScreen:
    assert isinstance(pilot.app.screen, QueueScreen)
    return pilot.app.screen


def row(pilot: Pilot[None], words: str) -> str:
    """The first line below the rail with these words; empty where there is none."""
    return next((line for line in shown(pilot).splitlines()[2:] if words in line), "")


def states(pilot: Pilot[None]) -> list[tuple[str, JobState]]:
    return [(job.id, job.state) for job in screen(pilot)._rows if isinstance(job, QueuedJob)]


async def test_an_empty_queue_says_what_will_stand_there(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await press(pilot, "escape", "Q")
        await until(pilot, lambda: "Nothing runs or waits" in shown(pilot))
        await press(pilot, "x", "F", "R", "U", "D", "j", "k", "enter")
        assert "press g in step 2" in shown(pilot)
        await press(pilot, "Q", "q")
        assert not isinstance(pilot.app.screen, QueueScreen)


async def test_order_cancel_put_back_and_the_way_to_a_batch(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        runs = await asked(pilot, "Lighthouse", steps=900)
        ids = [await asked(pilot, name) for name in ("Owl", "Fox")]
        await press(pilot, "Q")
        await until(pilot, lambda: "░" in row(pilot, "a lighthouse"))
        assert row(pilot, "a lighthouse").lstrip().startswith("▶")
        assert "0/2" in row(pilot, "a lighthouse")
        assert row(pilot, " Owl ").lstrip().startswith("1")
        assert "waits" in row(pilot, " Fox ")
        assert "stop after this image" in shown(pilot)

        await press(pilot, "j", "D")
        await until(pilot, lambda: states(pilot)[1][0] == ids[1])
        assert row(pilot, " Fox ").lstrip().startswith("1")
        # The cursor went along with what was moved.
        assert "2 of 2 that wait" in shown(pilot)
        assert [job.id for job in app.workspace.store.jobs.list({JobState.QUEUED})] == ids[::-1]
        await press(pilot, "U")
        await until(pilot, lambda: states(pilot)[1][0] == ids[0])

        await press(pilot, "x")
        await until(pilot, lambda: (ids[0], JobState.CANCELLED) in states(pilot))
        assert "–" in row(pilot, " Owl ")
        # It stays among what waits; the lighthouse runs on, and the status line says so.
        assert "1 of 1 that wait" in shown(pilot)
        assert "step" in app.status_text
        await press(pilot, "F", "j")
        await until(pilot, lambda: "only what is missing is made" in shown(pilot))
        await press(pilot, "R")
        await until(pilot, lambda: (ids[0], JobState.QUEUED) in states(pilot))

        await press(pilot, "home", "x")
        await until(pilot, lambda: states(pilot)[0][0] == ids[1])
        await until(pilot, lambda: (ids[0], JobState.DONE) in states(pilot))
        assert states(pilot)[:3] == [
            (ids[0], JobState.DONE), (ids[1], JobState.DONE), (runs, JobState.CANCELLED)
        ]  # fmt: skip
        assert "2/2" in row(pilot, " Fox ")
        await press(pilot, "home", "j", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, BatchScreen))
        assert app.workspace.project.name == "Fox"
        assert app.workspace.position.job_id == ids[1]


async def test_a_pause_of_another_interface_is_seen_and_ended(
    open_app: OpenApp, home: Home
) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        await until(pilot, lambda: not app.link.trouble)
        await press(pilot, "Q")
        other = await connect(home)
        await other.request(PauseQueue(paused=True), Done)
        await until(pilot, lambda: "queue paused" in shown(pilot).splitlines()[0])
        waits = await asked(pilot, "Kite")
        await until(pilot, lambda: "paused" in row(pilot, " Kite "))
        assert "begins when you press Z" in shown(pilot)
        assert not app.is_working
        await gone(other, waits)
        await until(pilot, lambda: (waits, JobState.CANCELLED) in states(pilot))
        await press(pilot, "Z")
        await until(pilot, lambda: "queue paused" not in shown(pilot))
        await other.close()


async def gone(client: Client, job: str) -> None:
    await client.request(Cancel(job=job), Done)


async def test_what_runs_ends_after_this_image(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        job = await asked(pilot, "Harbour", steps=60, count=9)
        await press(pilot, "Q")
        await until(pilot, lambda: "░" in row(pilot, " Harbour "))
        await press(pilot, "home", "F")
        await until(pilot, lambda: "stops after" in row(pilot, " Harbour "))
        await until(pilot, lambda: (job, JobState.CANCELLED) in states(pilot))
        made = len(app_of(pilot).workspace.store.images.for_job(job))
        assert 1 <= made < 9
        assert f"{made}/9" in row(pilot, " Harbour ")


@pytest.mark.parametrize("size", [(40, 10), (160, 48)])
async def test_every_size_is_usable(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size) as pilot:
        await asked(pilot, "Mill", steps=1)
        await press(pilot, "Q")
        await until(pilot, lambda: "done" in row(pilot, "a mill"))


async def test_words_of_anybody_are_harmless(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        app.workspace.create("[red]\x1b[2JEvil\u202e")
        store = app.workspace.store
        job = store.jobs.add(app.workspace.project.id, '{"version": 99}')
        store.jobs.set_state(job.id, JobState.FAILED, error="no \x1b]0;memory\x07\nleft")
        await until(pilot, lambda: not app.link.trouble)
        await press(pilot, "Q")
        await until(pilot, lambda: "Evil" in shown(pilot))
        await press(pilot, "home")
        assert "[red]" in shown(pilot)
        assert "cannot be read by this version" in shown(pilot)
        assert "memory" in shown(pilot)
        assert not {"\x1b", "\u202e", "\x07"} & set(shown(pilot))
