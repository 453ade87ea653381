"""Step 5: repair an area, edit lightly, take a result; each time a new image, nothing replaced."""

import time

import msgspec

from tui.domain.candidate import recurring
from tui.domain.lineage import Origin
from tui.imaging.errors import ImagingError
from tui.imaging.masks import softened
from tui.imaging.metadata import write_edited_png
from tui.imaging.operations import Edits, Extend, apply
from tui.imaging.parameters import parameters
from tui.imaging.pixels import Levels, open_picture, pixel_hash, png_bytes, to_array
from tui.store import inputs
from tui.store.files import write_durably
from tui.store.ids import new_id
from tui.store.images import ImageRecord
from tui.store.projects import project_folder
from tui.workflow.edit_draft import (
    EditDraft,
    first_draft,
    load_draft,
    recipe_of,
    refuse_nothing,
    save_draft,
)
from tui.workflow.edit_session import EditSession
from tui.workflow.keeping import keep_picture
from tui.workflow.light_edits import SEAMS, misfit
from tui.workflow.masking import refuse_empty
from tui.workflow.rounds import GuardError, Plan, inpaint_plan
from tui.workflow.workspace import Workspace


def repair_plan(workspace: Workspace, image: ImageRecord, draft: EditDraft, mask: Levels) -> Plan:
    """What painting the masked area anew would do; pressed again, it goes on with other seeds.

    Raises:
        GuardError: nothing was said about what to paint.
        ImagingError: an empty mask, or a picture that cannot be read.
        InvalidIntentError: a setting nobody can draw.
        StoreError: the disk refuses.
    """
    refuse_empty(mask)
    if not draft.layers.cleaned().subject:
        raise GuardError("nothing says what to paint there: write it into Paint, then press g")
    wish = msgspec.structs.replace(
        workspace.intent(),
        layers=draft.layers,
        strength=draft.strength,
        context=draft.context,
        feather=draft.feather,
        match_seam=draft.match_seam,
    )
    plan = inpaint_plan(workspace, image, mask, wish, draft.count)
    same = plan.request.intent.with_seed(0).key
    used = [
        made.seed
        for made in workspace.store.images.children(image.id)
        if (recipe := made.recipe) is not None
        and made.seed is not None
        and recipe.intent.with_seed(0).key == same
    ]
    if used:
        wish = wish.with_seed(max(used) + 1)
        plan = inpaint_plan(workspace, image, mask, wish, draft.count)
    return plan


def take(workspace: Workspace, before: EditDraft, result: ImageRecord) -> None:
    """Go on with a result; light edits that were not written yet come along, where they fit.

    Raises:
        StoreError: the disk refuses.
    """
    after = load_draft(workspace, result)
    parent = parent_of(workspace, result)
    fits = parent is None or (parent.width, parent.height) == (result.width, result.height)
    steps, mask, feather = after.steps, after.mask, after.feather
    if fits and not steps:
        steps = before.steps
    if not mask and any(step.masked for step in steps):
        mask, feather = before.mask, before.feather
    save_draft(
        workspace,
        result,
        msgspec.structs.replace(
            after,
            style=before.style,
            negatives=before.negatives,
            strength=before.strength,
            match_seam=before.match_seam,
            count=before.count,
            steps=steps,
            mask=mask,
            feather=feather,
        ),
    )
    workspace.choose(result.id)


def keep_edited(workspace: Workspace, image: ImageRecord, draft: EditDraft) -> ImageRecord:
    """Write the light edits as a new image and go on with it: file first, row second.

    Raises:
        ImagingError: no edit is on, one is for an empty mask, or the picture cannot be read.
        StoreError: the disk refuses; nothing is half-written.
    """
    refuse_nothing(draft)
    begun = time.monotonic()
    store, project = workspace.store, workspace.project
    whole = to_array(open_picture(workspace.file(image)))
    name, masks = _kept_mask(workspace, draft, whole)
    edits = draft.edits(name)
    picture = apply(edits, whole, masks=masks)
    image_id, pixels = new_id(), pixel_hash(picture)
    recipe = recipe_of(workspace, image)
    data = write_edited_png(
        picture,
        image_id=image_id,
        parent=image.id,
        operations=Edits(edits),
        pixels=pixels,
        parameters=parameters(recipe) if recipe else None,
    )
    path = project_folder(store.home, project) / f"{image_id}-edited.png"
    write_durably(path, data)
    record = keep_picture(
        store,
        project,
        image_id,
        path,
        pixels=pixels,
        size=(picture.shape[1], picture.shape[0]),
        origin=Origin.EDITED,
        parent=image,
        seconds=time.monotonic() - begun,
    )
    if isinstance(last := edits[-1], Extend):
        # The canvas comes next: it is masked already, and the picture is not.
        before = apply(edits[:-1], whole, masks=masks)
        area = last.added((before.shape[1], before.shape[0]))
        save_draft(workspace, record, first_draft(workspace, record).with_mask(area))
    workspace.choose(record.id)
    return record


def _kept_mask(
    workspace: Workspace, draft: EditDraft, picture: Levels
) -> tuple[str, dict[str, Levels]]:
    """The mask that light edits are limited to, kept where those of repairs are; its name, too."""
    if not draft.on_mask:
        return "", {}
    mask = draft.mask_for((picture.shape[1], picture.shape[0]))
    if mask is None:
        raise ImagingError("the mask does not fit this picture: press w and draw it again")
    soft = softened(mask, draft.feather)
    name = pixel_hash(soft)
    inputs.put(workspace.store.home, name, png_bytes(soft))
    return name, {name: soft}


def parent_of(workspace: Workspace, image: ImageRecord) -> ImageRecord | None:
    """The image that this one was made from."""
    line = workspace.store.images.line(image.id)
    return line[1] if len(line) > 1 else None


def made_from(workspace: Workspace, image: ImageRecord) -> list[tuple[str, str]]:
    """The images that were made from this one, newest first: id, and a line that says what."""
    found = workspace.store.images.children(image.id)[::-1]
    return [
        (made.id, f"{made.origin.value} {made.width} × {made.height}  {_says(made)}")
        for made in found
    ]


def coach(workspace: Workspace, session: EditSession | None) -> str:
    """What the process suggests now, and why."""
    if session is None:
        return "Edit works on one image: go to Batch with 3 and mark the closest with space."
    draft, brief = session.draft, workspace.project.brief
    if not session.editor.is_empty:
        if not draft.paint and draft.on_mask:
            return "W writes the light edits as a new image: those on the mask change that alone."
        if not draft.paint:
            return "Say in Paint what should be there, then press g: the rest stays as it is."
        return "g paints the masked area anew; every pixel outside it stays as it is."
    if draft.active:
        return "W writes the light edits as a new image; this one stays."
    if flaws := _flaws(workspace, session.image):
        return f"{flaws}: press w, mask it, and say in Paint what should be there."
    if misfit(brief, session.image):
        return f"The place needs {brief.width} × {brief.height}: E offers that crop first."
    return "w masks an area to repair, E adds a light edit; if nothing needs repair, > goes on."


def strength_in_words(strength: float) -> str:
    """How freely a repair paints: `closer ▇▇▇▁ 0.75 freer`."""
    filled = round(strength * 4)
    return f"closer {'▇' * filled}{'▁' * (4 - filled)} {strength:g} freer"


def seam_in_words(draft: EditDraft) -> str:
    """What becomes of the painted colours at the mask's edge."""
    return SEAMS[draft.match_seam]


def _flaws(workspace: Workspace, image: ImageRecord) -> str:
    own = workspace.marks(image).flaws
    if own:
        return f"You marked {' and '.join(own[:2])} here"
    marks = workspace.store.marks.list(workspace.project.id).values()
    often = recurring(marks, "flaws")
    return f"{often[0][0].capitalize()} went wrong in {often[0][1]} images" if often else ""


def _says(image: ImageRecord) -> str:
    recipe = image.recipe
    if recipe is None:
        return "enlarged by a model" if image.job_id else "light edits"
    return f"seed {image.seed}, {recipe.intent.layers.subject}"
