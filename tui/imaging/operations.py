"""Light edits without a model: values that say what to do, and pure functions that do it.

Each operation takes and gives uint8, height × width × 3. Lengths are in pixels of the whole
picture; `scale` says how much smaller a preview is.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

import msgspec

from tui.imaging.adjustments import (
    Adjustment,
    Blur,
    Contrast,
    Denoise,
    Exposure,
    Highlights,
    Saturation,
    Shadows,
    Sharpen,
    Temperature,
    Tint,
    Vignette,
)
from tui.imaging.curves import Curve
from tui.imaging.errors import ImagingError, size_in_words
from tui.imaging.extending import Extend
from tui.imaging.healing import Heal
from tui.imaging.masks import mixed
from tui.imaging.moves import Crop, CropBox, Flip, Straighten, Turn
from tui.imaging.pixels import Levels, check_levels
from tui.imaging.upscale import Upscale

__all__ = [
    "Adjustment",
    "AnyEdit",
    "AnyOperation",
    "Blur",
    "Contrast",
    "Crop",
    "CropBox",
    "Curve",
    "Denoise",
    "Edits",
    "Exposure",
    "Extend",
    "Flip",
    "Heal",
    "Highlights",
    "Move",
    "OnMask",
    "Saturation",
    "Shadows",
    "Sharpen",
    "Step",
    "Straighten",
    "Temperature",
    "Tint",
    "Turn",
    "Vignette",
    "apply",
]


Move = Crop | CropBox | Extend | Turn | Flip | Straighten
"""Edits after which a pixel lies elsewhere; a mask goes with them."""

AnyOperation = Move | Adjustment | Heal


class OnMask(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="on mask"
):
    """An adjustment of the masked part alone."""

    operation: Adjustment
    mask: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    """Pixel hash of the mask, which has the size of the picture before its first edit: 0 is left
    alone, 255 is done fully, between is blended. The moves before this edit move it, too."""


AnyEdit = AnyOperation | OnMask
StoredEdit = AnyEdit | Upscale


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the list: an operation that is on or off."""

    operation: AnyOperation
    on: bool = True
    masked: bool = False
    """Whether it is for the masked part alone."""

    def __post_init__(self) -> None:
        """Refuse stored values that nobody could have chosen."""
        if self.masked and not isinstance(self.operation, Adjustment):
            raise ValueError(f"{self.operation.NAME} is for the whole picture")


class Edits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of operations, in the order in which they are done; `domain.versioned` stores it.

    Version 1 had no tint, shadows, highlights, denoise, vignette, heal and extend; 2 no curve
    and no mask; 3 no upscaling, which is done by a model and stands alone.
    """

    VERSION: ClassVar[int] = 4

    operations: tuple[StoredEdit, ...] = ()
    version: int = VERSION


def apply(
    operations: Iterable[StoredEdit],
    picture: Levels,
    scale: float = 1.0,
    masks: Mapping[str, Levels] | None = None,
) -> Levels:
    """The picture, uint8, height × width × 3, with all of them done in turn; a new array.

    Args:
        operations: what to do.
        picture: what to do it to.
        scale: the preview's width by the whole picture's; 1 for the picture itself.
        masks: by their names, those that edits are limited to; each of the picture's size.

    Raises:
        ImagingError: the array is no picture, a mask is not there or of another size, or a model
            did it.
    """
    check_levels(picture)
    result, masks = picture, masks or {}
    for operation in operations:
        if isinstance(operation, Upscale):
            raise ImagingError(
                f"it was enlarged by the model {operation.model}: enlarge its parent with E in Edit"
            )
        if isinstance(operation, OnMask):
            mask = _fitting(operation, masks, result)
            result = mixed(result, operation.operation.apply(result, scale), mask)
            continue
        result = operation.apply(result, scale)
        if isinstance(operation, Move):
            masks = {name: operation.apply(mask, scale) for name, mask in masks.items()}
    return result.copy() if result is picture else result


def _fitting(edit: OnMask, masks: Mapping[str, Levels], picture: Levels) -> Levels:
    mask = masks.get(edit.mask)
    if mask is None:
        raise ImagingError(f"the mask of {edit.operation.NAME} is not there: draw it again with w")
    if mask.shape != picture.shape[:2]:
        raise ImagingError(
            f"the mask of {edit.operation.NAME} is {size_in_words(mask.shape[::-1])} but the "
            f"picture is {size_in_words(picture.shape[1::-1])}: draw it again with w"
        )
    return mask
