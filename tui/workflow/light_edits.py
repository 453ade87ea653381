"""The list of light edits and the numbers beside it: offered, added, stepped, typed, put off."""

from dataclasses import dataclass

import msgspec

from tui.domain.brief import Brief
from tui.imaging.errors import ImagingError
from tui.imaging.masks import mask_box
from tui.imaging.operation_words import number, one_of
from tui.imaging.operations import (
    Adjustment,
    AnyOperation,
    Blur,
    Contrast,
    Crop,
    CropBox,
    Curve,
    Denoise,
    Exposure,
    Extend,
    Flip,
    Heal,
    Highlights,
    Saturation,
    Shadows,
    Sharpen,
    Step,
    Straighten,
    Temperature,
    Tint,
    Turn,
    Vignette,
)
from tui.imaging.pixels import Levels
from tui.store.images import ImageRecord
from tui.workflow.edit_draft import MOST_RESULTS, EditDraft


@dataclass(frozen=True)
class Offer:
    """A light edit that can be added, and the line that offers it."""

    operation: AnyOperation
    line: str


def offers(brief: Brief, image: ImageRecord, mask: Levels | None) -> list[Offer]:
    """Light edits to choose from; what the brief asks for and what is masked come first."""
    found = []
    if misfit(brief, image):
        found.append(
            Offer(
                Crop(brief.width, brief.height),
                f"crop to {brief.width}:{brief.height} · the brief's format",
            )
        )
        found.append(
            Offer(
                Extend(brief.width, brief.height),
                f"extend to {brief.width}:{brief.height} · canvas at the sides, to be painted",
            )
        )
    if mask is not None and mask.any():
        sides = _sides(mask)
        found += [
            Offer(Heal(*sides), "heal · fill the masked spot from what is around it"),
            Offer(CropBox(*sides), "crop to the mask · the box around what is masked"),
        ]
    return found + [Offer(operation, line) for operation, line in _ALWAYS]


def misfit(brief: Brief, image: ImageRecord) -> bool:
    """Whether the image has another format than the brief asks for."""
    aspect = brief.aspect
    return aspect is not None and abs(image.width / image.height / aspect - 1) > 0.01


def _sides(mask: Levels) -> tuple[float, float, float, float]:
    """The box around what is masked, in shares of the picture."""
    left, top, right, bottom = mask_box(mask)
    height, width = mask.shape
    return left / width, top / height, right / width, bottom / height


_ALWAYS: tuple[tuple[AnyOperation, str], ...] = (
    (Crop(1, 1), "crop to 1:1 · a square"),
    (Crop(16, 9), "crop to 16:9 · any other aspect can be typed"),
    (Extend(16, 9), "extend to 16:9 · canvas at the sides; 0% has all of it right or below"),
    (Exposure(0.3), "exposure · more or less light, in EV"),
    (Contrast(10), "contrast · levels further from middle grey"),
    (Saturation(10), "saturation · colours further from grey; -100 is black and white"),
    (Temperature(8), "temperature · warmer, or colder"),
    (Tint(8), "tint · towards magenta, or towards green"),
    (Shadows(20), "shadows · dark parts lighter, or darker"),
    (Highlights(-20), "highlights · light parts darker, or lighter"),
    (Curve(), "curve · levels become others, through points; r, g or b for one channel"),
    (Sharpen(), "sharpen · edges stand out more"),
    (Denoise(), "denoise · even areas quieter, edges kept"),
    (Blur(), "blur · softer, by a radius in pixels"),
    (Vignette(), "vignette · corners darker, or lighter"),
    (Straighten(1), "straighten · a small turn; empty corners are cut off"),
    (Turn(), "turn · by quarters, clockwise"),
    (Flip(), "flip · left and right, or top and bottom"),
)


def changed_step(draft: EditDraft, at: int, operation: AnyOperation) -> EditDraft:
    """With another value for one light edit."""
    step = msgspec.structs.replace(draft.steps[at], operation=operation)
    return _with_steps(draft, at, (step,))


def toggled_step(draft: EditDraft, at: int) -> EditDraft:
    """With one light edit put on or off."""
    step = draft.steps[at]
    return _with_steps(draft, at, (msgspec.structs.replace(step, on=not step.on),))


def limited_step(draft: EditDraft, at: int, mask: Levels) -> EditDraft:
    """With one light edit limited to the mask, or on the whole picture again.

    Raises:
        ImagingError: the mask is empty, or this edit is not for a part.
    """
    step = draft.steps[at]
    if not isinstance(step.operation, Adjustment):
        raise ImagingError(
            f"{step.operation.NAME} cannot be limited to the mask: only light, colour, sharpness "
            "and noise can, so move to such a row"
        )
    if not step.masked and not mask.any():
        raise ImagingError(
            "the mask is empty, so there is no part to limit this to: press w and draw over it"
        )
    return _with_steps(draft, at, (msgspec.structs.replace(step, masked=not step.masked),))


def removed_step(draft: EditDraft, at: int) -> EditDraft:
    """Without one light edit."""
    return _with_steps(draft, at, ())


def added_step(draft: EditDraft, operation: AnyOperation) -> EditDraft:
    """With one light edit more."""
    return msgspec.structs.replace(draft, steps=(*draft.steps, Step(operation)))


def _with_steps(draft: EditDraft, at: int, steps: tuple[Step, ...]) -> EditDraft:
    return msgspec.structs.replace(draft, steps=(*draft.steps[:at], *steps, *draft.steps[at + 1 :]))


def typed_setting(draft: EditDraft, name: str, text: str) -> EditDraft:
    """With a typed strength, context, feather, seam or count.

    Raises:
        ImagingError: no such value; the message says what may be typed.
    """
    if name == "match_seam":
        return msgspec.structs.replace(draft, match_seam=one_of(text, SEAMS) == SEAMS[True])
    low, high, unit = _RANGES[name]
    value = number(name, text, low, high, unit)
    if name != "strength" and value != int(value):
        raise ImagingError(f"{name} cannot be {value:g}: type a whole number")
    return msgspec.structs.replace(draft, **{name: value if name == "strength" else int(value)})


def stepped_setting(draft: EditDraft, name: str, by: int, side: int) -> EditDraft:
    """With one of these a step on; pixels go in steps that suit the picture's shorter side."""
    if name == "match_seam":
        return msgspec.structs.replace(draft, match_seam=not draft.match_seam)
    low, high, _ = _RANGES[name]
    step = {"strength": 0.05, "count": 1}.get(name, max(1, side // 128))
    value = min(high, max(low, round(getattr(draft, name) + by * step, 2)))
    return msgspec.structs.replace(draft, **{name: value if name == "strength" else int(value)})


SEAMS = "as painted", "colours matched"
"""The painted area's edge, without and with its colours brought to the picture's own."""
_RANGES = {
    "strength": (0.05, 1.0, ""),
    "context": (0, 4096, "px"),
    "feather": (0, 512, "px"),
    "count": (1, MOST_RESULTS, ""),
}
