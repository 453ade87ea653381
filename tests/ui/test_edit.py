"""Step 5 through the real app: masks by keyboard, a real repair, light edits, walking back."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import numpy as np
import pytest
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Static

from tui.app import KeepersApp
from tui.domain.brief import Brief
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.imaging.curves import Curve
from tui.imaging.metadata import read_edited
from tui.imaging.operations import Crop, Exposure
from tui.imaging.pixels import Levels, open_picture, pixel_hash, to_array
from tui.imaging.source_type import COMPOSITE, source_type
from tui.screens.edit import EditScreen
from tui.screens.help import HelpScreen
from tui.screens.line import LineScreen
from tui.screens.pick import PickScreen
from tui.store.files import sha256_of
from tui.store.images import ImageRecord
from tui.widgets.frame import CoachLine, KeyLine
from tui.widgets.histogram_plot import HistogramPlot
from tui.workflow.options import Options
from tui.workflow.rounds import plan, send

from .conftest import OpenApp, shown, until

Opened = Callable[..., AbstractAsyncContextManager[Pilot[None]]]
SEEDS = itertools.count(7, 100)
"""What one test made must not be found again by another."""


def keepers(pilot: Pilot[None]) -> KeepersApp:
    app = pilot.app
    assert isinstance(app, KeepersApp)
    return app


def edit(pilot: Pilot[None]) -> EditScreen:
    screen = pilot.app.screen
    assert isinstance(screen, EditScreen)
    return screen


def chosen(pilot: Pilot[None]) -> ImageRecord:
    image = keepers(pilot).workspace.chosen()
    assert image is not None
    return image


def pixels(pilot: Pilot[None], image: ImageRecord) -> Levels:
    return to_array(open_picture(keepers(pilot).workspace.file(image)))


def said(pilot: Pilot[None]) -> str:
    return " ".join(note.message for note in pilot.app._notifications)


async def typed(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*(("space" if letter == " " else letter) for letter in text))


async def opened(pilot: Pilot[None]) -> EditScreen:
    """The edit step, with its picture read."""
    keepers(pilot).show_step("edit")
    await until(pilot, lambda: isinstance(pilot.app.screen, EditScreen))
    await ready(pilot)
    return edit(pilot)


async def ready(pilot: Pilot[None]) -> None:
    def is_ready() -> bool:
        screen, image = edit(pilot), keepers(pilot).workspace.chosen()
        return (
            screen.is_mounted
            and screen.session is not None
            and image is not None
            and screen.session.image.id == image.id
            and screen.view.picture is not None
            and all(w.is_finished for w in pilot.app.workers if w.node is screen)
        )

    await until(pilot, is_ready)


@pytest.fixture
def app_with_image(open_app: OpenApp):  # type: ignore[no-untyped-def]
    """The app on a project of its own with a real image, chosen, in the edit step."""

    @asynccontextmanager
    async def started(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
        async with open_app(size) as pilot:
            app = keepers(pilot)
            app.workspace.create("A fox")
            app.workspace.save_draft(
                Layers(subject="a red fox", style="flat illustration", negatives="text")
            )
            app.workspace.save_options(Options(count=2, steps=2, seed=next(SEEDS)))
            await until(pilot, lambda: not app.link.trouble)
            job = await send(app.workspace, app.link, plan(app.workspace))
            await until(pilot, lambda: len(app.workspace.store.images.for_job(job.id)) == 2)
            app.workspace.choose(app.workspace.store.images.for_job(job.id)[0].id)
            await opened(pilot)
            yield pilot

    return started


async def test_without_an_image_it_says_where_to_choose_one(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        keepers(pilot).workspace.create("Empty")
        keepers(pilot).show_step("edit")
        await until(pilot, lambda: isinstance(pilot.app.screen, EditScreen))
        await until(pilot, lambda: "No image is chosen" in shown(pilot))
        assert "go to Batch with 3" in shown(pilot)
        await pilot.press("w", "g", "W", "E", "x", "space", "u", "b", "h", "l", "ctrl+r", "y", "z")
        await pilot.pause()
        assert "There is no image" in said(pilot)
        assert isinstance(pilot.app.screen, EditScreen)


async def test_a_repair_by_keyboard_changes_nothing_outside_the_mask(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        screen, before = edit(pilot), chosen(pilot)
        workspace = keepers(pilot).workspace
        digest = sha256_of(workspace.file(before))
        assert "flat illustration" in shown(pilot), "the style is the image's own"

        await pilot.press("g")
        await until(pilot, lambda: "mask is empty" in said(pilot).lower())

        await pilot.press("w")
        assert "masking" in shown(pilot)
        await typed(pilot, "20h20kv40l40j")
        assert screen.query_one(KeyLine).legend.startswith("hjkl")
        await pilot.press("enter")
        assert screen.session is not None
        mask = screen.session.editor.mask
        assert mask.sum() == 41 * 41 * 255
        await pilot.press("escape")
        assert screen.query_one(KeyLine).state == "commanding"
        assert "Say in Paint" in screen.query_one(CoachLine).says

        await pilot.press("g")
        await until(pilot, lambda: "write it into Paint" in said(pilot))
        await pilot.press("enter")
        await typed(pilot, "a blue ball")
        await pilot.press("escape")
        await pilot.press(*"jjjjjjj", "space")
        await until(pilot, lambda: "colours matched" in shown(pilot))
        await pilot.press("j", "enter", "backspace", "2", "enter")
        assert screen.session.draft.count == 2
        await pilot.press("g")
        await until(pilot, lambda: screen.results.has_focus)
        await until(pilot, lambda: screen.results.places == ("", ""))
        assert "[1]" in shown(pilot)
        await pilot.press("l")
        await until(pilot, lambda: "result 2" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: chosen(pilot).id != before.id)
        await ready(pilot)

        after = chosen(pilot)
        assert (after.parent_id, after.origin) == (before.id, Origin.INPAINTED)
        old, new = pixels(pilot, before), pixels(pilot, after)
        assert np.array_equal(old[mask == 0], new[mask == 0])
        assert not np.array_equal(old, new)
        assert after.recipe is not None
        assert after.recipe.intent.layers.subject == "a blue ball"
        assert after.recipe.intent.match_seam is True
        assert sha256_of(workspace.file(before)) == digest, "nothing is overwritten"

        await pilot.press("u")
        await until(pilot, lambda: chosen(pilot).id == before.id)
        await ready(pilot)
        assert np.array_equal(edit(pilot).session.editor.mask, mask)  # type: ignore[union-attr]
        await until(pilot, lambda: screen.results.places == ("", ""))

        # The same again goes on with other seeds.
        await pilot.press("g")
        await until(pilot, lambda: screen.results.has_focus)
        await until(pilot, lambda: screen.results.places == ("", ""))
        first = workspace.options.seed
        seeds = [image.seed or 0 for image in workspace.store.images.children(before.id)]
        assert sorted(seeds) == [first, first + 1, first + 2, first + 3]


async def test_light_edits_become_a_new_image(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        screen, before = edit(pilot), chosen(pilot)
        workspace = keepers(pilot).workspace
        workspace.save_brief(Brief(purpose="A header", width=1200, height=630))
        screen.refresh_frame()
        await until(pilot, lambda: "The place needs 1200 × 630" in shown(pilot))

        await pilot.press("W")
        await until(pilot, lambda: "no light edit is on" in said(pilot))

        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await until(pilot, lambda: "crop to 1200:630" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "1 crop" in shown(pilot))
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, "exposure")
        await pilot.press("enter")
        await until(pilot, lambda: "2 exposure" in shown(pilot))
        await ready(pilot)
        assert screen.session is not None
        assert screen.view.picture is not None
        assert screen.view.picture.size == (128, 67), "it is seen as it will be"

        await pilot.press("l", "l")
        assert list(screen.session.draft.active) == [Crop(1200, 630), Exposure(0.5)]
        await pilot.press("enter", *["backspace"] * 6)
        await typed(pilot, "9")
        await pilot.press("enter")
        await until(pilot, lambda: "type a number from -4 to 4" in said(pilot))
        assert screen.session.draft.active[1] == Exposure(0.5), "what was there stays"
        await pilot.press("enter", *["backspace"] * 6)
        await typed(pilot, "1")
        await pilot.press("enter")
        assert screen.session.draft.active[1] == Exposure(1)
        await pilot.press("space")
        assert list(screen.session.draft.active) == [Crop(1200, 630)]
        await until(pilot, lambda: " off" in shown(pilot))
        await pilot.press("space")
        await pilot.press("b")
        await until(pilot, lambda: "before: without the light edits" in shown(pilot))
        await pilot.press("b", "W")
        await until(pilot, lambda: chosen(pilot).id != before.id)
        await ready(pilot)

        after = chosen(pilot)
        assert (after.origin, after.parent_id, after.recipe) == (Origin.EDITED, before.id, None)
        assert (after.width, after.height) == (128, 67)
        assert after.sha256 == sha256_of(workspace.file(after))
        assert after.pixels == pixel_hash(pixels(pilot, after))
        record = read_edited(workspace.file(after))
        assert record.operations.operations == (Crop(1200, 630), Exposure(1))
        assert (record.image, record.parent) == (after.id, before.id)
        assert source_type(workspace.file(after)) == COMPOSITE
        assert edit(pilot).session.draft.steps == ()  # type: ignore[union-attr]

        await pilot.press("b")
        await until(pilot, lambda: "before: the image this one was made from" in shown(pilot))
        await pilot.press("u")
        await until(pilot, lambda: chosen(pilot).id == before.id)
        await ready(pilot)
        assert len(edit(pilot).session.draft.steps) == 2, "and can be tuned again"  # type: ignore[union-attr]
        await pilot.press("u")
        await until(pilot, lambda: "first of its line" in said(pilot))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await pilot.press("enter")
        await until(pilot, lambda: chosen(pilot).id == after.id)


async def test_a_curve_is_typed_and_seen_at_once(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        screen = edit(pilot)
        assert screen.session is not None
        before = screen.view.picture
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, "curve")
        await pilot.press("enter")
        await until(pilot, lambda: "1 curve" in shown(pilot))
        await pilot.press("enter", *["backspace"] * 30)
        await typed(pilot, "0 0 64")
        await pilot.press("enter")
        await until(pilot, lambda: "a number without a partner" in said(pilot))
        assert screen.session.draft.active == (Curve(),), "what was there stays"
        await pilot.press("enter", *["backspace"] * 30)
        await typed(pilot, "r 0 255 255 0")
        await pilot.press("enter")
        await until(pilot, lambda: "r █▆▄▃▁" in shown(pilot))
        await ready(pilot)
        after = screen.view.picture
        assert before is not None
        assert after is not None
        old, new = to_array(before), to_array(after)
        assert np.array_equal(new[..., 0], 255 - old[..., 0])
        assert np.array_equal(new[..., 1:], old[..., 1:])


async def test_a_light_edit_is_limited_to_the_mask_by_a_key(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        screen, before = edit(pilot), chosen(pilot)
        await pilot.press("B")
        await until(pilot, lambda: "B is for a light edit" in said(pilot))
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, "exposure")
        await pilot.press("enter")
        await until(pilot, lambda: "1 exposure" in shown(pilot))
        await ready(pilot)
        await pilot.press("B")
        await until(pilot, lambda: "The mask is empty" in said(pilot))
        await pilot.press("w")
        await typed(pilot, "v20l20j")
        await pilot.press("enter", "escape", *"jjjjjjjjj", "B")
        await until(pilot, lambda: "+0.3, on the mask" in shown(pilot))
        await pilot.press("W")
        await until(pilot, lambda: chosen(pilot).id != before.id)
        await ready(pilot)
        assert screen.session is not None
        old, new = pixels(pilot, before), pixels(pilot, chosen(pilot))
        mask = np.zeros(old.shape[:2], bool)
        mask[64:85, 64:85] = True
        assert np.array_equal(old[~mask], new[~mask])
        assert not np.array_equal(old, new)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_a_histogram_follows_the_light_edits(
    app_with_image: Opened, size: tuple[int, int]
) -> None:
    async with app_with_image(size) as pilot:
        plot = edit(pilot).query_one(HistogramPlot)
        await until(pilot, lambda: plot.levels is not None)
        assert " dark " in shown(pilot)
        assert " light" in shown(pilot)
        assert (" blue " in shown(pilot)) == (size[0] > 120)
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, "exposure")
        await pilot.press("enter")
        await until(pilot, lambda: "1 exposure" in shown(pilot))
        await pilot.press("enter", *["backspace"] * 4)
        await typed(pilot, "-4")
        await pilot.press("enter")
        await until(pilot, lambda: plot.levels is not None and not any(plot.levels.light[12:]))
        drawn = next(line for line in shown(pilot).splitlines() if " dark " in line)
        assert drawn.partition(" dark ")[2][12:24].isspace()


async def test_without_colours_picture_mask_and_histogram_are_still_there(
    app_with_image: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with app_with_image() as pilot:
        assert pilot.app.no_color
        await until(pilot, lambda: " dark " in shown(pilot))
        await pilot.press("w", "v", "9", "l")
        await until(pilot, lambda: "rectangle 10" in shown(pilot))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: "commanding" in shown(pilot))


async def test_what_is_being_done_survives_leaving(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        await pilot.press("w")
        await typed(pilot, "V9l9j")
        await pilot.press("enter", "escape", "enter")
        await typed(pilot, "a hat")
        await pilot.press("escape")
        await pilot.press("less_than_sign")
        await until(pilot, lambda: not isinstance(pilot.app.screen, EditScreen))
        screen = await opened(pilot)
        assert screen.session is not None
        assert screen.session.draft.paint == "a hat"
        assert 0 < (screen.session.editor.mask > 0).sum() < 100, "an ellipse"
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: getattr(pilot.app.screen, "PLACE", "") == "check")


async def test_a_mask_that_is_wanted_early_begins_when_the_image_is_read(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        screen = edit(pilot)
        screen.reopen()
        screen.action_mask()
        assert not screen.masking
        await until(pilot, lambda: screen.masking)
        assert "There is no image" not in said(pilot)


async def test_masking_owns_the_keys_until_esc(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        screen = edit(pilot)
        await pilot.press("w")
        assert screen.session is not None
        editor = screen.session.editor
        await pilot.press("q", "P", "1", "tab", "x")
        assert isinstance(pilot.app.screen, EditScreen)
        assert screen.masking
        assert "does nothing here" in said(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        assert "Move the cursor left" in shown(pilot)
        await pilot.press("q")
        await until(pilot, lambda: screen.view.has_focus)
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, "10% 20% 50% 60%")
        await pilot.press("enter")
        await until(pilot, lambda: not editor.is_empty)
        assert np.argwhere(editor.mask).min(axis=0).tolist() == [26, 13]
        assert screen.masking
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await typed(pilot, "1 2 3")
        await pilot.press("enter")
        await until(pilot, lambda: "A box has four numbers" in said(pilot))
        await pilot.press("exclamation_mark", "u", "X")
        assert editor.is_empty
        await pilot.press("u", "v", "escape")
        assert screen.masking, "the first esc gives up the shape"
        await pilot.press("alt+z")
        await until(pilot, lambda: not screen.masking and screen.zoomed)


async def test_brush_lasso_grid_and_segments_by_keyboard(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        screen = edit(pilot)
        await pilot.press("w")
        assert screen.session is not None
        editor = screen.session.editor
        await pilot.press("g", "5", "1")
        await until(pilot, lambda: "grid, 14 × 14" in shown(pilot))
        assert "1…9 go in" in shown(pilot)
        await pilot.press("enter")
        assert (editor.mask > 0).sum() == 14 * 14
        await pilot.press("9", "b", "L", "J", "b")
        await until(pilot, lambda: "add, at" in shown(pilot))
        painted = int((editor.mask > 0).sum())
        assert painted > 14 * 14
        await pilot.press("p", "2", "0", "l", "p", "2", "0", "j")
        await until(pilot, lambda: "lasso, 2 corners" in shown(pilot))
        assert "·" in shown(pilot)
        await pilot.press("escape")
        assert screen.masking
        assert (editor.mask > 0).sum() == painted
        await pilot.press("X", "f")
        await until(pilot, lambda: "press a letter" in shown(pilot))
        await pilot.press("a")
        await until(pilot, lambda: not editor.is_empty)
        await pilot.press("A", "enter", "m")
        await until(pilot, lambda: isinstance(pilot.app.screen, LineScreen))
        await typed(pilot, "background")
        await pilot.press("enter")
        await until(pilot, lambda: "Kept as “background”" in said(pilot))
        kept = editor.mask
        await pilot.press("X", "apostrophe")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        assert "background" in shown(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: not editor.is_empty)
        assert np.array_equal(editor.mask, kept)
        await pilot.press("escape")
        await until(pilot, lambda: not screen.masking)


async def test_a_picture_comes_back_from_another_program(app_with_image, tmp_path) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        before, file = chosen(pilot), tmp_path / "back.png"
        picture = pixels(pilot, before).copy()
        picture[:20] = 0
        Image.fromarray(picture).save(file)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(pilot.app.screen, LineScreen))
        await typed(pilot, str(file))
        await pilot.press("enter")
        await until(pilot, lambda: "Taken in. Different" in said(pilot))
        await ready(pilot)
        after = chosen(pilot)
        assert after.parent_id == before.id
        assert np.array_equal(pixels(pilot, after), picture)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(pilot.app.screen, LineScreen))
        await typed(pilot, "/no/such.png")
        await pilot.press("enter")
        await until(pilot, lambda: "There is no file" in said(pilot))
        assert chosen(pilot).id == after.id


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 48)])
async def test_it_is_usable_at_every_size(app_with_image, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image(size) as pilot:
        screen = edit(pilot)
        assert "Mask" in shown(pilot)
        await pilot.press("w", "v", "L", "J", "enter")
        assert screen.view.size.height >= 2
        await pilot.press("escape")
        for _ in range(14):
            await pilot.press("j")
        assert screen.focused is not None
        await pilot.press("z", "l", "j", "escape")
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickScreen))
        await pilot.press("enter")
        await ready(pilot)
        await until(pilot, lambda: bool(screen.query_one("#caption", Static).display))


async def test_flaws_of_the_batch_are_what_the_coach_speaks_of(app_with_image) -> None:  # type: ignore[no-untyped-def]
    async with app_with_image() as pilot:
        workspace = keepers(pilot).workspace
        image = chosen(pilot)
        marks = msgspec.structs.replace(workspace.marks(image), flaws=("hands",))
        workspace.mark(image, marks)
        edit(pilot).refresh_frame()
        await until(pilot, lambda: "You marked hands here: press w" in shown(pilot))
