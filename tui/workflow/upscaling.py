"""Step 5: an image made larger by a super-resolution model that the person has."""

from pathlib import Path

from tui.domain.intent import Intent
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.engine.jobs import JobRequest
from tui.engine.models import ModelError
from tui.engine.upscalers import Upscaler, upscaler_place, upscalers_in
from tui.imaging.pixels import open_picture, pixel_hash, png_bytes
from tui.store import inputs
from tui.store.images import ImageRecord
from tui.store.rounds import RoundKind
from tui.workflow.edit_draft import EditDraft
from tui.workflow.guard import GuardError
from tui.workflow.rounds import Plan
from tui.workflow.workspace import Workspace


def upscalers(folder: Path) -> list[Upscaler | str]:
    """Those in a folder, by name; a sentence for one that cannot be used, or where there is none.

    It reads files, so call it off the event loop.
    """
    return list(upscalers_in((folder,))) or [
        f"needs a super-resolution model: put an ESRGAN as .safetensors into {clean(str(folder))}"
    ]


def line(image: ImageRecord, found: Upscaler | str) -> str:
    """How one is offered: `upscale 4× · 4x-UltraSharp, to 2048 × 2048`."""
    if isinstance(found, str):
        return f"upscale · {found}"
    width, height = image.width * found.scale, image.height * found.scale
    return f"upscale {found.scale}× · {found.name}, to {width} × {height}"


def upscale_plan(
    workspace: Workspace, image: ImageRecord, draft: EditDraft, reference: str
) -> Plan | ImageRecord:
    """What enlarging an image would do; the enlarged image itself where it was done before.

    Raises:
        GuardError: light edits are not written yet, or the model is not there.
        ImagingError: the picture cannot be read.
        StoreError: the disk refuses.
    """
    if draft.active:
        raise GuardError(
            "the light edits are not in the image yet: write them with W, then enlarge"
        )
    try:
        place = upscaler_place(reference)
    except ModelError as error:
        raise GuardError(str(error)) from error
    if place is None:
        name = clean(Path(reference).name, limit=80)
        raise GuardError(f"the super-resolution model {name} is not there any more: choose another")
    picture = open_picture(workspace.file(image))
    pixels = pixel_hash(picture)
    intent = Intent(
        model=reference, layers=Layers(), seed=0, steps=1, guidance=0.0,
        width=picture.width, height=picture.height, strength=1.0, init_image=pixels,
    ).checked()  # fmt: skip
    before = workspace.store.images.find(
        intent.key,
        place.revision,
        project_id=workspace.project.id,
        fits=lambda made: made.parent_id == image.id,
    )
    if before is not None:
        return before
    inputs.put(workspace.store.home, pixels, png_bytes(picture))
    request = JobRequest(
        intent=intent, seeds=(0,), parent=image.id, origin=Origin.EDITED, again=True
    )
    return Plan(RoundKind.INPAINT, request)
