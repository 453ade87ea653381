"""What can be measured on a picture without knowing what it shows: sharpness, exposure, flatness.

The numbers are evidence for a person who looks; none of them passes or fails anything.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from tui.imaging.pixels import Levels, to_array

SOFT = 0.45
"""Share of its edges that a picture keeps after a slight blur; sharp ones keep 0.1 to 0.35."""
FLAT = 4.0
"""Levels; standard deviation under which a picture is one colour, more or less."""
CLIPPED = 0.5
"""Share of pixels at one end of the scale above which a look is worth it."""
_END = 3
"""Levels from either end that count as black or white."""


@dataclass(frozen=True)
class Measured:
    """What was measured on one picture."""

    sharpness: float
    """Variance of the Laplacian over the grey levels."""
    kept: float
    """Share of that variance left after a slight blur, from 0 to 1."""
    black: float
    """Share of pixels that are pure black."""
    white: float
    """Share of pixels that are pure white."""
    spread: float
    """Standard deviation of the grey levels."""

    @property
    def flat(self) -> bool:
        """Whether there is hardly anything to see."""
        return self.spread < FLAT

    @property
    def soft(self) -> bool:
        """Whether its edges look blurred."""
        return not self.flat and self.kept > SOFT

    @property
    def look(self) -> bool:
        """Whether any of it asks for a closer look."""
        return self.soft or self.flat or max(self.black, self.white) > CLIPPED

    def in_words(self) -> str:
        """One line."""
        if self.flat:
            return "almost one colour"
        edges = "soft edges" if self.soft else "sharp edges"
        ends = [
            f"{share:.0%} pure {name}".replace("%", " %")
            for share, name in ((self.black, "black"), (self.white, "white"))
            if share >= 0.01
        ]
        return ", ".join([f"{edges} ({self.sharpness:.0f})", *ends])


def measure(picture: Image.Image) -> Measured:
    """Measure a picture; a large one takes a second, so not on an event loop."""
    colours = to_array(picture)
    grey = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    sharpness = _edges(grey)
    blurred = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), dtype=np.uint8)
    return Measured(
        sharpness=sharpness,
        kept=_edges(blurred) / sharpness if sharpness else 1.0,
        black=float((colours.max(axis=2) <= _END).mean()),
        white=float((colours.min(axis=2) >= 255 - _END).mean()),
        spread=_deviation(grey),
    )


def _edges(grey: Levels) -> float:
    return _deviation(cv2.Laplacian(grey, cv2.CV_16S)) ** 2


def _deviation(levels: object) -> float:
    return float(cv2.meanStdDev(levels)[1].item())
