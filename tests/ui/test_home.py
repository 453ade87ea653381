"""The list of projects by keyboard."""

from functools import partial

import pytest
from textual.pilot import Pilot

from tests.ui.conftest import OpenApp, shown, until
from tests.workflow.drawing import WORDS, drawn
from tui.app import KeepersApp
from tui.domain.brief import Brief
from tui.screens.ask import AskScreen
from tui.screens.home import HomeScreen
from tui.store.paths import Home
from tui.store.projects import Project
from tui.store.store import Store, open_store
from tui.workflow.library import save_keeper
from tui.workflow.projects_overview import Shelf
from tui.workflow.rounds import plan


def store_of(pilot: Pilot[None]) -> Store:
    app = pilot.app
    assert isinstance(app, KeepersApp)
    return app.workspace.store


async def at_home(pilot: Pilot[None], *names: str) -> HomeScreen:
    """Home with exactly these projects, the last one first."""
    store = store_of(pilot)
    for shelf in (store.projects.list(archived=True), store.projects.list(trashed=True)):
        for old in shelf:
            store.projects.trash(old.id)
            store.projects.delete_for_good(old.id)
    for name in names:
        store.projects.add(name, brief=Brief(purpose=name, place="web page"))
    app = pilot.app
    assert isinstance(app, KeepersApp)
    app.workspace.close()
    app.action_projects()
    while not isinstance(app.screen, HomeScreen):
        app.pop_screen()
        await pilot.pause()
    screen = app.screen
    screen.load()
    # By id: an older project of the same name may still be shown.
    there = {project.id for project in store.projects.list()}
    await until(
        pilot,
        lambda: {row.project.id for row in screen._seen.shelves.get(Shelf.PROJECTS, ())} == there,
    )
    await until(pilot, lambda: f"[Projects {len(names)}]" in shown(pilot))
    return screen


async def answer(pilot: Pilot[None], key: str) -> str:
    """Answer the question that is asked; returns it."""
    await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
    question = shown(pilot)
    await pilot.press(key)
    await until(pilot, lambda: not isinstance(pilot.app.screen, AskScreen))
    return " ".join(question.replace("│", " ").split())


def only(projects: tuple[Project, ...]) -> Project:
    (project,) = projects
    return project


async def test_the_first_run_starts_a_brief_at_once(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await until(pilot, lambda: getattr(pilot.app.screen, "PLACE", "") == "brief")
        assert isinstance(pilot.app.screen_stack[1], HomeScreen)


async def test_a_row_tells_step_images_use_and_disk(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await at_home(pilot, "a robot")
        project = only(store_of(pilot).projects.list())
        store_of(pilot).projects.folder(project).joinpath("big.bin").write_bytes(b"x" * 1_500_000)
        store_of(pilot).positions.update(project.id, step=4)
        pilot.app.screen.load()  # type: ignore[attr-defined]
        await until(pilot, lambda: "1.5 MB" in shown(pilot))
        line = next(line for line in shown(pilot).splitlines() if "a robot" in line)
        assert "4 Iterate" in line
        assert "just now" in line


async def test_enter_goes_on_where_the_person_left(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        home = await at_home(pilot, "one", "two", "three")
        two = next(p for p in store_of(pilot).projects.list() if p.name == "two")
        await pilot.press("j")
        await pilot.press("enter")
        await until(pilot, lambda: getattr(pilot.app.screen, "PLACE", "") == "brief")
        assert home.workspace.project.id == two.id
        await pilot.press("2")
        await until(pilot, lambda: getattr(pilot.app.screen, "PLACE", "") == "prompt")
        await pilot.press("P")
        await until(pilot, lambda: pilot.app.screen is home)
        # The one used last is first now, and the cursor is on it.
        await until(pilot, lambda: "2 Prompt" in shown(pilot).splitlines()[4])
        await pilot.press("enter")
        await until(pilot, lambda: getattr(pilot.app.screen, "PLACE", "") == "prompt")
        assert home.workspace.project.id == two.id


async def test_a_new_project_uses_the_blank_one_again(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        home = await at_home(pilot)
        assert "No project yet: press N" in shown(pilot)
        await pilot.press("N")
        await until(pilot, lambda: getattr(pilot.app.screen, "PLACE", "") == "brief")
        first = home.workspace.project.id
        await pilot.press("escape", "P")
        await until(pilot, lambda: "[Projects 1]" in shown(pilot))
        await pilot.press("N")
        await until(pilot, lambda: getattr(pilot.app.screen, "PLACE", "") == "brief")
        assert home.workspace.project.id == first


async def test_the_search_narrows_as_it_is_typed(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await at_home(pilot, "robot header", "cat poster", "robot face")
        await pilot.press("slash", *"robot ")
        await until(pilot, lambda: "cat poster" not in shown(pilot))
        await pilot.press(*"hea", "enter")
        await until(pilot, lambda: "robot face" not in shown(pilot))
        assert "robot header" in shown(pilot)
        await pilot.press("slash", *"zzz", "escape")
        await until(pilot, lambda: "No project here has" in shown(pilot))
        await pilot.press("q")
        await until(pilot, lambda: "cat poster" in shown(pilot))


async def test_archive_and_back(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await at_home(pilot, "one")
        await pilot.press("A")
        await until(pilot, lambda: "[Projects 0]  Archived 1" in shown(pilot))
        await pilot.press("l")
        await until(pilot, lambda: "[Archived 1]" in shown(pilot))
        assert " one " in shown(pilot)
        await pilot.press("A")
        await until(pilot, lambda: "Projects 1  [Archived 0]" in shown(pilot))
        await pilot.press("h")
        await until(pilot, lambda: "[Projects 1]" in shown(pilot))


async def test_trash_restore_and_delete_for_good(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        home = await at_home(pilot, "one")
        project = only(store_of(pilot).projects.list())
        folder = store_of(pilot).projects.folder(project)
        home.workspace.open(project.id)
        await pilot.press("x")
        assert "Put “one” into the trash?" in await answer(pilot, "n")
        assert only(store_of(pilot).projects.list()) == project
        await pilot.press("x")
        await answer(pilot, "y")
        await until(pilot, lambda: "Trash 1" in shown(pilot))
        assert not home.workspace.is_open
        await pilot.press("l", "l", "enter")
        await until(pilot, lambda: "R puts it back" in shown(pilot))
        await pilot.press("R")
        await until(pilot, lambda: "Projects 1   Archived 0  [Trash 0]" in shown(pilot))
        await pilot.press("q")
        await until(pilot, lambda: "[Projects 1]" in shown(pilot))
        await pilot.press("x")
        await answer(pilot, "y")
        await until(pilot, lambda: "Trash 1" in shown(pilot))
        await pilot.press("l", "l", "x")
        assert "for good? This cannot be undone." in await answer(pilot, "y")
        await until(pilot, lambda: "[Trash 0]" in shown(pilot))
        assert not store_of(pilot).projects.list(trashed=True)
        assert not folder.exists()


async def test_work_in_the_queue_keeps_a_project_from_being_deleted(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await at_home(pilot, "one")
        store, project = store_of(pilot), only(store_of(pilot).projects.list())
        with store.database.transaction() as connection:
            connection.execute(
                "INSERT INTO jobs (id, project_id, request, state, position, created) "
                "VALUES ('j1', ?, '{}', 'queued', 0, 0)",
                (project.id,),
            )
        await pilot.press("x")
        await answer(pilot, "y")
        await until(pilot, lambda: "Trash 1" in shown(pilot))
        await pilot.press("l", "l", "x")
        await answer(pilot, "y")
        await until(pilot, lambda: "cancel that first" in shown(pilot))
        with store.database.transaction() as connection:
            connection.execute("DELETE FROM jobs WHERE id = 'j1'")


async def test_q_asks_before_it_leaves(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await at_home(pilot, "one")
        await pilot.press("q")
        assert "Leave Keepers? Everything is saved" in await answer(pilot, "n")
        assert pilot.app.is_running
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await pilot.press("y")
        await until(pilot, lambda: pilot.app._exit)


async def test_a_project_that_cannot_be_read_is_listed_and_explained(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await at_home(pilot, "one", "two")
        with store_of(pilot).database.transaction() as connection:
            connection.execute("UPDATE projects SET brief = '{' WHERE name = 'one'")
        pilot.app.screen.load()  # type: ignore[attr-defined]
        await until(pilot, lambda: "unreadable" in shown(pilot))
        await pilot.press("j", "enter")
        await until(pilot, lambda: "“one” cannot be read" in " ".join(shown(pilot).split()))
        with store_of(pilot).database.transaction() as connection:
            connection.execute("UPDATE projects SET brief = '{}' WHERE name = 'one'")


@pytest.mark.parametrize("size", [(40, 10), (60, 16), (80, 24), (160, 48), (220, 64)])
async def test_every_size_shows_the_projects_and_survives_odd_names(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    async with open_app(size) as pilot:
        names = ("plain", "[@click=app.quit]x[/]", "漢字" * 60, "👩‍🚀 moon")
        await at_home(pilot, *names)
        text = shown(pilot)
        assert "plain" in text
        assert "[@click=app" in text
        assert "…" in next(line for line in text.splitlines() if "漢字" in line)
        await pilot.press("j", "j", "j", "j", "k")
        if size[0] >= 120:
            await until(pilot, lambda: "Where: web page" in shown(pilot))


async def test_what_keepers_took_is_shown_from_the_second_on(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = pilot.app
        assert isinstance(app, KeepersApp)
        workspace, told = app.workspace, "Rounds to a keeper"
        home = await at_home(pilot)
        for name in ("First", "Second"):
            assert told not in shown(pilot)
            workspace.create(name)
            workspace.save_draft(WORDS)
            (image,) = await drawn(workspace, plan(workspace), most=1)
            save_keeper(
                workspace.store,
                workspace.project,
                image,
                name=name,
                purpose="",
                worked="",
                tags=(),
                options="{}",
            )
            home.load()
            await until(pilot, partial(_is_shown, pilot, name))
        await until(pilot, lambda: told in shown(pilot))
        await pilot.resize_terminal(60, 12)
        await until(pilot, lambda: told not in shown(pilot) and "Second" in shown(pilot))


def _is_shown(pilot: Pilot[None], text: str) -> bool:
    return text in shown(pilot)


async def test_time_at_each_step_is_counted_and_shown(open_app: OpenApp, home: Home) -> None:
    async with open_app(size=(130, 40)) as pilot:
        app = pilot.app
        assert isinstance(app, KeepersApp)
        project = app.workspace.create("Counted").id
        for step in ("brief", "prompt"):
            app.show_step(step)
            await pilot.pause()
            await pilot.press("j", "k", "question_mark", "escape")
        store = app.workspace.store
        with store.database.transaction() as connection:
            connection.execute("UPDATE stays SET seconds = 120 WHERE project_id = ?", (project,))
        app.action_projects()
        await until(pilot, lambda: "Time: █" in shown(pilot))
    with open_store(home) as store:
        after = store.stays.list(project)
    assert {stay.step for stay in after} == {1, 2}
    assert len(after) == 2
    assert all(stay.seconds > 0 for stay in after)
