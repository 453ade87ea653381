"""How far two pictures differ: what a rerun is held against its recipe with.

Where "close" ends was measured with the starter model. Another batch size or thread count moves
single samples by one level (mean under 0.01). One more step moves the mean by 2 to 9 levels and
0.2 % to 12 % of the pixels by more than 16; another seed or word moves the mean by some 40 or more.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tui.imaging.errors import size_in_words
from tui.imaging.pixels import Levels, check_levels

CLOSE_MEAN = 2.0
"""Levels; mean over all samples up to which two pictures count as close."""
CLOSE_LEVEL = 16
"""Levels; a pixel further off than this in any channel is one that an eye may find."""
CLOSE_SHARE = 0.001
"""Share of pixels that may be further off in a close picture."""

Verdict = Literal["identical", "close", "different"]


@dataclass(frozen=True)
class Difference:
    """What was measured between two pictures; levels go from 0 to 255."""

    size: tuple[int, int]
    """Width and height of the first."""
    other_size: tuple[int, int]
    """Width and height of the second. Where they differ, all else is at its worst value."""
    max_level: int
    """The largest difference of any sample."""
    mean_level: float
    """The mean difference over all samples."""
    changed_share: float
    """Pixels that differ at all, from 0 to 1."""
    far_share: float
    """Pixels that differ by more than `CLOSE_LEVEL` levels, from 0 to 1."""
    psnr: float
    """Peak signal-to-noise ratio in dB; infinite for identical pictures."""

    @property
    def identical(self) -> bool:
        """Whether every bit of the working copies is the same."""
        return self.size == self.other_size and self.max_level == 0

    @property
    def verdict(self) -> Verdict:
        """`close` means: a person switching between the two would hardly see a change."""
        if self.identical:
            return "identical"
        close = self.mean_level <= CLOSE_MEAN and self.far_share <= CLOSE_SHARE
        return "close" if close else "different"

    def in_words(self) -> str:
        """The verdict with its measurements, as one line."""
        if self.size != self.other_size:
            return (
                f"different: one is {size_in_words(self.size)}, "
                f"the other {size_in_words(self.other_size)}"
            )
        if self.identical:
            return "identical: every pixel is the same"
        levels = "level" if self.max_level == 1 else "levels"
        return (
            f"{self.verdict}: {_percent(self.changed_share)} of the pixels differ, "
            f"by {self.mean_level:.2f} levels on average and {self.max_level} {levels} at most "
            f"({self.psnr:.1f} dB)"
        )


def compare(a: Levels, b: Levels) -> Difference:
    """The difference between two pictures, uint8, height × width × 3.

    Pictures of different sizes are different; no part of them is compared.

    Raises:
        ImagingError: an array of another shape or type.
    """
    check_levels(a)
    check_levels(b)
    size, other = (a.shape[1], a.shape[0]), (b.shape[1], b.shape[0])
    if a.shape != b.shape:
        return Difference(size, other, 255, 255.0, 1.0, 1.0, 0.0)
    apart = np.maximum(a, b) - np.minimum(a, b)
    worst = apart if apart.ndim == 2 else np.maximum.reduce(np.moveaxis(apart, 2, 0))
    samples, pixels = _counts(apart), _counts(worst)
    square = sum(n * level**2 for level, n in enumerate(samples)) / apart.size
    return Difference(
        size,
        other,
        max_level=max(level for level, n in enumerate(pixels) if n),
        mean_level=sum(n * level for level, n in enumerate(samples)) / apart.size,
        changed_share=sum(pixels[1:]) / worst.size,
        far_share=sum(pixels[CLOSE_LEVEL + 1 :]) / worst.size,
        psnr=10 * math.log10(255**2 / square) if square else math.inf,
    )


def _counts(levels: Levels) -> list[int]:
    """How often each level from 0 to 255 occurs."""
    # In pieces, because numpy counts over a copy of eight bytes for each level.
    flat = levels.reshape(-1)
    pieces = (flat[start : start + 2**20] for start in range(0, flat.size, 2**20))
    total = np.zeros(256, np.int64)
    for piece in pieces:
        total += np.bincount(piece, minlength=256)
    return [int(n) for n in total]


def _percent(share: float) -> str:
    return "under 0.1 %" if share < 0.001 else f"{share:.1%}".replace("%", " %")
