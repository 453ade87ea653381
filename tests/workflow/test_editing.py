"""Step 5 without an interface: drawing by keys, drafts, light edits written, repairs planned."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tui.commands import MASKING, commands_in, doubled_keys
from tui.domain.brief import Brief
from tui.domain.candidate import Marks
from tui.domain.intent import Intent
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe, Route
from tui.domain.versioned import to_json
from tui.engine.jobs import JobRequest
from tui.engine.messages import JobChanged, PreviewMade
from tui.imaging.errors import ImagingError
from tui.imaging.masks import open_mask
from tui.imaging.metadata import read_edited
from tui.imaging.operations import (
    Blur,
    Crop,
    CropBox,
    Exposure,
    Extend,
    Heal,
    OnMask,
    Turn,
    apply,
)
from tui.imaging.pixels import Levels, open_picture, pixel_hash, png_bytes, to_array
from tui.store import inputs
from tui.store.files import sha256_of, write_durably
from tui.store.images import ImageRecord
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.projects import project_folder
from tui.store.rounds import RoundKind
from tui.store.settings import Settings
from tui.store.store import open_store
from tui.workflow import editing, light_edits
from tui.workflow.edit_draft import EditDraft, first_draft, load_draft, save_draft
from tui.workflow.edit_scene import scene
from tui.workflow.edit_session import EditSession
from tui.workflow.masking import MaskEditor
from tui.workflow.repairing import Repair
from tui.workflow.rounds import GuardError
from tui.workflow.workspace import Workspace

LAYERS = Layers(subject="a red fox", style="flat illustration", negatives="text")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    home = Home(*(tmp_path / name for name in ("data", "config", "cache", "log")))
    with open_store(home) as store:
        found = Workspace(store, Settings())
        found.create("A fox")
        found.save_draft(LAYERS)
        yield found


def picture(width: int = 40, height: int = 30) -> Levels:
    ys, xs = np.indices((height, width))
    return np.stack([xs * 255 // width, ys * 255 // height, (xs + ys) % 256], 2).astype(np.uint8)


def add_image(
    workspace: Workspace,
    name: str = "i1",
    *,
    parent: str | None = None,
    origin: Origin = Origin.GENERATED,
    intent: Intent | None = None,
    job: str | None = None,
    levels: Levels | None = None,
) -> ImageRecord:
    levels = picture() if levels is None else levels
    height, width = levels.shape[:2]
    store = workspace.store
    path = project_folder(store.home, workspace.project) / f"{name}.png"
    write_durably(path, png_bytes(levels))
    intent = intent or msgspec.structs.replace(workspace.intent(), width=width, height=height)
    recipe = Recipe(
        intent=intent, route=Route.TEXT_TO_IMAGE, prompt=intent.layers.prompt, negative_prompt="",
        pipeline="P", scheduler="S", model_revision="0" * 64, batch_size=1, slot=0,
        precision="float32", device="cpu", threads=1, versions={},
    )  # fmt: skip
    record = ImageRecord(
        id=name, project_id=workspace.project.id, job_id=job, parent_id=parent, origin=origin,
        path=path.relative_to(store.home.data).as_posix(), sha256=sha256_of(path),
        pixels=pixel_hash(levels), intent_key=intent.key, recipe_json=to_json(recipe),
        recipe_hash=recipe.hash, seed=intent.seed, width=width, height=height,
        created=float(len(store.images.list(workspace.project.id))),
    )  # fmt: skip
    store.images.add(record)
    return record


def pressed(editor: MaskEditor, *commands: str) -> list[str]:
    return [said for command in commands if (said := editor.press(f"mask-{command}"))]


# Drawing


COMMANDS = [
    command.id
    for command in commands_in(MASKING)
    if command.id
    not in ("mask-box", "mask-zoom", "mask-help", "mask-leave", "mask-keep", "mask-take")
]


@given(st.lists(st.sampled_from([*COMMANDS, *"0123456789"]), max_size=40), st.integers(1, 60))
def test_no_row_of_keys_breaks_it(keys: list[str], width: int) -> None:
    editor = MaskEditor(picture(width, 20))
    before = editor.picture.copy()
    for key in keys:
        if len(key) == 1:
            editor.digit(key)
        else:
            editor.press(key)
        assert 0 <= editor.cursor[0] < width
        assert 0 <= editor.cursor[1] < 20
        assert set(np.unique(editor.mask)) <= {0, 255}
        assert editor.feather >= 0
        assert editor.in_words()
        assert editor.state_in_words()
    assert np.array_equal(editor.picture, before)


def test_every_masking_key_has_one_meaning_and_does_something() -> None:
    assert doubled_keys(commands_in(MASKING), {}) == []
    editor = MaskEditor(picture())
    for command in COMMANDS:
        editor.press(command)


def test_counts_shapes_and_modes() -> None:
    editor = MaskEditor(picture())
    pressed(editor, "left-edge", "top-edge")
    editor.digit("1")
    editor.digit("2")
    assert "12" in editor.state_in_words()
    pressed(editor, "right")
    assert editor.cursor == (12, 0)
    pressed(editor, "rectangle")
    editor.digit("5")
    pressed(editor, "down")
    assert "add rectangle 1 × 6" in editor.state_in_words()
    pressed(editor, "commit")
    assert (editor.mask > 0).sum() == 6
    pressed(editor, "subtract", "rectangle", "up", "commit")
    assert (editor.mask > 0).sum() == 4
    assert editor.mode == "add", "the mode is for the next shape only"
    pressed(editor, "undo")
    assert (editor.mask > 0).sum() == 6
    pressed(editor, "redo", "clear", "undo", "invert")
    assert (editor.mask > 0).sum() == 40 * 30 - 4
    pressed(editor, "replace", "ellipse", "up", "commit")
    assert (editor.mask > 0).sum() == 2
    editor.take_box("50% 0 100% 100%")
    assert (editor.mask > 0).sum() == 20 * 30 + 2


def test_what_cannot_be_done_says_what_to_do() -> None:
    editor = MaskEditor(picture())
    for command in ("commit", "corner", "grow", "undo", "redo"):
        assert len(pressed(editor, command)) == 1
    pressed(editor, "rectangle", "rectangle")
    assert editor.tool is None, "the same key gives the shape up"
    pressed(editor, "rectangle", "right", "ellipse")
    assert "ellipse 2 × 1" in editor.state_in_words(), "the other one makes it the other shape"
    assert editor.drop()
    assert not editor.drop()


# Drafts


def test_a_draft_comes_back_with_its_mask(workspace: Workspace) -> None:
    image = add_image(workspace)
    session = EditSession.open(workspace, image)
    assert (session.draft.style, session.draft.negatives) == ("flat illustration", "text")
    session.editor.take_box("10 10 20 20")
    session.draft = light_edits.added_step(
        msgspec.structs.replace(session.draft, paint="a hat", feather=9), Exposure(1)
    )
    session.save()
    again = EditSession.open(workspace, image)
    assert again.draft.paint == "a hat"
    assert again.draft.feather == again.editor.feather == 9
    assert again.draft.active == (Exposure(1),)
    assert np.array_equal(again.editor.mask, session.editor.mask)


def test_a_damaged_draft_is_a_new_one(workspace: Workspace) -> None:
    image = add_image(workspace)
    save_draft(workspace, image, EditDraft(paint="x", mask=b"no picture"))
    assert load_draft(workspace, image).mask_for((40, 30)) is None
    folder = project_folder(workspace.store.home, workspace.project) / "edits"
    (folder / "i1.json").write_bytes(b"{")
    assert load_draft(workspace, image).style == "flat illustration"


def test_a_mask_for_another_size_is_left_out() -> None:
    draft = EditDraft().with_mask(np.full((30, 40), 255, np.uint8))
    assert draft.mask_for((40, 30)) is not None
    assert draft.mask_for((30, 40)) is None


# Light edits


def test_what_the_brief_needs_is_offered_first(workspace: Workspace) -> None:
    image = add_image(workspace)
    mask = np.zeros((30, 40), np.uint8)
    mask[3:6, 4:8] = 255
    brief = Brief(width=1200, height=630)
    first, canvas, second, third = light_edits.offers(brief, image, mask)[:4]
    assert first.operation == Crop(1200, 630)
    assert canvas.operation == Extend(1200, 630)
    assert second.operation == Heal(0.1, 0.1, 0.2, 0.2)
    assert third.operation == CropBox(0.1, 0.1, 0.2, 0.2)
    assert light_edits.offers(Brief(width=80, height=60), image, None)[0].operation == Crop(1, 1)


def test_a_canvas_that_was_extended_is_masked_to_be_painted(workspace: Workspace) -> None:
    image = add_image(workspace)
    draft = light_edits.added_step(EditDraft(), Exposure(1))
    draft = light_edits.added_step(draft, Extend(2, 1, 0.0))
    made = editing.keep_edited(workspace, image, draft)
    assert (made.width, made.height) == (60, 30)
    session = EditSession.open(workspace, made)
    assert not session.editor.mask[:, :40].any()
    assert session.editor.mask[:, 40:].all()
    assert (session.draft.style, session.draft.steps) == ("flat illustration", ())


def test_light_edits_are_written_as_a_new_image(workspace: Workspace) -> None:
    image = add_image(workspace)
    with pytest.raises(ImagingError, match="no light edit is on"):
        editing.keep_edited(workspace, image, EditDraft())
    draft = light_edits.added_step(EditDraft(), CropBox(0.25, 0, 0.75, 1))
    draft = light_edits.toggled_step(light_edits.added_step(draft, Blur(4)), 1)
    made = editing.keep_edited(workspace, image, draft)
    assert workspace.chosen() == made == workspace.store.images.get(made.id)
    assert (made.parent_id, made.origin, made.seed) == ("i1", Origin.EDITED, None)
    found = to_array(open_picture(workspace.file(made)))
    assert np.array_equal(found, picture()[:, 10:30])
    assert made.pixels == pixel_hash(found)
    assert sha256_of(workspace.file(image)) == image.sha256
    with Image.open(workspace.file(made)) as file:
        assert "a red fox" in file.info["parameters"], "other programs see the prompt"
    assert editing.parent_of(workspace, made) == image
    assert editing.made_from(workspace, image)[0][0] == made.id
    again = editing.keep_edited(workspace, made, light_edits.added_step(EditDraft(), Exposure(1)))
    assert load_draft(workspace, again).style == "flat illustration", "from its first ancestor"


def test_an_edit_on_the_mask_is_written_so_that_it_can_be_done_again(workspace: Workspace) -> None:
    image = add_image(workspace)
    session = EditSession.open(workspace, image)
    draft = light_edits.added_step(session.draft, Exposure(1))
    with pytest.raises(ImagingError, match=r"mask is empty.*press w"):
        light_edits.limited_step(draft, 0, session.editor.mask)
    session.editor.take_box("10 10 30 25")
    mask = session.editor.mask
    draft = light_edits.limited_step(draft, 0, mask)
    draft = light_edits.added_step(light_edits.added_step(draft, Blur(1)), Turn())
    with pytest.raises(ImagingError, match="turn cannot be limited to the mask: only light"):
        light_edits.limited_step(draft, 2, mask)
    draft = light_edits.toggled_step(draft, 1)
    session.draft = light_edits.changed_step(draft, 0, Exposure(2))
    assert session.draft.on_mask == ("exposure",), "another value keeps it there"
    session.save()
    made = editing.keep_edited(workspace, image, session.whole_draft)
    found = to_array(open_picture(workspace.file(made)))
    outside = np.rot90(mask, -1) == 0
    assert np.array_equal(found[outside], np.rot90(picture(), -1)[outside])
    assert np.array_equal(found, to_array(session.preview(256))), "and was seen before"

    stored = read_edited(workspace.file(made)).operations.operations
    edit = stored[0]
    assert isinstance(edit, OnMask)
    assert edit.operation == Exposure(2)
    kept = open_mask(inputs.get(workspace.store.home, edit.mask), (40, 30))
    assert 0 < kept[10, 20] < kept[17, 20] == 255, "its fading is kept with it"
    assert pixel_hash(kept) == edit.mask
    assert np.array_equal(apply(stored, picture(), masks={edit.mask: kept}), found)


def test_an_edit_on_the_mask_follows_the_mask_that_is_drawn(workspace: Workspace) -> None:
    session = EditSession.open(workspace, add_image(workspace))
    session.editor.take_box("10 10 20 20")
    draft = light_edits.added_step(session.draft, Exposure(1))
    session.draft = light_edits.limited_step(draft, 0, session.editor.mask)
    plain = picture()
    changed = (to_array(session.preview(256)) != plain).any(axis=2)
    assert changed.any()
    assert not changed[session.editor.mask == 0].any()
    session.editor.press("mask-invert")
    changed = (to_array(session.preview(256)) != plain).any(axis=2)
    assert changed[:10].any()
    assert not changed[10:20, 10:20].any()
    assert session.preview(20).size == (20, 15)
    session.editor.press("mask-clear")
    assert np.array_equal(to_array(session.preview(256)), plain)
    with pytest.raises(ImagingError, match="exposure is for the mask alone, which is empty"):
        editing.keep_edited(workspace, session.image, session.whole_draft)
    session.draft = light_edits.limited_step(session.draft, 0, session.editor.mask)
    assert session.draft.on_mask == (), "it can be freed without a mask"


def test_numbers_are_typed_and_stepped_in_range() -> None:
    draft = EditDraft()
    assert light_edits.typed_setting(draft, "strength", "0.5").strength == 0.5
    assert light_edits.typed_setting(draft, "context", "30 px").context == 30
    for name, text in (("strength", "0"), ("count", "2.5"), ("count", "99"), ("feather", "-1")):
        with pytest.raises(ImagingError, match="type a"):
            light_edits.typed_setting(draft, name, text)
    assert light_edits.stepped_setting(draft, "strength", -99, 128).strength == 0.05
    assert light_edits.stepped_setting(draft, "strength", 1, 128).strength == 0.8
    assert light_edits.stepped_setting(draft, "feather", 1, 1024).feather == 12
    assert light_edits.stepped_setting(draft, "count", -9, 128).count == 1
    assert light_edits.stepped_setting(draft, "match_seam", -1, 128).match_seam
    assert light_edits.typed_setting(draft, "match_seam", "colours").match_seam
    assert not light_edits.typed_setting(draft, "match_seam", "as painted").match_seam
    with pytest.raises(ImagingError, match="type as painted or colours matched"):
        light_edits.typed_setting(draft, "match_seam", "yes")


# Repairs


def masked(workspace: Workspace, image: ImageRecord) -> EditSession:
    session = EditSession.open(workspace, image)
    session.editor.take_box("10 10 20 20")
    session.draft = msgspec.structs.replace(session.draft, paint="a hat", count=2)
    return session


def test_a_repair_is_refused_before_it_is_sent(workspace: Workspace) -> None:
    image = add_image(workspace)
    session = EditSession.open(workspace, image)
    draft = session.draft
    with pytest.raises(ImagingError, match=r"mask is empty.*press w"):
        editing.repair_plan(workspace, image, draft, session.editor.mask)
    session.editor.take_box("10 10 20 20")
    with pytest.raises(GuardError, match="write it into Paint"):
        editing.repair_plan(workspace, image, draft, session.editor.mask)


def test_a_repair_pressed_again_goes_on_with_other_seeds(workspace: Workspace) -> None:
    image = add_image(workspace)
    session = masked(workspace, image)
    plan = editing.repair_plan(workspace, image, session.draft, session.editor.mask)
    intent = plan.request.intent
    assert plan.kind == "inpaint"
    assert plan.request.seeds == (7, 8)
    assert (intent.layers.subject, intent.layers.composition) == ("a hat", "")
    assert (intent.width, intent.height, intent.init_image) == (40, 30, image.pixels)
    add_image(workspace, "i2", parent="i1", origin=Origin.INPAINTED, intent=intent)
    second = editing.repair_plan(workspace, image, session.draft, session.editor.mask)
    assert second.request.seeds == (8, 9)
    session.draft = msgspec.structs.replace(session.draft, match_seam=True)
    other = editing.repair_plan(workspace, image, session.draft, session.editor.mask)
    assert (other.request.seeds, other.request.intent.match_seam) == ((7, 8), True)
    session.draft = msgspec.structs.replace(session.draft, paint="a cap", match_seam=False)
    other = editing.repair_plan(workspace, image, session.draft, session.editor.mask)
    assert other.request.seeds == (7, 8), "another wish begins with the first seed"


def test_results_come_one_by_one(workspace: Workspace) -> None:
    image = add_image(workspace)
    store = workspace.store
    assert Repair.latest(workspace, image) is None
    session = masked(workspace, image)
    request = editing.repair_plan(workspace, image, session.draft, session.editor.mask).request
    job = store.jobs.add(workspace.project.id, to_json(request))
    store.rounds.add(workspace.project.id, job.id, RoundKind.INPAINT, parent_image_id=image.id)
    repair = Repair.latest(workspace, image)
    assert repair is not None
    assert list(repair.places) == ["·", "·"]
    assert not repair.hear(PreviewMade(job="other", seed=7, step=1, steps=2))
    assert repair.hear(PreviewMade(job=job.id, seed=7, step=1, steps=2), b"jpeg")
    assert list(repair.places) == ["(1/2)", "·"]
    assert (repair.preview(1), repair.preview(2), repair.result(1)) == (b"jpeg", b"", None)
    made = add_image(
        workspace,
        "i2",
        parent="i1",
        origin=Origin.INPAINTED,
        intent=request.intent.with_seed(8),
        job=job.id,
    )
    assert repair.hear(JobChanged(job=job.id, state=JobState.CANCELLED))
    assert list(repair.places) == [""], "what was never made is no place"
    assert repair.result(1) == made
    seen = scene(session, repair, at=1, before=False, masking=False, side=256)
    assert "seed 8" in seen.caption
    assert not seen.fits
    session.draft = light_edits.added_step(session.draft, Exposure(1))
    editing.take(workspace, session.whole_draft, made)
    assert workspace.chosen() == made
    taken = load_draft(workspace, made)
    assert taken.active == (Exposure(1),), "light edits come along"
    assert not taken.mask
    assert isinstance(request, JobRequest)
    session.draft = light_edits.limited_step(session.draft, 0, session.editor.mask)
    save_draft(workspace, made, first_draft(workspace, made))
    editing.take(workspace, session.whole_draft, made)
    taken = load_draft(workspace, made)
    assert taken.on_mask == ("exposure",)
    assert taken.mask == session.whole_draft.mask, "what they are limited to comes, too"


def test_what_is_painted_belongs_to_the_picture_and_fits_its_mask(workspace: Workspace) -> None:
    words = Layers(subject="fox", style="flat", detail="blue background", negatives="blurry")
    workspace.save_draft(words)
    image = add_image(workspace, "i1", intent=workspace.intent())
    draft = first_draft(workspace, image)
    assert (draft.layers.style, draft.layers.detail) == (words.style, words.detail)
    # The starter fills what it is given to draw, and keeps too much of what was there.
    assert (draft.context, draft.strength) == (0, 1.0)
    workspace.save_options(msgspec.structs.replace(workspace.options, model="owner/name"))
    draft = first_draft(workspace, image)
    assert (draft.context, draft.strength) == (16, 0.75)


# What it says


def test_the_coach_goes_from_what_is_most_pressing(workspace: Workspace) -> None:
    assert "go to Batch with 3" in editing.coach(workspace, None)
    image, other = add_image(workspace), add_image(workspace, "i2")
    session = EditSession.open(workspace, image)
    assert "> goes on" in editing.coach(workspace, session)
    workspace.save_brief(Brief(width=1200, height=630))
    assert "The place needs 1200 × 630" in editing.coach(workspace, session)
    workspace.mark(other, Marks(flaws=("hands",)))
    third = add_image(workspace, "i3")
    workspace.mark(third, Marks(flaws=("hands",)))
    assert "Hands went wrong in 2 images" in editing.coach(workspace, session)
    workspace.mark(image, Marks(flaws=("text",)))
    assert "You marked text here" in editing.coach(workspace, session)
    session.draft = light_edits.added_step(session.draft, Exposure(1))
    assert editing.coach(workspace, session).startswith("W writes")
    session.editor.take_box("1 1 9 9")
    assert "Say in Paint" in editing.coach(workspace, session)
    session.draft = light_edits.limited_step(session.draft, 0, session.editor.mask)
    assert "those on the mask change that alone" in editing.coach(workspace, session)


def test_what_is_shown_before_and_after(workspace: Workspace) -> None:
    image = add_image(workspace)
    session = EditSession.open(workspace, image)

    def caption(*, before: bool = False, masking: bool = False) -> str:
        return scene(session, None, at=0, before=before, masking=masking, side=256).caption

    assert caption() == ""
    assert "first of its line" in caption(before=True)
    session.draft = light_edits.added_step(session.draft, Exposure(1))
    assert "with 1 light edit, not written yet" in caption()
    assert "without the light edits" in caption(before=True)
    assert "not shown while masking" in caption(masking=True)
    assert editing.strength_in_words(0.75) == "closer ▇▇▇▁ 0.75 freer"
