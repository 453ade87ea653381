"""Areas that checks found, or a person pointed at, as parts that a mask can take."""

from dataclasses import dataclass

from tui.domain.found import Area, AreaKind
from tui.imaging import mask_shapes
from tui.imaging.mask_shapes import Point, Size
from tui.imaging.pixels import Levels

_ROOM = 0.12
"""Share of an area's shorter side that is masked around it: detectors cut close."""


@dataclass(frozen=True)
class FoundPart:
    """One area."""

    area: Area

    @property
    def centre(self) -> Point:
        """The pixel in its middle."""
        left, top, right, bottom = self.area.box
        return (left + right - 1) // 2, (top + bottom - 1) // 2

    def mask(self, size: Size) -> Levels:
        """The area in a picture of that width and height, in pixels; 255 where it is.

        A face is round, text is not, and what a person pointed at is taken as it is.
        """
        left, top, right, bottom = self.area.box
        room = 0 if self.area.kind is AreaKind.MARKED else round(_ROOM * min(self.area.size))
        draw = mask_shapes.ellipse if self.area.kind is AreaKind.FACE else mask_shapes.rectangle
        return draw(size, (left - room, top - room, right + room, bottom + room))
