"""The check: evidence beside every item, answers kept at once, export only when signed off."""

from pathlib import Path

import pytest
from PIL import Image
from textual.pilot import Pilot

from tests.checks.pictures import lettered, portrait
from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of, drawn, placed, put
from tests.workflow.test_editing import add_image
from tui.domain.brief import Brief, Stakes
from tui.domain.check import Answer, SignOff
from tui.imaging.pixels import to_array
from tui.screens.check import CheckScreen
from tui.screens.edit import EditScreen
from tui.screens.export import ExportScreen
from tui.store.ids import new_id
from tui.widgets.check_row import CheckRow
from tui.workflow.workspace import Workspace

PUBLIC = Brief(
    purpose="jobs page",
    stakes=Stakes.PUBLIC,
    width=1200,
    height=630,
    must_contain=("a robot", "room [b]on the left"),
    must_avoid=("weapons",),
)


def stored(workspace: Workspace) -> SignOff:
    image = workspace.chosen()
    assert image is not None
    found = workspace.store.sign_offs.get(image.id)
    assert found is not None
    return found


def answers(workspace: Workspace) -> dict[str, Answer]:
    return {item.id: item.answer for item in stored(workspace).items}


async def test_a_casual_picture_crosses_in_three_keys(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        await drawn(pilot, Brief(purpose="a card"))
        app.show_step("check")
        await until(pilot, lambda: len(pilot.app.screen.query(CheckRow)) == 3)
        await pilot.press("space", "space", "space")
        await pilot.pause()
        assert stored(app.workspace).complete
        assert "signed off 3 of 3: ready to export" in shown(pilot)
        assert "6 Check" in shown(pilot)
        await until(pilot, lambda: "edges" in shown(pilot))


async def test_evidence_stands_beside_the_items_and_is_never_markup(open_app: OpenApp) -> None:
    async with open_app(size=(120, 30)) as pilot:
        app = app_of(pilot)
        placed(app.workspace, PUBLIC)
        app.show_step("check")
        await until(pilot, lambda: "nothing found in the words; you?" in shown(pilot))
        text = shown(pilot)
        assert "1200 × 630 wanted, 64 × 48 drawn" in text
        assert "the negatives name it" in text
        assert "room [b]on the left" in text
        assert "signed off 0 of 10: export waits" in text


async def test_accepting_asks_for_a_line_and_is_refused_without_one(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        placed(app.workspace, PUBLIC)
        app.show_step("check")
        await until(pilot, lambda: len(pilot.app.screen.query(CheckRow)) == 10)
        await pilot.press("a", "enter")
        await pilot.pause()
        assert "Accepting needs a reason" in shown(pilot)
        await pilot.press("a", *"web only", "enter")
        await pilot.pause()
        assert answers(app.workspace)["hands"] is Answer.ACCEPTED
        assert "accepted, because web only" in shown(pilot)
        await pilot.press("k", "x")
        await pilot.pause()
        assert answers(app.workspace)["hands"] is Answer.OPEN


async def test_leaving_a_reason_by_escape_keeps_it_as_a_comment(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        placed(app.workspace, PUBLIC)
        app.show_step("check")
        await until(pilot, lambda: len(pilot.app.screen.query(CheckRow)) == 10)
        await pilot.press("j", "a", *"maybe", "escape")
        await pilot.pause()
        item = next(item for item in stored(app.workspace).items if item.id == "text")
        assert (item.answer, item.reason) == (Answer.OPEN, "maybe")
        await pilot.press("c", *" so")
        await until(pilot, lambda: stored(app.workspace).items[1].reason == "maybe so")


async def test_fixing_leads_to_edit_and_the_newer_picture_is_answered_fixed(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        first = placed(app.workspace, Brief(purpose="a card"))
        app.show_step("check")
        await until(pilot, lambda: len(pilot.app.screen.query(CheckRow)) == 3)
        went: list[str] = []
        show = app.show_step
        with monkeypatch.context() as patch:
            patch.setattr(app, "show_step", went.append)
            await pilot.press("space", "f")
            await pilot.pause()
        assert went == ["edit"]
        app.workspace.choose(put(app.workspace, first).id)
        show("check")
        await until(pilot, lambda: "another image" in shown(pilot))
        assert "signed off 0 of 3" in shown(pilot)
        await pilot.press("space", "space")
        await pilot.pause()
        assert answers(app.workspace) == {
            "hands": Answer.CLEAN,
            "text": Answer.FIXED,
            "faces": Answer.OPEN,
        }


async def test_looking_closely_and_answering_meanwhile(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        placed(app.workspace, Brief())
        app.show_step("check")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, CheckScreen)
        await until(pilot, lambda: screen.picture.picture is not None)
        await pilot.press("j", "z")
        await pilot.pause()
        before = screen.picture.shown_box()
        await pilot.press("l", "j", "space")
        await pilot.pause()
        assert screen.picture.shown_box() != before
        assert answers(app.workspace)["text"] is Answer.CLEAN
        assert "2×" in shown(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert not screen.zoomed
        await pilot.press("space")
        await pilot.pause()
        assert answers(app.workspace)["faces"] is Answer.CLEAN


async def test_export_waits_for_a_waiver_and_says_where_the_file_is(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        placed(app.workspace, Brief(purpose="a card"))
        app.show_step("check")
        await until(pilot, lambda: len(pilot.app.screen.query(CheckRow)) == 3)
        await pilot.press("e")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, ExportScreen)
        await pilot.press("e")
        await pilot.pause()
        assert "Items are open" in shown(pilot)
        await pilot.press("enter", *"only a draft", "enter", "up", "enter")
        await pilot.press("ctrl+u", *str(tmp_path / "none" / "card.jpg"), "enter", "e")
        await until(pilot, lambda: "Not exported" in shown(pilot))
        target = tmp_path / "card.jpg"
        await pilot.press("enter", "ctrl+u", *str(target), "enter", "e")
        await until(pilot, target.is_file)
        await until(pilot, lambda: "scp" in shown(pilot))
        assert app.clipboard == str(target)
        with Image.open(target) as picture:
            assert picture.format == "JPEG"
        assert stored(app.workspace).waiver == "only a draft"
        await pilot.press("enter")
        await pilot.pause()
        assert "export waived, because only a draft" in shown(pilot)


async def test_without_a_picture_it_says_how_to_choose_one(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        app.workspace.create()
        app.show_step("check")
        await pilot.pause()
        assert "No picture is chosen yet" in shown(pilot)
        await pilot.press("space", "a", "x", "c", "f", "e", "y", "z", "j", "enter")
        await pilot.pause()
        assert "No picture is chosen yet" in shown(pilot)


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 48)])
async def test_every_size_works(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as pilot:
        app = app_of(pilot)
        placed(app.workspace, PUBLIC)
        app.show_step("check")
        await until(pilot, lambda: len(pilot.app.screen.query(CheckRow)) == 10)
        screen = pilot.app.screen
        assert isinstance(screen, CheckScreen)
        await until(pilot, lambda: screen.picture.picture is not None)
        await pilot.press(*["space"] * 9, "z", "z", "l", "escape", "a", *"so", "enter", "e", "q")
        await pilot.pause()
        assert stored(app.workspace).complete


async def checked(pilot: Pilot[None], picture: Image.Image, brief: Brief) -> CheckScreen:
    """The check of a picture that a project has, once all evidence is there."""
    workspace = app_of(pilot).workspace
    workspace.create(brief.purpose)
    workspace.save_brief(brief)
    workspace.choose(add_image(workspace, new_id(), levels=to_array(picture)).id)
    app_of(pilot).show_step("check")
    await until(pilot, lambda: isinstance(pilot.app.screen, CheckScreen))
    screen = pilot.app.screen
    assert isinstance(screen, CheckScreen)
    await until(pilot, lambda: "edges" in screen.measured() and "…" not in screen.measured())
    await pilot.pause()
    return screen


async def test_a_misspelling_is_looked_at_and_fixed_where_it_stands(open_app: OpenApp) -> None:
    brief = Brief(purpose="a card", must_contain=("the words “OPEN DAY”",))
    async with open_app() as pilot:
        screen = await checked(pilot, lettered("OPEM", "DAY"), brief)
        await pilot.press("j")
        await pilot.pause()
        assert "it reads “OPEM DAY”; the brief asks for “OPEN DAY”: look" in shown(pilot)
        assert "enter looks at each place" in shown(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "1 of 2 “OPEM”" in shown(pilot)
        first = screen.picture.shown_box()
        await pilot.press("enter")
        await pilot.pause()
        assert "2 of 2 “DAY”" in shown(pilot)
        assert screen.picture.shown_box() != first
        await pilot.press("enter")
        await pilot.pause()
        assert not screen.zoomed
        await pilot.press("enter", "enter", "f")
        await until(pilot, lambda: isinstance(pilot.app.screen, EditScreen))
        edit = pilot.app.screen
        assert isinstance(edit, EditScreen)
        await until(pilot, lambda: edit.session is not None)
        assert edit.session is not None
        mask = edit.session.editor.mask
        # The second line is masked, the first is not.
        assert mask[:200].max() == 0
        assert mask[200:300].any()
        await pilot.press("w", "f")
        await until(pilot, lambda: "2 found" in shown(pilot))


async def test_a_face_is_zoomed_onto_by_one_key(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        with Image.open(portrait()) as photograph:
            screen = await checked(pilot, photograph.convert("RGB"), Brief(purpose="a card"))
        await pilot.press("j", "j", "enter")
        await pilot.pause()
        assert "1 face found" in shown(pilot)
        assert screen.picture.zoom == 2
        left, top, right, bottom = screen.picture.shown_box()
        assert left < 173 < 357 < right
        assert top < 116 < 340 < bottom


async def test_a_part_that_is_pointed_at_is_kept_with_the_item(open_app: OpenApp) -> None:
    async with open_app() as pilot:
        screen = await checked(pilot, lettered(side=128), Brief(purpose="a card"))
        await pilot.press("w")
        await pilot.pause()
        assert "Go closer first" in shown(pilot)
        await pilot.press("z", "z", "h", "k", "w")
        await pilot.pause()
        seen = screen.picture.shown_box()
        area = stored(app_of(pilot).workspace).items[0].area
        assert area is not None
        assert area.box == seen
        assert "1 of 1" in shown(pilot)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        left, top, right, bottom = screen.picture.shown_box()
        assert left <= seen[0] < seen[2] <= right
        assert top <= seen[1] < seen[3] <= bottom


async def test_the_form_writes_a_traced_picture_for_the_briefs_place(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app() as pilot:
        app = app_of(pilot)
        placed(app.workspace, Brief(purpose="a card", width=600, height=300))
        app.show_step("check")
        await until(pilot, lambda: len(pilot.app.screen.query(CheckRow)) == 3)
        await pilot.press("space", "space", "space", "e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
        await pilot.pause()
        assert "the brief says 600 × 300" in shown(pilot)
        await pilot.press("j", "j", "enter", *"big", "enter", "e")
        await pilot.pause()
        assert "Size: this is no size" in shown(pilot)
        await pilot.press("enter", "ctrl+u", *"600x300", "enter", "j", "j", "j", "j", "enter")
        target = tmp_path / "card.svg"
        await pilot.press("ctrl+u", *str(target), "enter")
        await pilot.pause()
        assert "A robot, cartoon." in shown(pilot), "what it says to those who do not see it"
        await pilot.press("e")
        await until(pilot, target.is_file)
        await until(pilot, lambda: "scp" in shown(pilot))
        assert "Alt text: A robot, cartoon." in shown(pilot)
        assert 'width="600" height="300"' in target.read_text()
        assert "<desc>A robot, cartoon.</desc>" in target.read_text()
