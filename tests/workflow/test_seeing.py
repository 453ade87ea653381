"""What checks find in an image: looked for once, offered in Edit, masked for a fix."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.checks.pictures import lettered, portrait
from tests.workflow.test_editing import add_image
from tui.checks.answers import Check, CheckError
from tui.domain.brief import Brief
from tui.domain.check import CheckItem
from tui.domain.found import Area, AreaKind
from tui.imaging.mask_shapes import rectangle
from tui.imaging.pixels import Levels, to_array
from tui.store.images import ImageRecord
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import open_store
from tui.workflow.checking import open_check, point_at
from tui.workflow.edit_draft import load_draft, save_draft
from tui.workflow.edit_session import EditSession
from tui.workflow.evidence import Evidence
from tui.workflow.fixing import areas_to_fix, mask_for_fix, place_in_words, places_of
from tui.workflow.mask_files import named_masks
from tui.workflow.seeing import see, seen_areas
from tui.workflow.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    folders = (tmp_path / name for name in ("data", "config", "cache", "log"))
    with open_store(Home(*folders)) as store:
        workspace = Workspace(store, Settings())
        workspace.create()
        workspace.save_brief(Brief(purpose="a card"))
        yield workspace


def _chosen(workspace: Workspace, picture: Image.Image) -> ImageRecord:
    image = add_image(workspace, levels=to_array(picture))
    workspace.choose(image.id)
    return image


async def test_a_picture_is_looked_through_once(workspace: Workspace) -> None:
    image = _chosen(workspace, lettered("OPEN"))
    found = await see(workspace, image, Check.TEXT)
    assert [area.text for area in found.areas] == ["OPEN"]
    # No process could answer in that time: it is known already.
    assert await see(workspace, image, Check.TEXT, limit=1e-6) == found
    with pytest.raises(CheckError):
        await see(workspace, image, Check.FACES, limit=1e-6)
    assert seen_areas(workspace, image) == found.areas


async def test_what_was_kept_counts_only_while_it_can_be_read(workspace: Workspace) -> None:
    image = _chosen(workspace, lettered("OPEN"))
    await see(workspace, image, Check.TEXT)
    (kept,) = workspace.store.projects.folder(workspace.project).glob("checks/*.json")
    kept.write_text("{" * 2_000_000)
    assert seen_areas(workspace, image) == ()
    with pytest.raises(CheckError, match="took longer"):
        await see(workspace, image, Check.TEXT, limit=1e-6)


async def test_a_file_changed_outside_is_not_read(workspace: Workspace) -> None:
    image = _chosen(workspace, lettered("OPEN"))
    lettered("SHUT").save(workspace.file(image))
    with pytest.raises(CheckError, match="changed outside Keepers"):
        await see(workspace, image, Check.TEXT)


def _pressed(session: EditSession, *letters: str) -> Levels:
    session.editor.press("mask-segments")
    for letter in letters:
        session.editor.take(letter)
    return session.editor.mask


async def test_a_found_face_has_the_first_letter_in_edit(workspace: Workspace) -> None:
    with Image.open(portrait()) as photograph:
        image = _chosen(workspace, photograph.convert("RGB"))
    plain = await asyncio.to_thread(EditSession.open, workspace, image)
    plain.editor.press("mask-segments")
    assert "found" not in plain.editor.state_in_words()
    (face,) = (await see(workspace, image, Check.FACES)).areas
    session = await asyncio.to_thread(EditSession.open, workspace, image)
    mask = _pressed(session, "a")
    assert "1 found, " in session.editor.state_in_words()
    left, top, right, bottom = face.box
    assert mask[(top + bottom) // 2, (left + right) // 2] == 255
    assert mask[top : top + 9, left : left + 9].max() == 0
    assert mask[:, : left - 60].max() == mask[:, right + 60 :].max() == 0
    session.editor.take("a")
    assert session.editor.is_empty


async def test_what_a_person_pointed_at_is_offered_and_stays_with_the_answer(
    workspace: Workspace,
) -> None:
    image = _chosen(workspace, Image.new("RGB", (64, 48), "white"))
    check = open_check(workspace)
    assert check is not None
    point_at(workspace.store, check, "hands", (8, 4, 24, 20))
    again = open_check(workspace)
    assert again is not None
    area = again.item("hands").area
    assert area == Area(AreaKind.MARKED, (8, 4, 24, 20))
    assert not again.item("hands").settled
    assert seen_areas(workspace, image) == (area,)
    session = await asyncio.to_thread(EditSession.open, workspace, image)
    assert np.array_equal(_pressed(session, "a"), rectangle((64, 48), (8, 4, 24, 20)))


def test_a_fix_masks_its_areas_and_keeps_what_was_drawn(workspace: Workspace) -> None:
    image = _chosen(workspace, Image.new("RGB", (64, 48), "white"))
    areas = (Area(AreaKind.MARKED, (0, 0, 8, 8)), Area(AreaKind.TEXT, (40, 20, 80, 30)))
    assert mask_for_fix(workspace, image, ()) == ""
    assert load_draft(workspace, image).mask == b""
    assert mask_for_fix(workspace, image, areas) == ""
    mask = load_draft(workspace, image).mask_for((64, 48))
    assert mask is not None
    assert mask[4, 4] == mask[19, 39] == mask[30, 63] == 255
    assert mask[10, 10] == mask[17, 50] == mask[32, 50] == 0
    assert mask_for_fix(workspace, image, areas) == ""
    drawn = rectangle((64, 48), (1, 1, 3, 3))
    save_draft(workspace, image, load_draft(workspace, image).with_mask(drawn))
    kept = mask_for_fix(workspace, image, areas[:1])
    assert named_masks(workspace) == (kept,)


def test_what_is_fixed_is_what_was_looked_at_or_pointed_at_or_all() -> None:
    found = tuple(Area(AreaKind.TEXT, (n, 0, n + 9, 9), f"t{n}\x1b[2J") for n in range(3))
    evidence = Evidence("it reads", areas=found)
    item, own = CheckItem("text", "Text?"), Area(AreaKind.MARKED, (0, 0, 5, 5))
    pointed = CheckItem("text", "Text?", area=own)
    assert areas_to_fix(item, evidence, None) == found
    assert areas_to_fix(item, evidence, 1) == (found[1],)
    assert areas_to_fix(item, None, 0) == ()
    assert areas_to_fix(pointed, evidence, None) == (own,)
    assert areas_to_fix(pointed, evidence, 2) == (found[1],)
    assert place_in_words(places_of(pointed, evidence), 0) == "1 of 4"
    assert place_in_words(places_of(pointed, evidence), 3) == "4 of 4 “t2 [2J”"
