"""Step 3: the batch fills, is culled by keyboard, and leads on or back."""

import msgspec
import pytest
from textual.pilot import Pilot

from tests.ui.conftest import OpenApp, shown, until
from tui.app import KeepersApp
from tui.domain.candidate import Closeness
from tui.domain.prompt import Layers
from tui.screens.batch import BatchScreen
from tui.screens.look import LookScreen, TwoUpScreen
from tui.store.jobs import JobState
from tui.widgets.candidate_cell import CandidateCell
from tui.widgets.gallery import Gallery
from tui.widgets.image_view import ImageView
from tui.workflow.rounds import plan, send
from tui.workflow.workspace import Workspace

_projects = iter(range(1, 100))


def app_of(pilot: Pilot[None]) -> KeepersApp:
    assert isinstance(pilot.app, KeepersApp)
    return pilot.app


def workspace_of(pilot: Pilot[None]) -> Workspace:
    return app_of(pilot).workspace


async def begin(pilot: Pilot[None], *, count: int = 2, steps: int = 2) -> Workspace:
    """A new project with words of its own, so that nothing of it exists already."""
    workspace = workspace_of(pilot)
    workspace.create("Robot")
    words = Layers(subject=f"a robot, number {next(_projects)}", style="flat illustration")
    workspace.save_draft(words)
    workspace.save_options(msgspec.structs.replace(workspace.options, count=count, steps=steps))
    await until(pilot, lambda: not app_of(pilot).link.trouble)
    return workspace


async def batch(pilot: Pilot[None], **options: int) -> Workspace:
    """A finished batch, shown."""
    workspace = await begin(pilot, **options)
    await send(workspace, app_of(pilot).link, plan(workspace))
    app_of(pilot).show_step("batch")
    await until(pilot, lambda: done(pilot))
    return workspace


def done(pilot: Pilot[None]) -> bool:
    """Whether every picture of the batch is made, and those of the page that is shown are read."""
    if not isinstance(pilot.app.screen, BatchScreen):
        return False
    cells = list(pilot.app.screen.query(CandidateCell))
    return bool(cells) and all(
        cell.slot.image is not None
        and (not cell.display or cell.query_one(ImageView).picture is not None)
        for cell in cells
    )


def said(pilot: Pilot[None]) -> str:
    """Every notice there is."""
    return " ".join(note.message for note in pilot.app._notifications)


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_cells_fill_with_previews_and_then_with_the_files(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot, steps=30)
        await send(workspace, app_of(pilot).link, plan(workspace))
        app_of(pilot).show_step("batch")
        await until(pilot, lambda: "step " in shown(pilot) and "/30" in shown(pilot))

        def previewed() -> bool:
            cells = list(pilot.app.screen.query(CandidateCell))
            return any(c.slot.image is None and c.query_one(ImageView).picture for c in cells)

        await until(pilot, previewed)
        await until(pilot, lambda: done(pilot))
        assert "step 3" not in shown(pilot)
        await until(pilot, lambda: "Mark the closest with space" in shown(pilot))


async def test_marks_are_given_by_keyboard_and_kept(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await batch(pilot)
        first, second = workspace.images()
        assert "▶1" in shown(pilot)
        await press(pilot, "space")
        assert "▶1 ★ closest" in shown(pilot)
        assert workspace.position.image_id == first.id
        await press(pilot, "l", "space")
        assert "▶2 ★ closest" in shown(pilot)
        assert workspace.marks(first).closeness is Closeness.KEPT
        await press(pilot, "u")
        assert "1 ★ closest" in shown(pilot)
        await press(pilot, "x")
        assert "▶2 ✗ rejected" in shown(pilot)
        await press(pilot, "f", *"text", "enter")
        await press(pilot, "f", *"six [b]toes", "enter")
        await press(pilot, "m", *"col", "enter")
        await press(pilot, "c", *"so [red]close", "enter")
        marks = workspace.marks(second)
        assert marks.flaws == ("text", "six [b]toes")
        assert marks.merits == ("colour",)
        assert marks.comment == "so [red]close"
        assert "− text, six [b]toes · + colour" in shown(pilot)
        await press(pilot, "c", "escape")
        await press(pilot, "f", *"text", "enter")
        assert workspace.marks(second).flaws == ("six [b]toes",)
        await press(pilot, "u", "h", "f", *"text", "enter")
        assert "Recurring: text in 2 of 2" in shown(pilot)
        assert "negatives" in shown(pilot)


async def test_looking_closely_and_at_two(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        await batch(pilot)
        await press(pilot, "v")
        assert isinstance(pilot.app.screen, BatchScreen)
        await press(pilot, "space", "z")
        screen = pilot.app.screen
        assert isinstance(screen, LookScreen)
        await until(pilot, lambda: screen.query_one(ImageView).picture is not None)
        assert "1 of 2 · 1 ★ closest · seed 7" in shown(pilot)
        assert "seed7.png" in shown(pilot)
        await press(pilot, "l")
        assert "2 of 2" in shown(pilot)
        await press(pilot, "z")
        box = screen.query_one(ImageView).shown_box()
        await press(pilot, "l", "j")
        moved = screen.query_one(ImageView).shown_box()
        assert (moved[0] > box[0], moved[1] > box[1]) == (True, True)
        await press(pilot, "y")
        assert pilot.app.clipboard.endswith("seed8.png")
        assert "scp" in said(pilot)
        await press(pilot, "z", "z", "z")
        assert isinstance(pilot.app.screen, BatchScreen)
        await press(pilot, "l", "v")
        pair = pilot.app.screen
        assert isinstance(pair, TwoUpScreen)
        await until(pilot, lambda: "effect 0." in shown(pilot))
        await press(pilot, "z", "l", "k", "q")
        assert isinstance(pilot.app.screen, BatchScreen)


async def test_on_to_iterate_only_with_a_closest(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await batch(pilot)
        await press(pilot, "greater_than_sign")
        assert isinstance(pilot.app.screen, BatchScreen)
        assert "Mark the closest picture first" in said(pilot)
        await press(pilot, "l", "space", "greater_than_sign")
        assert app_of(pilot).screen.query("ElementList")
        parent = workspace.parent()
        assert parent is not None
        assert parent.seed == 8


async def test_none_is_close_leads_back_to_the_words(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await batch(pilot)
        await press(pilot, "space", "greater_than_sign", "3")
        await press(pilot, "n")
        assert getattr(pilot.app.screen, "PLACE", "") == "prompt"
        assert workspace.position.parent_id is None
        assert "None is close" in said(pilot)


async def test_more_of_the_same_and_back_to_earlier_batches(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await batch(pilot)
        first = workspace.position.job_id
        await press(pilot, "g")
        await until(pilot, lambda: workspace.position.job_id != first)
        await until(pilot, lambda: "batch 2 of 2" in shown(pilot) and done(pilot))
        assert "seed 9" in shown(pilot)
        await press(pilot, "left_square_bracket")
        assert "seed 7" in shown(pilot)
        assert workspace.position.job_id == first
        await press(pilot, "left_square_bracket")
        assert "first batch" in said(pilot)
        await press(pilot, "right_square_bracket")
        assert "seed 9" in shown(pilot)


async def test_a_batch_is_found_finished_when_the_program_comes_back(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot, steps=3)
        project = workspace.project.id
        await send(workspace, app_of(pilot).link, plan(workspace))
        app_of(pilot).show_step("batch")
        await pilot.pause()
    async with open_app() as pilot:
        app_of(pilot).open_project(project)
        await until(pilot, lambda: done(pilot))
        assert workspace_of(pilot).store.jobs.list(project_id=project)[0].state is JobState.DONE


async def test_a_cancelled_batch_says_so_and_g_makes_the_rest(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot, steps=400)
        await send(workspace, app_of(pilot).link, plan(workspace))
        app_of(pilot).show_step("batch")
        await until(pilot, lambda: "/400" in shown(pilot))
        await press(pilot, "ctrl+c")
        await until(pilot, lambda: "Cancelled with 0 of 2 made. g makes the rest." in shown(pilot))
        workspace.store.jobs.add(workspace.project.id, "not JSON")
        await press(pilot, "left_square_bracket")
        assert "first batch" in said(pilot)


async def test_a_batch_that_fails_says_why(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace = await begin(pilot)
        options = msgspec.structs.replace(workspace.options, scheduler="NoSuchScheduler")
        workspace.save_options(options)
        await send(workspace, app_of(pilot).link, plan(workspace))
        app_of(pilot).show_step("batch")
        await until(pilot, lambda: "Failed: " in shown(pilot))
        assert "NoSuch" in shown(pilot)


@pytest.mark.parametrize("size", [(40, 10), (160, 48), (20, 5)])
async def test_every_size_works(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size) as pilot:
        await batch(pilot, count=4)
        await press(pilot, "l", "j", "k", "h", "space", "z", "z", "q", "l", "v", "q", "x", "u")
        gallery = pilot.app.screen.query_one(Gallery)
        if size == (40, 10):
            assert "page 2 of 4" in shown(pilot)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: gallery.page == (1, 1))
        cells = gallery.cells
        assert all(cell.region.width > 0 for cell in cells)
        assert max(cell.region.right for cell in cells) <= 80


async def test_without_a_batch_it_says_what_to_do(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        workspace_of(pilot).create("Empty")
        app_of(pilot).show_step("batch")
        await pilot.pause()
        assert "No batch yet" in shown(pilot)
        await press(pilot, *"hjklxfmczvybut", "space", "enter")
        await press(pilot, "left_square_bracket", "g")
        await until(pilot, lambda: "There is no batch yet" in said(pilot))
