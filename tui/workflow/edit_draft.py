"""What is being done to an image and not yet made: mask, words, settings, light edits.

Each image has its own, on disk beside it, so that leaving loses nothing and walking back to a
parent finds its mask and its edits as they were.
"""

from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import msgspec
import numpy as np

from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.engine.models import STARTER, usual_context
from tui.imaging.errors import ImagingError
from tui.imaging.mask_shapes import Size
from tui.imaging.operations import Adjustment, AnyEdit, AnyOperation, OnMask, Step
from tui.imaging.pixels import Levels, png_bytes
from tui.store.errors import NotFoundError, StoreError
from tui.store.files import make_private_folder, write_durably
from tui.store.images import ImageRecord
from tui.store.projects import project_folder
from tui.workflow.workspace import Workspace

STRENGTH = 0.75
MOST_RESULTS = 16


class EditDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything on the edit screen that is not an image yet."""

    VERSION: ClassVar[int] = 4

    paint: str = ""
    """What should be inside the mask: the subject layer of the inpainting."""
    style: str = ""
    detail: str = ""
    """Background and light: those of the picture, so that what is painted belongs to it."""
    negatives: str = ""
    strength: float = STRENGTH
    """How freely the masked part is painted: above 0, up to 1."""
    context: int = 16
    """Pixels around the mask that the model sees."""
    feather: int = 4
    """Pixels over which new fades into old."""
    match_seam: bool = False
    """Whether what is painted takes the picture's colours on at the mask's edge."""
    count: int = 4
    """Results to choose from."""
    mask: bytes = b""
    """A PNG; empty for the empty mask."""
    steps: tuple[Step, ...] = ()
    """The light edits, in their order."""
    version: int = VERSION

    @property
    def layers(self) -> Layers:
        """The layers of the inpainting."""
        return Layers(
            subject=self.paint, style=self.style, detail=self.detail, negatives=self.negatives
        )

    @property
    def active(self) -> tuple[AnyOperation, ...]:
        """The light edits that are on."""
        return tuple(step.operation for step in self.steps if step.on)

    def edits(self, mask: str) -> tuple[AnyEdit, ...]:
        """The light edits that are on, those for the mask limited to the one of that name."""
        return tuple(
            OnMask(step.operation, mask)
            if step.masked and isinstance(step.operation, Adjustment)
            else step.operation
            for step in self.steps
            if step.on
        )

    @property
    def on_mask(self) -> tuple[str, ...]:
        """The names of the light edits that are on and for the mask alone."""
        return tuple(step.operation.NAME for step in self.steps if step.on and step.masked)

    def with_mask(self, mask: Levels) -> "EditDraft":
        """With another mask."""
        return msgspec.structs.replace(self, mask=png_bytes(mask) if mask.any() else b"")

    def mask_for(self, size: Size) -> Levels | None:
        """The mask, if there is one and it fits the picture."""
        if not self.mask:
            return None
        import io

        from PIL import Image

        try:
            with Image.open(io.BytesIO(self.mask), formats=("PNG",)) as image:
                # A size that does not fit is refused before any pixel is unpacked.
                return np.array(image.convert("L")) if image.size == size else None
        except (OSError, ValueError, SyntaxError):
            return None


def first_draft(workspace: Workspace, image: ImageRecord) -> EditDraft:
    """A draft for an image nobody edited yet: style, detail and negatives are its own."""
    recipe = recipe_of(workspace, image)
    layers = recipe.intent.layers if recipe else workspace.project.draft
    side = min(image.width, image.height)
    model = workspace.options.model
    return EditDraft(
        # The starter keeps too much of what was there, and what it is to paint comes out small.
        strength=1.0 if model == STARTER else STRENGTH,
        style=layers.style,
        detail=layers.detail,
        negatives=layers.negatives,
        context=usual_context(model, side),
        feather=max(4, side // 64),
    )


def load_draft(workspace: Workspace, image: ImageRecord) -> EditDraft:
    """What was being done to an image, or a first draft."""
    with suppress(OSError, StoreError, UnreadableError):
        return from_json(_path(workspace, image).read_bytes(), EditDraft)
    return first_draft(workspace, image)


def save_draft(workspace: Workspace, image: ImageRecord, draft: EditDraft) -> None:
    """Keep what is being done to an image.

    Raises:
        StoreError: the disk refuses.
    """
    path = _path(workspace, image)
    make_private_folder(path.parent)
    write_durably(path, to_json(draft).encode())


def recipe_of(workspace: Workspace, image: ImageRecord) -> Recipe | None:
    """The recipe that painted the picture as a whole: its own, or the nearest ancestor's."""
    try:
        return workspace.store.images.whole_recipe(image.id)
    except NotFoundError:
        return None


def refuse_nothing(draft: EditDraft) -> None:
    """Say it before anything is written.

    Raises:
        ImagingError: no light edit is on, or one is for a mask that is empty.
    """
    if not draft.active:
        raise ImagingError("no light edit is on: press E to add one, or space to put one on")
    if draft.on_mask and not draft.mask:
        raise ImagingError(
            f"{draft.on_mask[0]} is for the mask alone, which is empty: press w and draw over "
            "the part, or B on its row to have it on the whole picture"
        )


def _path(workspace: Workspace, image: ImageRecord) -> Path:
    folder = project_folder(workspace.store.home, workspace.project)
    return folder / "edits" / f"{image.id}.json"
