"""The library: search as you type, look, start from, archive and bring back, note."""

from pathlib import Path

import pytest

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of, placed
from tui.app import KeepersApp
from tui.domain.brief import Brief
from tui.screens.library import LibraryScreen
from tui.store.library_entry import LibraryEntry
from tui.widgets.entry_grid import EntryGrid
from tui.widgets.entry_list import EntryList
from tui.widgets.image_view import ImageView
from tui.workflow.library_import import Importer
from tui.workflow.saving import KeeperDraft, keep

CELLS = "EntryCell ImageView"


def saved(app: KeepersApp, name: str, worked: str = "", tags: str = "") -> LibraryEntry:
    image = placed(app.workspace, Brief(purpose=name))
    return keep(app.workspace, image, KeeperDraft(name, f"for {name}", worked, tags))


async def test_an_empty_library_says_how_keepers_get_there(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        app.show_place("library")
        await until(pilot, lambda: "The library is empty" in shown(pilot))
        await pilot.press("j", "enter", "r", "x", "c", "u", "y", "h", "l")
        await pilot.pause()
        assert "0 of 0 shown" in shown(pilot)
        await pilot.press("q")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, LibraryScreen)


async def test_search_narrows_as_it_is_typed(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        saved(app, "Robot [red]orange", "flat light", "robot")
        saved(app, "Teal cat", "3d", "cat")
        await pilot.press("L")
        total = app.workspace.store.library.count()
        await until(pilot, lambda: f"{total} of {total} shown" in shown(pilot))
        await pilot.press("slash", *"robot oran")
        await until(pilot, lambda: f"1 of {total} shown" in shown(pilot))
        text = shown(pilot)
        assert "Robot [red]orange" in text
        assert "for Teal cat" not in text
        assert app.screen.query_one(EntryList).option_count == 1
        assert "flat light" in text
        assert "Tags: robot" in text
        await pilot.press("escape", "escape")
        await until(pilot, lambda: f"{total} of {total} shown" in shown(pilot))
        await pilot.press("slash", *"tag:ca kind:")
        await until(pilot, lambda: f"1 of {total} shown" in shown(pilot))
        assert "Teal cat" in shown(pilot)


async def test_starting_from_a_keeper_opens_the_brief_of_a_new_project(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        entry = saved(app, "Start here")
        before = app.workspace.project.id
        await pilot.press("L")
        await until(pilot, lambda: "Start here" in shown(pilot))
        await pilot.press("r")
        await until(pilot, lambda: app.workspace.project.id != before)
        await pilot.pause()
        assert getattr(pilot.app.screen, "PLACE", "") == "brief"
        assert app.workspace.project.draft.subject == "a robot"
        assert app.workspace.store.library.get(entry.id).used_count == 1
        app.show_place("library")
        await until(pilot, lambda: "Came of it: 1 project, nothing kept yet" in shown(pilot))


async def test_archiving_can_be_taken_back(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        entry = saved(app, "Put away")
        await pilot.press("L")
        await until(pilot, lambda: "Put away" in shown(pilot))
        await pilot.press("x")
        await until(pilot, lambda: "u brings it back" in shown(pilot))
        assert app.workspace.store.library.get(entry.id).archived is not None
        await pilot.press("u")
        await until(pilot, lambda: "It is back in the list" in shown(pilot))
        assert app.workspace.store.library.get(entry.id).archived is None


async def test_the_note_is_stored_while_it_is_typed(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        entry = saved(app, "Noted", "old")
        await pilot.press("L")
        await until(pilot, lambda: "Noted" in shown(pilot))
        await pilot.press("c", *" new")
        library = app.workspace.store.library
        await until(pilot, lambda: library.get(entry.id).worked == "old new")
        await pilot.press(*"er", "enter", "j")
        await pilot.pause()
        assert library.get(entry.id).worked == "old newer"


async def test_name_and_tags_are_edited_where_they_are_shown(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        entry = saved(app, "Misnamed", "light", "one")
        app.show_place("library")
        await until(pilot, lambda: "Misnamed" in shown(pilot))
        await pilot.press("c", "tab", "ctrl+u", *"Well named", "tab", *", Two", "enter")
        library = app.workspace.store.library
        await until(pilot, lambda: library.get(entry.id).tags == ("one", "two"))
        assert library.get(entry.id).name == "Well named"
        assert library.get(entry.id).worked == "light"
        await until(pilot, lambda: "Tags: one, two" in shown(pilot))
        assert library.search("tag:two")[0].id == entry.id


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_a_grid_shows_pictures_a_page_at_a_time(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as pilot:
        app = app_of(pilot)
        for number in range(20):
            saved(app, f"Picture {number:02} at {size[0]}")
        app.show_place("library")
        await until(pilot, lambda: "Picture 19" in shown(pilot))
        await pilot.press("V")
        await until(pilot, lambda: "▶ Picture 19" in shown(pilot))
        views = list(pilot.app.screen.query(CELLS).results(ImageView))
        await until(pilot, lambda: all(view.picture for view in views if view.visible))
        columns = pilot.app.screen.query_one(EntryGrid).columns
        assert columns == 4
        await pilot.press("l", "j")
        await until(pilot, lambda: f"▶ Picture {19 - 1 - columns}" in shown(pilot))
        await pilot.press("j", "j", "j")
        await until(pilot, lambda: "▶ Picture 02" in shown(pilot))
        assert f"Picture 18 at {size[0]}" not in shown(pilot)
        # After typing the arrows still move by rows, and enter still shows it large.
        await pilot.press("c", "x", "escape", "up")
        await until(pilot, lambda: f"▶ Picture {2 + columns:02}" in shown(pilot))
        await pilot.press("slash", "escape", "down")
        await until(pilot, lambda: "▶ Picture 02" in shown(pilot))
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen.has_class("-large")
        await pilot.press("escape", "V")
        await pilot.pause()
        assert isinstance(pilot.app.focused, EntryList)
        assert app.screen.query_one(EntryList).highlighted == 17


async def test_a_picture_is_shown_large_and_its_path_copied(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        entry = saved(app, "Large")
        await pilot.press("L")
        await until(pilot, lambda: "Large" in shown(pilot))
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen.has_class("-large")
        await pilot.press("y", "escape")
        await pilot.pause()
        assert not pilot.app.screen.has_class("-large")
        assert isinstance(pilot.app.screen, LibraryScreen)
        assert app.clipboard == str(app.workspace.store.library.file(entry))


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 48)])
async def test_every_size_works(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as pilot:
        app = app_of(pilot)
        for number in range(3):
            saved(app, f"Entry {number}")
        await pilot.press("L")
        await until(pilot, lambda: "Entry 2" in shown(pilot))
        await pilot.press("j", "enter", "k", "escape", "slash", *"entry 1", "enter")
        await until(pilot, lambda: "Entry 1" in shown(pilot))


async def test_a_style_has_words_and_no_picture(open_app: OpenApp, tmp_path: Path) -> None:
    styles = tmp_path / "styles.csv"
    styles.write_text('name,prompt\nFilm noir,"noir photo of {prompt}, close-up, film grain"\n')
    async with open_app() as pilot:
        app = app_of(pilot)
        saved(app, "Noir keeper")
        Importer(app.workspace.store).bring(styles)
        await pilot.press("L")
        await until(pilot, lambda: "Film noir" in shown(pilot))
        await pilot.press("slash", *"film noir", "enter")
        await until(pilot, lambda: "Film noir” has no picture" in shown(pilot))
        assert "Model: none, no picture" in shown(pilot)
        await pilot.press("escape", "y")
        screen = app.screen
        assert isinstance(screen, LibraryScreen)
        await until(pilot, lambda: "has no picture" in screen.coach())
        await pilot.press("r")
        await until(pilot, lambda: app.workspace.project.name == "Film noir")
        assert app.workspace.project.draft.subject == "noir photo of"


async def test_marked_entries_become_one_and_are_taken_apart(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        second, first = saved(app, "Twin two", "navy"), saved(app, "Twin one", "warm")
        library = app.workspace.store.library
        app.show_place("library")
        await until(pilot, lambda: "Twin one" in shown(pilot))
        await pilot.press("J")
        await until(pilot, lambda: "Not merged: one entry cannot be merged" in shown(pilot))
        await pilot.press("space")
        await until(pilot, lambda: "✓1 Twin one" in shown(pilot))
        await pilot.press("j", "space")
        await until(pilot, lambda: "✓2 Twin two" in shown(pilot))
        assert "2 marked: J merges them" in shown(pilot)
        await pilot.press("J")
        await until(pilot, lambda: "2 entries are one now, “Twin one”" in shown(pilot))
        entries = app.screen.query_one(EntryList)
        await until(pilot, lambda: entries.option_count == library.count())
        assert entries.entry_id == first.id
        assert library.get(first.id).worked == "warm · navy"
        await pilot.press("u")
        await until(pilot, lambda: "They are 2 entries again." in shown(pilot))
        await until(pilot, lambda: entries.option_count == library.count())
        assert library.get(second.id) == second
