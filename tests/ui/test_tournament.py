"""Step 3: a batch is ranked two pictures at a time, and the first is marked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
import pytest
from textual.pilot import Pilot

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of
from tui.commands import commands_in
from tui.domain.brief import Brief
from tui.domain.candidate import Closeness
from tui.domain.prompt import Layers
from tui.screens.batch import BatchScreen
from tui.screens.look import LookScreen, TwoUpScreen
from tui.screens.tournament import TournamentScreen
from tui.widgets.candidate_cell import CandidateCell
from tui.widgets.pair_view import PairView
from tui.workflow.marking import Marking
from tui.workflow.rounds import plan, send
from tui.workflow.workspace import Workspace

PURPOSE = "Header of our \x1b]2;owned\x07jobs [b]page"


@asynccontextmanager
async def batch(open_app: OpenApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The app on a finished batch of four that nobody has ranked; drawn once for all tests."""
    async with open_app(size) as pilot:
        app, workspace = app_of(pilot), app_of(pilot).workspace
        projects = workspace.store.projects.list()
        ours = next((each for each in projects if each.brief.purpose), None)
        if ours is None:
            workspace.create()
            workspace.save_brief(Brief(purpose=PURPOSE))
            workspace.save_draft(Layers(subject="a robot", style="cartoon"))
            workspace.save_options(msgspec.structs.replace(workspace.options, steps=2))
            await until(pilot, lambda: not app.link.trouble)
            await send(workspace, app.link, plan(workspace))
            await until(pilot, lambda: len(workspace.images()) == 4)
        else:
            workspace.open(ours.id)
            forget(workspace)
        app.show_step("batch")
        await until(pilot, lambda: is_whole(pilot))
        yield pilot


def is_whole(pilot: Pilot[None]) -> bool:
    """Whether the batch's screen has all four pictures."""
    cells = list(pilot.app.screen.query(CandidateCell))
    return len(cells) == 4 and all(cell.slot.image is not None for cell in cells)


def forget(workspace: Workspace) -> None:
    """Nobody has said anything of the batch."""
    for each in workspace.store.comparisons.list(workspace.project.id):
        workspace.store.comparisons.delete(workspace.project.id, each)
    for image in workspace.images():
        marks = workspace.marks(image)
        workspace.mark(image, msgspec.structs.replace(marks, closeness=Closeness.UNSEEN))
    workspace.choose(None)


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def prefer(pilot: Pilot[None], order: str, most: int = 99) -> None:
    """Answer as somebody who holds the pictures, by their numbers, in this order."""
    for _ in range(most):
        screen = pilot.app.screen
        assert isinstance(screen, TournamentScreen)
        if screen.has_class("-ranked"):
            return
        captions = [caption(pilot, side) for side in ("left", "right")]
        left, right = (order.index(words[0]) for words in captions)
        await press(pilot, "h" if left < right else "l")


def caption(pilot: Pilot[None], side: str) -> str:
    return str(pilot.app.screen.query_one(f"#{side}-pane .caption").render()).strip()


def said(pilot: Pilot[None]) -> str:
    """Every notice there is."""
    return " ".join(note.message for note in pilot.app._notifications)


async def test_a_batch_is_ranked_and_the_first_marked(open_app: OpenApp) -> None:
    async with batch(open_app) as pilot:
        workspace = app_of(pilot).workspace
        await press(pilot, "t")
        assert "Question 1 of at most 5: which is closer?" in shown(pilot)
        assert "Which is closer to “Header of our ]2;owned jobs [b]page”? h left, l right" in shown(
            pilot
        )
        assert caption(pilot, "left").startswith("1 · seed 7")
        assert caption(pilot, "right").startswith("2 · seed 8")
        views = pilot.app.screen.query_one(PairView).views
        await until(pilot, lambda: all(view.picture is not None for view in views))
        await prefer(pilot, "3142")
        assert "The closest first: 3, 1, 4, 2" in shown(pilot)
        assert "space marks the first as closest and goes back" in shown(pilot)
        cells = list(pilot.app.screen.query(CandidateCell))
        assert [cell.number for cell in cells] == [3, 1, 4, 2]
        assert all(cell.region.width > 10 and cell.region.right <= 80 for cell in cells)
        await press(pilot, "space")
        assert isinstance(pilot.app.screen, BatchScreen)
        assert workspace.position.image_id == workspace.images()[2].id
        captions = [str(cell.border_subtitle) for cell in pilot.app.screen.query(CandidateCell)]
        assert captions == ["2nd", "4th", "1st", "3rd"]
        assert "3 ★ closest" in shown(pilot)
        assert "1 · seed 7 · 2nd" in shown(pilot)
        await press(pilot, "u")
        assert workspace.position.image_id is None
        await press(pilot, "t", "l", "space")
        assert workspace.position.image_id == workspace.images()[0].id


async def test_leaving_keeps_what_was_answered(open_app: OpenApp) -> None:
    async with batch(open_app) as pilot:
        await press(pilot, "t")
        await prefer(pilot, "3142", most=2)
        at = [caption(pilot, side) for side in ("left", "right")]
        await press(pilot, "q")
        assert isinstance(pilot.app.screen, BatchScreen)
        project = app_of(pilot).workspace.project.id
    async with open_app() as pilot:
        app_of(pilot).open_project(project)
        await pilot.pause()
        await press(pilot, "t")
        assert "Question 3 of" in shown(pilot)
        assert [caption(pilot, side) for side in ("left", "right")] == at
        await press(pilot, "escape", "x")
        assert "1 ✗ rejected" in shown(pilot)
        await press(pilot, "t")
        await prefer(pilot, "342")
        assert "The closest first: 3, 4, 2" in shown(pilot)
        await press(pilot, "q", "x", "t")
        assert "Question 5 of at most 6" in shown(pilot)
        await prefer(pilot, "3142")
        assert "The closest first: 3, 1, 4, 2" in shown(pilot)


async def test_answers_are_taken_back_and_neither_may_be_closer(open_app: OpenApp) -> None:
    async with batch(open_app) as pilot:
        await press(pilot, "t", "u")
        assert "No answer is left" in said(pilot)
        await press(pilot, "h")
        assert "Question 2 of" in shown(pilot)
        await press(pilot, "u")
        assert "Question 1 of" in shown(pilot)
        await press(pilot, "space")
        assert "Answer first" in said(pilot)
        await press(pilot, *"====")
        assert "The closest first: 1 = 2 = 3 = 4" in shown(pilot)
        assert "4 are equally close" in shown(pilot)
        await press(pilot, "u", "l")
        assert "The closest first: 4, 1 = 2 = 3" in shown(pilot)
        cells = list(pilot.app.screen.query(CandidateCell))
        assert [str(cell.border_title) for cell in cells][:2] == ["▶4", "1"]
        assert [str(cell.border_subtitle) for cell in cells][:2] == ["1st", "=2nd"]
        assert all(cell.region.width > 10 for cell in cells)


async def test_an_answer_about_a_rejected_one_is_taken_back_by_name(open_app: OpenApp) -> None:
    async with batch(open_app) as pilot:
        workspace = app_of(pilot).workspace
        await press(pilot, "t", "h", "q")
        Marking(workspace).reject(workspace.images()[1])
        await press(pilot, "t", "u")
        assert "The answer about 1 and 2 is taken back." in said(pilot)


async def test_looking_closely_at_the_two(open_app: OpenApp) -> None:
    async with batch(open_app) as pilot:
        await press(pilot, "t")
        tournament = pilot.app.screen
        for key, screen in (("z", LookScreen), ("v", TwoUpScreen), ("enter", LookScreen)):
            await press(pilot, key)
            assert isinstance(pilot.app.screen, screen)
            await press(pilot, "q")
            assert pilot.app.screen is tournament
        views = pilot.app.screen.query_one(PairView).views
        await until(pilot, lambda: all(view.picture is not None for view in views))
        await press(pilot, "b")
        assert "⇄ 1 · seed 7" in shown(pilot)
        assert views[0].picture is views[1].picture
        await press(pilot, "h")
        assert "⇄" not in shown(pilot)
        await prefer(pilot, "1234")
        await press(pilot, "l", "z")
        assert "2 of 4 · 2 · seed 8 · 2nd" in shown(pilot)
        await press(pilot, "q", "v")
        await until(pilot, lambda: "effect 0." in shown(pilot))


async def test_it_takes_two_to_rank(open_app: OpenApp) -> None:
    async with batch(open_app) as pilot:
        workspace = app_of(pilot).workspace
        await press(pilot, "x", "l", "x", "l", "x")
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, BatchScreen)
        assert "It takes two pictures" in said(pilot)
        assert workspace.store.comparisons.list(workspace.project.id) == ()


async def test_a_picture_that_is_made_meanwhile_takes_part(open_app: OpenApp) -> None:
    async with batch(open_app) as pilot:
        app, workspace = app_of(pilot), app_of(pilot).workspace
        workspace.create("Meanwhile")
        workspace.save_draft(Layers(subject="an owl", style="cartoon"))
        workspace.save_options(msgspec.structs.replace(workspace.options, count=3, steps=20))
        whole = plan(workspace)
        two_first = msgspec.structs.replace(whole.request, batch_size=2)
        await send(workspace, app.link, replace(whole, request=two_first))
        app.show_step("batch")
        await until(pilot, lambda: "2 of 3 made" in shown(pilot) or len(workspace.images()) == 3)
        await press(pilot, "t")
        assert isinstance(app.screen, TournamentScreen)
        await until(pilot, lambda: "Question 1 of at most 3" in shown(pilot))
        await prefer(pilot, "231")
        assert "The closest first: 2, 3, 1" in shown(pilot)


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (160, 48)])
async def test_every_size_works(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with batch(open_app, size) as pilot:
        await press(pilot, "t", "h")
        await pilot.resize_terminal(80, 24)
        await press(pilot, "equals_sign", *"jkbb", "z", "q")
        await prefer(pilot, "4321")
        await pilot.resize_terminal(*size)
        await press(pilot, *"hjklu")
        assert isinstance(pilot.app.screen, TournamentScreen)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Question" in shown(pilot))


def test_every_key_of_the_screen_does_something() -> None:
    own = [each for each in commands_in("tournament") if "." not in each.action]
    assert [each.id for each in own if not hasattr(TournamentScreen, f"action_{each.action}")] == []
