"""More canvas around a picture, to be painted; the picture itself stays as it is."""

import math

import numpy as np

from tui.imaging.aspects import InAspect
from tui.imaging.masks import Box
from tui.imaging.pixels import Levels

LONGEST = 8_192
"""Pixels a side; a picture is not extended beyond."""


class Extend(InAspect, frozen=True, tag="extend"):
    """The smallest canvas in an aspect that holds the whole picture; the anchor says where."""

    NAME = "extend"

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """The border's colours go on to the edges of the canvas."""
        import cv2

        tall, wide = picture.shape[:2]
        width, height, (left, top, right, bottom) = self.canvas((wide, tall))
        sides = top, height - bottom, left, width - right
        return np.asarray(cv2.copyMakeBorder(picture, *sides, cv2.BORDER_REPLICATE), np.uint8)

    def canvas(self, size: tuple[int, int]) -> tuple[int, int, Box]:
        """Width and height of the canvas, and the picture's box on it, all in pixels."""
        wide, tall = size
        width = min(max(wide, round(tall * self.width / self.height)), max(wide, LONGEST))
        height = min(max(tall, round(wide * self.height / self.width)), max(tall, LONGEST))
        left = math.floor((width - wide) * self.anchor + 0.5)
        top = math.floor((height - tall) * self.anchor + 0.5)
        return width, height, (left, top, left + wide, top + tall)

    def added(self, size: tuple[int, int]) -> Levels:
        """The mask of the new canvas around a picture of that width and height."""
        width, height, (left, top, right, bottom) = self.canvas(size)
        mask = np.full((height, width), 255, np.uint8)
        mask[top:bottom, left:right] = 0
        return mask
