"""The tree: walked, compared, branched from; windowed, so that thousands of images are no more."""

import pytest
from rich.text import Text
from textual.pilot import Pilot

from tests.benchmarks.memory import fill
from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of, placed, put
from tui.domain.brief import Brief
from tui.domain.change import Element
from tui.domain.round import RoundKind, Verdict
from tui.screens.iterate import IterateScreen
from tui.screens.learned import LearnedScreen
from tui.screens.lineage import LineageScreen
from tui.screens.look import LookScreen
from tui.screens.prompt import PromptScreen
from tui.screens.recipes import RecipesScreen
from tui.widgets.field import Field
from tui.widgets.image_view import ImageView
from tui.widgets.line_list import LineList
from tui.workflow.workspace import Workspace


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def tree(pilot: Pilot[None]) -> Workspace:
    """Three pictures: one imported, two edited from it; the last is chosen."""
    workspace = app_of(pilot).workspace
    first = placed(workspace, Brief(purpose="Robot for the jobs page"))
    put(workspace, first)
    workspace.choose(put(workspace, first).id)
    app_of(pilot).show_step("edit")
    await press(pilot, "T")
    await until(pilot, lambda: "leads to the chosen image" in shown(pilot))
    return workspace


async def test_walk_compare_and_branch(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await tree(pilot)
        assert isinstance(pilot.app.screen, LineageScreen)
        assert "┃i1  imported" in shown(pilot)
        assert "   e1  edited · from i1" in shown(pilot)
        assert "┃e2  edited · from i1" in shown(pilot)
        picture = pilot.app.screen.query_one("#picture", ImageView)
        await until(pilot, lambda: picture.picture is not None)
        await press(pilot, "v")
        assert isinstance(pilot.app.screen, LineageScreen)
        await press(pilot, "space", "k", "k")
        await until(pilot, lambda: "against e2" in shown(pilot))
        await press(pilot, "v")
        assert isinstance(pilot.app.screen, RecipesScreen)
        await until(pilot, lambda: "effect 0" in shown(pilot))
        assert "nobody knows how one of them was made" in shown(pilot)
        await press(pilot, "q", "l", "z")
        assert isinstance(pilot.app.screen, LookScreen)
        await press(pilot, "q", "h", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, IterateScreen))
        parent = workspace.parent()
        assert parent is not None
        assert parent.id == workspace.images()[0].id
        await press(pilot, "T")
        await until(pilot, lambda: "◆ parent now" in shown(pilot))


async def test_thousands_of_images_are_walked_and_folded(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        project = fill(app.workspace.store, 1_250, 4)
        app.open_project(project)
        await press(pilot, "T")
        lines = pilot.app.screen.query_one(LineList)
        await until(pilot, lambda: lines._count > 1_250)
        assert lines._count < 3_000
        assert "┃    1250.1" in shown(pilot)
        assert "◆ parent now" in shown(pilot)
        await press(pilot, "h")
        assert "┃▾ 1250 style: flat → oil" in shown(pilot)
        await press(pilot, "enter")
        assert "┃▸ 1250 style: flat → oil" in shown(pilot)
        await press(pilot, "l", "l", "end", "home")
        assert "▾ 1 " in shown(pilot)
        drawn: list[int] = []
        draw = lines._draw

        def counted(place: int) -> Text:
            drawn.append(place)
            return draw(place)

        lines._draw = counted
        for _ in range(10):
            await pilot.press("j")
        # A move draws the two lines that change, and never those that are not seen.
        assert 20 <= len(drawn) < 20 * lines.size.height
        assert max(drawn) < 2 * lines.size.height
        assert lines.cursor == 10
        app.workspace.store.projects.trash(project)


@pytest.mark.parametrize("size", [(40, 10), (160, 48)])
async def test_every_size_is_usable(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size) as pilot:
        await tree(pilot)
        await press(pilot, "j", "k", "k", "space", "h", "l", "pageup", "pagedown")
        assert "imported" in shown(pilot)


async def test_without_images_it_says_what_to_do(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app_of(pilot).workspace.create("Empty")
        app_of(pilot).show_step("batch")
        await press(pilot, "T")
        await until(pilot, lambda: "No image yet" in shown(pilot))
        await press(pilot, "enter", "r", "v", "z", "y", "h", "l", "j", "space")
        assert isinstance(pilot.app.screen, LineageScreen)


async def test_the_coach_is_put_away_and_comes_back(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await tree(pilot)
        await press(pilot, "C")
        assert "leads to the chosen image" not in shown(pilot)
        await press(pilot, "q", "T")
        await until(pilot, lambda: "edited" in shown(pilot))
        assert "leads to the chosen image" not in shown(pilot)
        await press(pilot, "space")
        assert "e2 is marked" in shown(pilot)
        await press(pilot, "space", "C")
        assert "leads to the chosen image" in shown(pilot)


# What I learned


def judged(workspace: Workspace, *, verdict: Verdict = Verdict.BETTER, after: str = "close") -> str:
    change = Element("composition", "wide shot", after)
    job = workspace.store.jobs.add(workspace.project.id, '{"intent": {"model": "/m/starter"}}')
    made = workspace.store.rounds.add(
        workspace.project.id,
        job.id,
        RoundKind.CHANGE,
        changes=(change,),
        parent_image_id=workspace.position.image_id,
    )
    effect = (0.21, "mostly the subject")
    workspace.store.rounds.update(made.id, verdict=verdict, learned="larger", effect=effect)
    return made.id


async def test_the_log_is_searched_and_leads_into_the_prompt(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        await press(pilot, "H")
        await until(pilot, lambda: "Nothing yet" in shown(pilot))
        placed(app.workspace, Brief(purpose="First"))
        round_id = judged(app.workspace)
        judged(app.workspace, verdict=Verdict.WORSE)
        first = app.workspace.project.id
        placed(app.workspace, Brief(purpose="Second"))
        judged(app.workspace, after="tilted")
        app.show_step("prompt")
        await press(pilot, "H")
        await until(pilot, lambda: "3 of 3 verdicts" in shown(pilot))
        assert isinstance(pilot.app.screen, LearnedScreen)
        assert "composition · better 2 of 3" in shown(pilot)
        line = "“close” → larger, better 1 of 2 (starter) · effect 0.21"
        assert line in shown(pilot)
        await press(pilot, "l")
        await until(pilot, lambda: line not in shown(pilot))
        await press(pilot, "h", "slash", *"starter clo")
        await until(pilot, lambda: "2 of 3 verdicts" in shown(pilot))
        assert "tilted" not in shown(pilot)
        await press(pilot, "escape", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PromptScreen))
        assert app.workspace.project.draft.composition == "close"
        await until(pilot, lambda: "Learned · “close” → larger, better 1 of 2" in shown(pilot))
        # It is there already now: enter leads to the round it comes from.
        await press(pilot, "H")
        await until(pilot, lambda: line in shown(pilot))
        pilot.app.screen.query_one(Field)._take("clo")
        await until(pilot, lambda: "2 of 3 verdicts" in shown(pilot))
        await press(pilot, "r")
        await until(pilot, lambda: isinstance(pilot.app.screen, IterateScreen))
        assert app.workspace.project.id == first
        assert app.workspace.store.rounds.get(round_id).project_id == first
