"""What goes wrong around the interface is said in words; nothing is lost, nothing drives it."""

import os
import signal

import pytest
from textual import events
from textual.pilot import Pilot

from tests.domain.strategies import BAD_INPUT
from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import LAYERS, app_of, drawn, placed
from tests.ui.test_batch import said
from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.store.errors import StoreError
from tui.widgets.field import Field
from tui.workflow.options import Options
from tui.workflow.rounds import plan, send

NEVER_SHOWN = "\x1b\x9b\x07\x00\u202e\ud800"
SHORT_BAD_INPUT = {name: text for name, text in BAD_INPUT.items() if len(text) < 10_000}
SCREENS_THAT_TYPE = ("brief", "prompt", "iterate", "edit", "check", "save", "library", "home")


async def begun(pilot: Pilot[None], subject: str, *, steps: int) -> None:
    """A batch of two on its way, and its first step done."""
    app = app_of(pilot)
    app.workspace.create(subject)
    app.workspace.save_draft(Layers(subject=subject))
    app.workspace.save_options(Options(count=2, steps=steps))
    await until(pilot, lambda: not app.link.trouble)
    await send(app.workspace, app.link, plan(app.workspace))
    app.show_step("batch")
    await until(pilot, lambda: app.progress is not None)


async def arrived(pilot: Pilot[None], place: str) -> None:
    """Wait until a screen is there, with all that is on it."""

    def is_there() -> bool:
        screen = pilot.app.screen
        return getattr(screen, "PLACE", "") == place and screen.is_mounted

    await until(pilot, is_there)
    await pilot.pause()


async def test_an_engine_that_is_killed_is_missed_and_no_batch_is_lost(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        await begun(pilot, "an engine's last owl", steps=40)
        os.kill((await app.link.status()).pid, signal.SIGKILL)
        await until(pilot, lambda: "the engine went away" in app.status_text)
        app.show_step("prompt")
        await pilot.press("g")  # waits for the next engine
        await until(pilot, lambda: len(app.workspace.images()) == 4)
        await until(pilot, lambda: "idle" in app.status_text)
        assert said(pilot) == ""


async def test_a_worker_that_is_killed_is_said_and_started_again(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        await begun(pilot, "a worker's last owl", steps=40)
        worker = (await app.link.status()).worker_pid
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        await until(pilot, lambda: "memory ran out; trying again" in said(pilot))
        await until(pilot, lambda: len(app.workspace.images()) == 2)


async def test_a_disk_that_refuses_the_prompt_is_said_and_tried_again(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        app.workspace.create("Full")
        app.show_step("prompt")
        projects = app.workspace.store.projects
        with monkeypatch.context() as patch:

            def full(*_args: object, **_fields: object) -> None:
                raise StoreError("the disk is full: free some space there and try again")

            patch.setattr(type(projects), "update", full)
            await pilot.press("enter", *"robot", "escape")
            await until(pilot, lambda: "the disk is full" in shown(pilot))
            assert app.workspace.project.draft.subject == "robot"
        identity = app.workspace.project.id
        await until(pilot, lambda: projects.get(identity).draft.subject == "robot")
        await until(pilot, lambda: "the disk is full" not in shown(pilot))


@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=str)
async def test_bad_input_in_every_field_neither_crashes_nor_drives_the_terminal(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    async with open_app(size) as pilot:
        app = app_of(pilot)
        placed(app.workspace, Brief(purpose="a header", must_contain=("a robot",)))
        tried, everything = 0, " ".join(SHORT_BAD_INPUT.values())
        for place in SCREENS_THAT_TYPE:
            if place in ("library", "home"):
                app.action_projects()
                if place == "library":
                    app.action_place("library")
            else:
                app.show_step(place)
            await arrived(pilot, place)
            for number in range(len(app.screen.query(Field))):
                fields = list(app.screen.query(Field))
                if number >= len(fields) or not fields[number].display:
                    continue
                fields[number].start_typing()
                await pilot.pause()
                app.post_message(events.Paste(everything))
                await pilot.press("escape")
                seen = shown(pilot) + app.status_text
                assert not any(sign in seen for sign in NEVER_SHOWN)
                assert getattr(app.screen, "PLACE", "") == place
                tried += 1
        assert tried >= 12


async def test_bad_names_of_models_and_projects_are_harmless(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        for name in SHORT_BAD_INPUT.values():
            app.workspace.create(name)
            app.workspace.save_draft(LAYERS)
            model = "/no/such/" + name.replace("\ud800", "")
            app.workspace.save_options(Options(model=model))
            for place in ("prompt", "brief", "home"):
                if place == "home":
                    app.action_projects()
                else:
                    app.show_step(place)
                await arrived(pilot, place)
                assert not any(sign in shown(pilot) for sign in NEVER_SHOWN)


async def test_the_engine_s_refusal_is_shown_clean(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        await drawn(pilot, Brief(purpose="refused"))
        app.workspace.save_options(Options(model="/no/such/\x1b]2;owned\x07[@click=app.quit]model"))
        app.show_step("prompt")
        await pilot.press("g")
        await until(pilot, lambda: bool(app._notifications))
        await pilot.pause()
        assert not any(sign in shown(pilot) for sign in NEVER_SHOWN)
