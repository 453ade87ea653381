"""A small flaw filled from what is around it, without a model."""

import math

import numpy as np

from tui.imaging.boxes import InBox
from tui.imaging.mask_shapes import ellipse
from tui.imaging.pixels import Levels

_AROUND = 1.0
"""How much of the picture is looked at around the spot, by the spot's own size."""
_LEAST_AROUND = 8
"""Pixels."""
_RADIUS = 3.0
"""Pixels from which each pixel is filled."""


class Heal(InBox, frozen=True, tag="heal"):
    """The ellipse in a box, filled from its surroundings."""

    NAME = "heal"

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Telea's fast marching; pixels outside the ellipse stay as they are."""
        import cv2

        left, top, right, bottom = self.pixels(picture)
        tall, wide = picture.shape[:2]
        across = max(_LEAST_AROUND, math.ceil((right - left) * _AROUND))
        down = max(_LEAST_AROUND, math.ceil((bottom - top) * _AROUND))
        x0, y0 = max(0, left - across), max(0, top - down)
        part = picture[y0 : bottom + down, x0 : right + across]
        box = left - x0, top - y0, right - x0, bottom - y0
        spot = ellipse((part.shape[1], part.shape[0]), box)
        healed = picture.copy()
        if (right - left, bottom - top) == (wide, tall):
            return healed  # there is nothing around it to fill it from
        # OpenCV reads beyond pictures of a single row or column: each is given neighbours alike.
        edges = (1, 1, 1, 1, cv2.BORDER_REPLICATE)
        wider = cv2.copyMakeBorder(part, *edges), cv2.copyMakeBorder(spot, *edges)
        filled = np.asarray(cv2.inpaint(*wider, _RADIUS, cv2.INPAINT_TELEA))[1:-1, 1:-1]
        inside = spot > 0
        healed[y0 : bottom + down, x0 : right + across][inside] = filled[inside]
        return healed
