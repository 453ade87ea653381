"""Cursor, outline and signs of a mask as lines on a picture, for terminals that show pixels."""

import itertools
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from tui.imaging.mask_shapes import Point
from tui.workflow.mask_tools import Marks

_DARK, _LIGHT = (0, 0, 0), (255, 255, 255)
_THIN = 320
"""A line is this part of the picture's shorter side, and a pixel at least."""
_CURSOR = 24
"""So is each arm of the cursor."""
_SIGN = 18
"""So high are signs."""


@dataclass(frozen=True)
class DrawnMarks:
    """Draws them on the part of a picture that is seen."""

    marks: Marks
    cursor: Point
    box: tuple[int, int, int, int]
    """Left, top, right, bottom of that part, in pixels of the masked picture, as the marks are."""

    def __call__(self, part: Image.Image) -> None:
        """Draw on the part, which may be of another scale."""
        draw = ImageDraw.Draw(part)
        side = min(part.size)
        thin = max(1, round(side / _THIN))
        for line in self._lines(part.size):
            # A light line with a dark rim is seen on every ground.
            draw.line(line, _DARK, 3 * thin, joint="curve")
        for line in self._lines(part.size):
            draw.line(line, _LIGHT, thin, joint="curve")
        font = ImageFont.load_default(max(8, side / _SIGN))
        for point, sign in self.marks.signs:
            draw.text(
                self._at(point, part.size),
                sign,
                _LIGHT,
                font,
                anchor="mm",
                stroke_width=max(1, thin),
                stroke_fill=_DARK,
            )

    def _lines(self, size: tuple[int, int]) -> list[list[tuple[float, float]]]:
        lines = [
            [self._at(a, size), self._at(b, size)] for a, b in itertools.pairwise(self.marks.path)
        ]
        if self.marks.box is not None:
            (left, top), (right, bottom) = (self._at(corner, size) for corner in self.marks.box)
            lines.append([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
        x, y = self._at(self.cursor, size)
        arm = max(2.0, min(size) / _CURSOR)
        return [*lines, [(x - arm, y), (x + arm, y)], [(x, y - arm), (x, y + arm)]]

    def _at(self, point: Point, size: tuple[int, int]) -> tuple[float, float]:
        left, top, right, bottom = self.box
        x = (point[0] + 0.5 - left) * size[0] / max(1, right - left)
        y = (point[1] + 0.5 - top) * size[1] / max(1, bottom - top)
        return x, y
