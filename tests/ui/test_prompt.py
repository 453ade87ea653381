"""Step 2: layers are typed, counted, kept, compared with the parent, and sent off."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from tests.ui.conftest import OpenApp, shown, until
from tests.workflow.drawing import drawn
from tui.app import KeepersApp
from tui.domain.brief import Brief
from tui.domain.candidate import Marks
from tui.domain.change import Element
from tui.domain.prompt import LAYERS, Layers
from tui.screens.batch import BatchScreen
from tui.screens.options import OptionsScreen
from tui.screens.pick import PickScreen
from tui.screens.prompt import PromptScreen
from tui.store.paths import Home
from tui.store.rounds import RoundKind, Verdict
from tui.store.store import open_store
from tui.widgets.field import FieldInput
from tui.widgets.layer_field import LayerField
from tui.widgets.reading_view import ReadingView
from tui.workflow import link
from tui.workflow.iterating import adopt
from tui.workflow.library import save_keeper
from tui.workflow.rounds import plan, send
from tui.workflow.workspace import Workspace

ROBOT = Layers(subject="robot", style="flat illustration", composition="on the right")


def app_of(pilot: Pilot[None]) -> KeepersApp:
    assert isinstance(pilot.app, KeepersApp)
    return pilot.app


def workspace_of(pilot: Pilot[None]) -> Workspace:
    return app_of(pilot).workspace


def prompt(pilot: Pilot[None]) -> PromptScreen:
    assert isinstance(pilot.app.screen, PromptScreen)
    return pilot.app.screen


def row(pilot: Pilot[None], layer: str) -> LayerField:
    return pilot.app.screen.query_one(f"#{layer}", LayerField)


def draft(pilot: Pilot[None]) -> Layers:
    return workspace_of(pilot).project.draft


def said(pilot: Pilot[None]) -> str:
    """All that was notified."""
    return " ".join(note.message for note in pilot.app._notifications)


async def begin(
    pilot: Pilot[None], layers: Layers | None = None, brief: Brief | None = None
) -> Workspace:
    """The prompt of a new project, counted by the engine."""
    workspace = workspace_of(pilot)
    workspace.create("Prompts")
    workspace.save_brief(brief or Brief())
    workspace.save_draft(layers or Layers())
    workspace.save_options(msgspec.structs.replace(workspace.options, steps=2, count=2))
    await until(pilot, lambda: not app_of(pilot).link.trouble)
    app_of(pilot).show_step("prompt")
    await until(pilot, lambda: isinstance(pilot.app.screen, PromptScreen) and counted(pilot))
    return workspace


def counted(pilot: Pilot[None]) -> bool:
    views = list(pilot.app.screen.query(ReadingView))
    return bool(views) and views[0].readings[0].tokens is not None


async def typed(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*("space" if c == " " else "comma" if c == "," else c for c in text))


# Typing


async def test_the_process_in_five_layers(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot)
        await pilot.press("enter")
        for layer, text in ROBOT.items():
            await typed(pilot, text)
            assert row(pilot, layer).typing
            await pilot.press("tab")
        await until(pilot, lambda: counted(pilot) and draft(pilot) == ROBOT)
        assert "8 of 38 tokens, none cut off" in shown(pilot)
        assert "robot, flat illustration, on the right" in shown(pilot)
        assert not any(row(pilot, layer).typing for layer in LAYERS)


async def test_phrases_are_seen_as_units(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot, Layers(detail="red, (soft, warm light:1.2)"))
        assert "red · (soft, warm light:1.2)" in shown(pilot)


async def test_the_brief_s_words_are_there_and_marked(open_app: OpenApp) -> None:
    brief = Brief(purpose="x", must_contain=("robots", "an umbrella"), must_avoid=("no weapons",))
    async with open_app() as pilot:
        workspace = await begin(pilot, ROBOT, brief)
        assert draft(pilot).negatives == "weapons"
        assert "✓ must 1" in row(pilot, "subject").note
        assert row(pilot, "negatives").note.startswith("from brief")
        assert "an umbrella" in prompt(pilot).coach()
        await until(pilot, lambda: not workspace.unsaved)
        stored = workspace.store.projects.get(workspace.project.id)
        assert stored.draft.negatives == "weapons"


async def test_the_starter_s_words_are_completed_and_missed(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await typed(pilot, "a robo")
        field = row(pilot, "subject").query_one(FieldInput)
        await until(pilot, lambda: field._suggestion == "a robot")
        await pilot.press("right", "escape")
        await until(pilot, lambda: draft(pilot).subject == "a robot")
        await pilot.press("down", "enter")
        await typed(pilot, "flatt")
        assert "never read" not in prompt(pilot).coach()
        await pilot.press("escape")
        await until(pilot, lambda: "never read “flatt” (near it: flat" in prompt(pilot).coach())


async def test_x_empties_a_layer_and_u_brings_it_back(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot, ROBOT)
        await pilot.press("down", "x")
        await until(pilot, lambda: draft(pilot).style == "")
        await pilot.press("down", "enter")
        await typed(pilot, ", close-up")
        await pilot.press("escape")
        await until(pilot, lambda: draft(pilot).composition == "on the right, close-up")
        await pilot.press("u")
        await until(pilot, lambda: draft(pilot).composition == "on the right")
        assert draft(pilot).style == ""
        await pilot.press("u")
        await until(pilot, lambda: draft(pilot) == ROBOT)
        assert row(pilot, "style").value == "flat illustration"
        assert workspace.store.layer_history.list("style")[0] == "flat illustration"


async def test_an_editor_that_is_not_there_loses_nothing(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "/nowhere/editor")
    monkeypatch.delenv("VISUAL", raising=False)
    async with open_app() as pilot:
        await begin(pilot, ROBOT)
        await pilot.press("ctrl+e")
        await until(pilot, lambda: "could not be" in said(pilot))
        assert draft(pilot) == ROBOT


async def test_leaving_at_once_keeps_what_was_typed(open_app: OpenApp, home: Home) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot)
        project_id = workspace.project.id
        await pilot.press("enter")
        await typed(pilot, "owl")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await pilot.press("q", "enter")
    with open_store(home) as store:
        assert store.projects.get(project_id).draft.subject == "owl"


_KILLED = """
import asyncio, os, sys
from tests.ui.test_prompt import typed
from tui.app import KeepersApp
from tui.store.paths import find_home
from tui.store.settings import load_settings
from tui.store.store import open_store

async def main():
    with open_store(find_home()) as store:
        app = KeepersApp(store, load_settings(find_home()))
        async with app.run_test() as pilot:
            app.workspace.open(sys.argv[1])
            app.show_step("prompt")
            await pilot.pause()
            await pilot.press("enter")
            await typed(pilot, "killed owl")
            await asyncio.sleep(0.5)
            print("typed", flush=True)
            await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_kill_loses_nothing_that_is_half_a_second_old(home: Home) -> None:
    with open_store(home) as store:
        project_id = store.projects.add("Killed").id
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, project_id],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "typed\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    with open_store(home) as store:
        assert store.projects.get(project_id).draft.subject == "killed owl"


async def test_without_an_engine_the_line_says_so(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeepersApp, "_start_link", lambda self: None)
    monkeypatch.setattr(link, "_PATIENCE", 0.1)
    async with open_app() as pilot:
        workspace_of(pilot).create("Alone")
        app_of(pilot).show_step("prompt")
        await until(pilot, lambda: "tokens not counted: the engine is starting" in shown(pilot))
        await pilot.press("enter")
        await typed(pilot, "owl")
        await pilot.press("escape", "g")
        await until(pilot, lambda: "ry again in a moment" in said(pilot))
        assert draft(pilot).subject == "owl"
        assert not prompt(pilot).has_class("-busy")


# From before


async def test_ctrl_r_offers_what_was_written_before(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot, ROBOT)
        workspace.store.layer_history.add(Layers(style="ink drawing"))
        workspace.store.layer_history.add(Layers(style="cartoon"))
        await pilot.press("down", "enter", "ctrl+r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, "ink")
        await pilot.press("enter")
        await until(pilot, lambda: draft(pilot).style == "ink drawing")
        assert row(pilot, "style").value == "ink drawing"
        assert not row(pilot, "style").typing


async def test_history_without_any_says_so(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot, ROBOT)
        await pilot.press("down", "down", "down", "down", "ctrl+r")
        await until(pilot, lambda: "No negatives layer was drawn with yet" in said(pilot))


async def test_o_opens_the_options_and_the_line_follows(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot, ROBOT)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, OptionsScreen))
        await pilot.press("enter", "backspace", "3", "enter", "q")
        await until(pilot, lambda: "3 images · seeds 7 8 9" in shown(pilot))


async def test_g_without_words_says_what_to_do(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await begin(pilot)
        await pilot.press("g")
        await until(pilot, lambda: "write at least the subject" in said(pilot))


async def test_one_change_from_the_parent_and_no_more(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot, ROBOT)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(pilot.app.screen, BatchScreen))
        assert workspace.store.layer_history.list("subject")[0] == "robot"
        await until(pilot, lambda: len(workspace.images()) == 2)
        adopt(workspace, workspace.images()[0])
        app_of(pilot).show_step("prompt")
        await until(pilot, lambda: isinstance(pilot.app.screen, PromptScreen) and counted(pilot))

        await pilot.press("down", "enter", "ctrl+u")
        await typed(pilot, "3d render")
        await until(pilot, lambda: "Changed · style: flat illustration → 3d render" in shown(pilot))
        await pilot.press("tab")
        await typed(pilot, ", close-up")
        await pilot.press("escape")
        await until(pilot, lambda: "2 things differ from the parent" in prompt(pilot).coach())
        await pilot.press("g")
        await until(pilot, lambda: "put all but one back" in said(pilot))
        assert len(workspace.store.rounds.list(workspace.project.id)) == 1
        await pilot.press("u")
        await until(pilot, lambda: draft(pilot).composition == "on the right")

        # Another visit remembers no steps: what differs from the parent is put back.
        app_of(pilot).show_step("prompt")
        await until(pilot, lambda: counted(pilot))
        await pilot.press("u")
        await until(pilot, lambda: draft(pilot) == ROBOT)
        assert "Changed" not in shown(pilot)


async def test_several_changes_can_be_recorded_as_a_rewrite(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot, msgspec.structs.replace(ROBOT, detail="red background"))
        await send(workspace, app_of(pilot).link, plan(workspace))
        await until(pilot, lambda: len(workspace.images()) == 2)
        adopt(workspace, workspace.images()[0])
        workspace.save_draft(Layers(subject="owl"))
        app_of(pilot).show_step("prompt")
        await until(pilot, lambda: isinstance(pilot.app.screen, PromptScreen) and counted(pilot))
        await pilot.press("G")
        await until(pilot, lambda: isinstance(pilot.app.screen, BatchScreen))
        last = workspace.store.rounds.list(workspace.project.id)[-1]
        assert last.kind is RoundKind.REWRITE
        assert len(last.changes) > 1


async def test_what_was_learned_is_shown_where_it_applies(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = workspace_of(pilot)
        change = (Element("composition", "", "on the right"),)
        project = workspace.store.projects.add("Before")
        found = workspace.store.rounds.add(project.id, "job", RoundKind.CHANGE, changes=change)
        workspace.store.rounds.update(found.id, verdict=Verdict.BETTER, learned="room for text")
        await begin(pilot, ROBOT)
        assert "“on the right” → room for text, better 1 of 1" in shown(pilot)


async def test_a_keeper_s_layer_or_all_of_them_come_in(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot, msgspec.structs.replace(ROBOT, detail="blue background"))
        await pilot.press("i")
        await until(pilot, lambda: "The library is empty" in said(pilot))
        await send(workspace, app_of(pilot).link, plan(workspace))
        await until(pilot, lambda: len(workspace.images()) == 2)
        save_keeper(
            workspace.store,
            workspace.project,
            workspace.images()[0],
            name="Blue",
            purpose="",
            worked="",
            tags=(),
            options="",
        )
        await begin(pilot, Layers(subject="owl"))
        await pilot.press("down", "i")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await pilot.press("enter")
        await until(pilot, lambda: draft(pilot).style == "flat illustration")
        assert draft(pilot).subject == "owl"
        await pilot.press("i")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, "all")
        await pilot.press("enter")
        await until(pilot, lambda: draft(pilot).detail == "blue background")
        assert draft(pilot).subject == "robot"


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 48)])
async def test_every_size_is_usable(open_app: OpenApp, size: tuple[int, int]) -> None:
    hostile = "[red]\x1b[31mx" + "y" * 300
    async with open_app(size) as pilot:
        await begin(pilot, Layers(subject=hostile, negatives=hostile))
        for _ in range(6):
            await pilot.press("j")
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, OptionsScreen))
        await pilot.press("j", "j", "q")
        assert "\x1b" not in shown(pilot)
        assert "images · seeds" in shown(pilot)


async def test_what_went_wrong_before_is_remembered(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        # Other tests may have judged robots in this home.
        words = msgspec.structs.replace(ROBOT, subject="penguin and rocket", negatives="blurry")
        workspace = await begin(pilot, words)
        workspace.save_options(msgspec.structs.replace(workspace.options, count=8))
        for image in await drawn(workspace, plan(workspace)):
            workspace.mark(image, Marks(flaws=("melted corner",)))
        workspace.create("The next one")
        workspace.save_draft(words)
        app_of(pilot).show_step("prompt")
        await until(pilot, lambda: "Melted corner went wrong in 8 of 8" in shown(pilot))
        prompt(pilot).query_one("#negatives", LayerField).focus()
        await pilot.press("enter")
        await typed(pilot, ", melted corner")
        await pilot.press("escape")
        await until(pilot, lambda: "went wrong" not in shown(pilot))
