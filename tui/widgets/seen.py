"""The part of a picture that a view shows, with its tint and what is drawn over it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tui.imaging.pixels import Levels

TINT = np.array((255, 60, 60), np.float32)
"""Colour of the overlay; the shape, not the colour, carries the meaning."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What is to be drawn; it does not change, so that a thread may draw it."""

    picture: Image.Image
    """Mode RGB."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom, in pixels of the picture."""
    overlay: Levels | None = None
    """Where it is tinted and how much, height × width of the picture."""
    drawn_over: Callable[[Image.Image], None] | None = None
    """Draws lines on the tinted part."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.box[2] - self.box[0], self.box[3] - self.box[1]

    def part(self) -> Image.Image:
        """Its pixels, mode RGB."""
        picture = self.picture
        if self.box != (0, 0, *picture.size):
            picture = picture.crop(self.box)
        if picture.mode != "RGB":
            picture = picture.convert("RGB")
        if self.overlay is None or self.overlay.shape != self.picture.size[::-1]:
            return picture
        left, top, right, bottom = self.box
        strength = self.overlay[top:bottom, left:right]
        alpha = (strength.astype(np.float32) / 255 * 0.5)[..., None]
        base = np.asarray(picture, np.float32)
        tinted = Image.fromarray((base * (1 - alpha) + TINT * alpha).astype(np.uint8))
        if self.drawn_over is not None:
            self.drawn_over(tinted)
        return tinted
