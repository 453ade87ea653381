"""Which part of a picture a model is given to repair, and at what size."""

import math
from dataclasses import dataclass
from itertools import product

from tui.imaging.errors import ImagingError
from tui.imaging.masks import Box, mask_box
from tui.imaging.pixels import Levels

LONGEST_ASPECT = 3.0
"""Models draw badly in longer formats; the box grows to this where the picture allows it."""

_MOST_AREA = 2.0
"""Times the model's native area; only boxes too thin for it would need more."""


@dataclass(frozen=True)
class Crop:
    """One part of a picture, and the size at which the model sees it."""

    box: Box
    """Left, top, right, bottom in the picture's pixels."""
    render_size: tuple[int, int]
    """Width and height in the model's pixels."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the box in the picture's pixels."""
        left, top, right, bottom = self.box
        return right - left, bottom - top


def plan_crop(mask: Levels, *, context: int, native: tuple[int, int] | int, multiple: int) -> Crop:
    """The crop that holds the mask's box and `context` pixels around it, inside the picture.

    `mask` is uint8, height × width of the picture. `native` is the size the model draws best,
    as (width, height) or the side of a square; the render size has about its area. Its sides
    are multiples of `multiple`, in the box's aspect as nearly as they allow; the box then grows
    to the render size's aspect where the picture has room.

    Raises:
        ImagingError: the mask is empty, the part is too long and thin for the model, or a number
            is out of range.
    """
    width, height = (native, native) if isinstance(native, int) else native
    if context < 0 or min(width, height) < 1 or multiple < 1:
        raise ImagingError(
            "the crop's numbers are out of range: give a context from 0, and sizes from 1"
        )
    picture = mask.shape[1], mask.shape[0]
    left, top, right, bottom = mask_box(mask)
    box = (
        max(left - context, 0),
        max(top - context, 0),
        min(right + context, picture[0]),
        min(bottom + context, picture[1]),
    )
    aspect = (box[2] - box[0]) / (box[3] - box[1])
    box = _grown(box, picture, min(max(aspect, 1 / LONGEST_ASPECT), LONGEST_ASPECT))
    size = _render_size((box[2] - box[0]) / (box[3] - box[1]), width * height, multiple)
    return Crop(_grown(box, picture, size[0] / size[1]), size)


def _render_size(aspect: float, area: int, multiple: int) -> tuple[int, int]:
    """The sides that are nearest to the aspect and, half as weighty, to the area."""
    widths = _near(math.sqrt(area * aspect), multiple) | _near(multiple * aspect, multiple)
    heights = _near(math.sqrt(area / aspect), multiple) | _near(multiple / aspect, multiple)

    def misfit(size: tuple[int, int]) -> float:
        width, height = size
        return 2 * abs(math.log(width / height / aspect)) + abs(math.log(width * height / area))

    best = min(sorted(product(widths, heights)), key=misfit)
    # A row of single cells is the least a model can draw, whatever its native size.
    if best[0] * best[1] > max(_MOST_AREA * area, LONGEST_ASPECT * multiple**2):
        raise ImagingError(
            "the area is too long and thin for this model: repair it in several shorter pieces"
        )
    return best


def _near(side: float, multiple: int) -> set[int]:
    cells = math.floor(side / multiple)
    return {max(cells, 1) * multiple, (cells + 1) * multiple}


def _grown(box: Box, picture: tuple[int, int], aspect: float) -> Box:
    """The box widened or heightened to the aspect, as far as the picture goes; never smaller."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    left, right = _stretched(left, right, round(height * aspect), picture[0])
    top, bottom = _stretched(top, bottom, round(width / aspect), picture[1])
    return left, top, right, bottom


def _stretched(start: int, end: int, wanted: int, limit: int) -> tuple[int, int]:
    length = min(max(wanted, end - start), limit)
    start = min(max(start - (length - (end - start)) // 2, 0), limit - length)
    return start, start + length
