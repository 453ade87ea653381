"""Saving a keeper: what is typed survives, one keeper a picture, the next starts from it."""

import time

import pytest

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of, drawn, placed
from tui.domain.brief import Brief
from tui.domain.check import Answer
from tui.screens.ask import AskScreen
from tui.screens.export import ExportScreen
from tui.screens.library import LibraryScreen
from tui.screens.save import SaveScreen
from tui.widgets.image_view import ImageView
from tui.workflow.saving import draft_of

BRIEF = Brief(purpose="jobs page header", must_avoid=("weapons",), style_context="flat")


async def test_a_drawn_picture_becomes_a_keeper_and_the_next_project_starts_from_it(
    open_app: OpenApp,
) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        image = await drawn(pilot, BRIEF)
        app.show_step("save")
        await pilot.pause()
        assert "jobs page header" in shown(pilot)
        assert "round 1, image 2, seed 8" in shown(pilot)
        assert "2 images · 1 round" in shown(pilot)
        await pilot.press("j", "j", "enter", *"warm light", "tab", *"robot, flat", "escape", "K")
        await until(pilot, lambda: "In the library: 1 keeper." in shown(pilot))
        entry = app.workspace.store.library.for_image(image.id)
        assert entry is not None
        assert (entry.worked, entry.tags) == ("warm light", ("robot", "flat"))
        assert entry.layers.subject == "a robot"
        before = app.workspace.project.id
        await pilot.press("r")
        await until(pilot, lambda: app.workspace.project.id != before)
        await pilot.pause()
        assert getattr(pilot.app.screen, "PLACE", "") == "brief"
        assert app.workspace.project.draft.subject == "a robot"
        assert app.workspace.project.brief.style_context == "flat"
        assert app.workspace.options.steps == 2
        assert app.workspace.store.library.get(entry.id).used_count == 1


async def test_what_is_typed_is_on_disk_within_half_a_second(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        image = placed(app.workspace, BRIEF)
        app.show_step("save")
        await pilot.pause()
        await pilot.press("enter", *" [red]x")
        start = time.monotonic()
        await until(pilot, lambda: draft_of(app.workspace, image).name.endswith(" [red]x"))
        assert time.monotonic() - start < 5
        await pilot.press(*"yz", "escape", "q")
        await pilot.pause()
        assert draft_of(app.workspace, image).name.endswith("[red]xyz")
        app.show_step("save")
        await pilot.pause()
        assert "header [red]xyz" in shown(pilot)


async def test_saving_again_changes_the_same_keeper(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        image = placed(app.workspace, BRIEF)
        app.show_step("save")
        await pilot.pause()
        await pilot.press("r")
        await pilot.pause()
        assert "Save it first: K" in shown(pilot)
        await pilot.press("K")
        await until(pilot, lambda: "This one is" in shown(pilot))
        count = app.workspace.store.library.count()
        await pilot.press("enter", *" two", "enter")
        await pilot.pause()
        assert "K saves the changes" in shown(pilot)
        await pilot.press("K")
        await until(pilot, lambda: "header two”" in shown(pilot))
        assert app.workspace.store.library.count() == count
        entry = app.workspace.store.library.for_image(image.id)
        assert entry is not None
        assert entry.name == "jobs page header two"


async def test_a_refusal_is_said_and_nothing_is_lost(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        image = placed(app.workspace, BRIEF)
        app.workspace.file(image).unlink()
        app.show_step("save")
        await pilot.pause()
        await pilot.press("enter", *" kept", "enter", "K")
        await until(pilot, lambda: "Not saved" in shown(pilot))
        await until(pilot, lambda: draft_of(app.workspace, image).name.endswith(" kept"))


async def test_export_and_search_from_here(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        placed(app.workspace, BRIEF)
        app.show_step("save")
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExportScreen)
        await pilot.press("escape", "slash", *"zzz")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LibraryScreen)
        await until(pilot, lambda: "No keeper has “zzz” in it." in shown(pilot))
        await pilot.press("escape", "q", "q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SaveScreen)


async def test_leaving_with_a_chosen_but_unsaved_picture_asks(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        placed(app.workspace, BRIEF)
        app.show_step("save")
        await pilot.pause()
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AskScreen)
        assert "not in the library" in shown(pilot)
        await pilot.press("n")
        await pilot.press("K")
        await until(pilot, lambda: "This one is" in shown(pilot))
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert "Everything is saved" in shown(pilot)
        await pilot.press("n")


async def test_the_rail_shows_what_is_signed_off_and_kept(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        placed(app.workspace, Brief(purpose="x"))
        app.show_step("check")
        await until(pilot, lambda: "signed off 0 of 3" in shown(pilot))
        await pilot.press("space", "space", "space", "7", "K")
        await until(pilot, lambda: {6, 7} <= app.done_steps())
        image = app.workspace.chosen()
        assert image is not None
        sign_off = app.workspace.store.sign_offs.get(image.id)
        assert sign_off is not None
        assert {item.answer for item in sign_off.items} == {Answer.CLEAN}


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 48)])
async def test_every_size_works_with_and_without_a_picture(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as pilot:
        app = app_of(pilot)
        app.workspace.create()
        app.show_step("save")
        await pilot.pause()
        assert "No picture is chosen" in shown(pilot)
        await pilot.press("K", "r", "e", "y", "z", "enter", "h")
        placed(app.workspace, BRIEF)
        app.show_step("save")
        await pilot.pause()
        view = pilot.app.screen.query_one(ImageView)
        await until(pilot, lambda: view.picture is not None)
        await pilot.press("enter", *"x", "enter", "z", "l", "escape", "K")
        await until(pilot, lambda: 7 in app.done_steps())
