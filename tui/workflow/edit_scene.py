"""What the edit screen shows: the image, its light edits, what was before, or a result."""

import io
from dataclasses import dataclass, replace

from PIL import Image

from tui.imaging.histogram import Histogram, histogram
from tui.imaging.pixels import open_picture
from tui.store.images import ImageRecord
from tui.workflow.edit_session import EditSession
from tui.workflow.editing import parent_of
from tui.workflow.repairing import Repair


@dataclass(frozen=True)
class Scene:
    """One picture, with what it is."""

    picture: Image.Image | None
    caption: str = ""
    """Empty where it is what one expects."""
    fits: bool = False
    """Whether the mask lies on it as it lies on the image."""
    levels: Histogram | None = None
    """How dark and light the picture is."""


def scene(
    session: EditSession, repair: Repair | None, *, at: int, before: bool, masking: bool, side: int
) -> Scene:
    """What is to be seen now; it reads files, so call it off the event loop.

    Args:
        session: the image that is edited.
        repair: its newest repair.
        at: the place among the repair's results; 0 is the image itself.
        before: whether to show what was before instead.
        masking: whether a mask is being drawn.
        side: pixels that the longer side needs on the screen.

    Raises:
        ImagingError: a file cannot be read.
        StoreError: a file cannot be found.
    """
    found = _scene(session, repair, at, before, masking, side)
    if found.picture is None:
        return found
    return replace(found, levels=histogram(found.picture))


def _scene(
    session: EditSession, repair: Repair | None, at: int, before: bool, masking: bool, side: int
) -> Scene:
    if masking:
        hidden = "light edits are not shown while masking" if session.draft.active else ""
        return Scene(session.plain(), hidden, fits=True)
    if at and repair is not None and not before:
        return _result(session, repair, at)
    if before and not at:
        return _before(session)
    if before or not session.draft.active:
        return Scene(session.plain(), "before" if before else "", fits=not before)
    count = len(session.draft.active)
    caption = f"with {count} light edit{'s' if count > 1 else ''}, not written yet"
    return Scene(session.preview(side), caption, fits=session.mask_lies_right)


def _result(session: EditSession, repair: Repair, at: int) -> Scene:
    if (image := repair.result(at)) is not None:
        made = f"{image.width} × {image.height}" if image.seed is None else f"seed {image.seed}"
        return Scene(_picture(session, image), f"result {at}, {made}")
    if jpeg := repair.preview(at):
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as preview:
            return Scene(preview.convert("RGB"), f"preview of the masked part, result {at}")
    return Scene(session.plain(), f"result {at} waits for the model", fits=True)


def _before(session: EditSession) -> Scene:
    if session.draft.active:
        return Scene(session.plain(), "before: without the light edits")
    parent = parent_of(session.workspace, session.image)
    if parent is None:
        return Scene(session.plain(), "nothing was before: this image is the first of its line")
    return Scene(_picture(session, parent), "before: the image this one was made from")


def _picture(session: EditSession, image: ImageRecord) -> Image.Image:
    return open_picture(session.workspace.file(image))
