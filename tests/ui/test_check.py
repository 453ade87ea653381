"""The check: evidence beside every item, answers kept at once, export only when signed off."""

from pathlib import Path

import pytest
from PIL import Image

from tests.ui.conftest import OpenApp, shown, until
from tests.ui.drawn import app_of, drawn, placed, put
from tui.domain.brief import Brief, Stakes
from tui.domain.check import Answer, SignOff
from tui.screens.check import CheckScreen
from tui.screens.export import ExportScreen
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
