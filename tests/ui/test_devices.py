"""The screens while two devices draw."""

import re
from functools import partial

import pytest
from textual.pilot import Pilot

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of
from tests.ui.test_queue import asked, press, row, states
from tui.screens.batch import BatchScreen
from tui.store.jobs import JobState
from tui.store.paths import Home


@pytest.fixture(autouse=True)
def two_devices(home: Home) -> None:
    """The engine starts with the app, and reads this then."""
    home.settings_file.write_text('device = "cpu,cpu"\nbatch_size = 1\n')


async def test_the_queue_says_which_device_draws_what(open_app: OpenApp) -> None:
    async with open_app((100, 30)) as pilot:
        job = await asked(pilot, "Lighthouse", steps=900, count=3)
        await press(pilot, "escape", "Q")
        await until(pilot, lambda: both(pilot))
        await until(pilot, lambda: "2 at once" in app_of(pilot).status_text)
        assert "0/3" in row(pilot, "a lighthouse")
        done, of = app_of(pilot).progress or (0, 0)
        assert 2 <= done < of == 2700
        await press(pilot, "home", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, BatchScreen))
        # Two are drawn, each with a step of its own; the third waits.
        await until(pilot, lambda: len(re.findall(r"step \d+/900", shown(pilot))) >= 2)
        assert "waiting" in shown(pilot)
        await press(pilot, "Q", "home", "x")
        await until(pilot, lambda: (job, JobState.CANCELLED) in states(pilot))


async def test_two_jobs_side_by_side_are_told_apart(open_app: OpenApp) -> None:
    async with open_app((100, 30)) as pilot:
        app = app_of(pilot)
        jobs = [
            await asked(pilot, name, steps=900, count=1) for name in ("Lighthouse", "Owl", "Fox")
        ]
        app.show_place("queue")
        await until(pilot, lambda: "░" in row(pilot, "a lighthouse") and "░" in row(pilot, "a owl"))
        await until(pilot, lambda: app.status_text.count("2 jobs, step ") == 1)
        for number, subject in ((1, "a lighthouse"), (2, "a owl")):
            assert f" cpu {number} " in row(pilot, subject)
        assert " starter " in row(pilot, "a fox")
        assert re.search(r"^ cpu 1: step \d+/900", shown(pilot), re.MULTILINE)
        # The open batch is the fox's, which waits; of the two that run neither is meant.
        await press(pilot, "ctrl+c")
        assert any("Several jobs run" in note.message for note in app._notifications)
        await press(pilot, "home", "j", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, BatchScreen))
        await press(pilot, "ctrl+c", "Q")
        await until(pilot, lambda: (jobs[1], JobState.CANCELLED) in states(pilot))
        await until(pilot, lambda: states(pilot)[1] == (jobs[2], JobState.RUNNING))
        assert states(pilot)[0] == (jobs[0], JobState.RUNNING)
        await until(pilot, lambda: " cpu 2 " in row(pilot, "a fox"))
        for job in (jobs[0], jobs[2]):
            await press(pilot, "home", "x")
            await until(pilot, partial(is_cancelled, pilot, job))


def is_cancelled(pilot: Pilot[None], job: str) -> bool:
    return (job, JobState.CANCELLED) in states(pilot)


def both(pilot: Pilot[None]) -> bool:
    said = shown(pilot)
    return all(
        re.search(rf"cpu {number}: batch {number} of 3, step \d+/900", said) for number in (1, 2)
    )
