"""What a change did to a picture: how much, and where. Distances in OKLab, as an eye sees them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from tui.domain.bars import bars
from tui.imaging.pixels import Levels, to_array

SIDE = 128
"""Longest side, in pixels, at which two pictures are held against each other."""
_JUST_SEEN = 0.02
"""OKLab distance that an eye just notices."""
_STRONG = 0.3
"""OKLab distance that is tinted fully."""
_PROFILE = 10
"""Strips, from left to right, of the small picture of where it changed."""

Distances = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Effect:
    """The difference between a parent and its child."""

    amount: float
    """Mean OKLab distance of all pixels: 0 for identical pictures, about 1 from black to white."""
    where: str
    """In words: mostly the subject, mostly the left half, everywhere."""
    profile: tuple[float, ...]
    """Mean distance in strips from left to right."""
    distances: Distances
    """Height × width, at the size they were compared at."""

    def bar(self) -> str:
        """The profile as block letters; the same height means the same everywhere."""
        return bars(self.profile, _STRONG)

    def in_words(self) -> str:
        """`effect 0.34`, or that nothing changed."""
        return "effect 0: identical" if self.amount == 0 else f"effect {self.amount:.2f}"

    def overlay(self, size: tuple[int, int]) -> Levels:
        """The change as a tint, height × width of uint8, for a picture of that width and height."""
        seen = np.where(self.distances < _JUST_SEEN, 0, self.distances / _STRONG)
        levels = Image.fromarray((np.clip(seen, 0, 1) * 255).astype(np.uint8))
        return np.asarray(levels.resize(size, Image.Resampling.BILINEAR))


def effect(parent: Image.Image, child: Image.Image) -> Effect:
    """What the change from `parent` to `child` did; pictures of any mode and size."""
    size = _working_size(child.size)
    before, after = (_oklab(picture, size) for picture in (parent, child))
    distances = np.sqrt(((after - before) ** 2).sum(axis=2, dtype=np.float32)).astype(np.float32)
    strips = np.array_split(distances, min(_PROFILE, distances.shape[1]), axis=1)
    return Effect(
        amount=float(distances.mean()),
        where=_where(before, distances),
        profile=tuple(float(strip.mean()) for strip in strips),
        distances=distances,
    )


def subject_of(oklab: Distances) -> npt.NDArray[np.bool_]:
    """Where the picture is not like its border: a guess at the subject, height × width."""
    border = np.concatenate([oklab[0], oklab[-1], oklab[:, 0], oklab[:, -1]])
    apart = np.sqrt(((oklab - np.median(border, axis=0)) ** 2).sum(axis=2))
    found: npt.NDArray[np.bool_] = apart > 0.1
    return found


def _where(before: Distances, distances: Distances) -> str:
    total = float(distances.sum())
    if total == 0:
        return "nowhere"
    if float(distances.mean()) < _JUST_SEEN / 4:
        return "hardly anywhere"
    height, width = distances.shape
    rows, columns = np.mgrid[0:height, 0:width]
    subject = subject_of(before)
    regions = {
        "the subject": subject,
        "the background": ~subject,
        "the left half": columns < width / 2,
        "the right half": columns >= width / 2,
        "the upper half": rows < height / 2,
        "the lower half": rows >= height / 2,
    }
    best, most = "", 0.0
    for name, region in regions.items():
        area = float(region.mean())
        share = float(distances[region].sum()) / total
        # Most of the change, in a part that is not most of the picture anyway.
        if 0.03 < area < 0.9 and share >= 0.6 and share / area > max(most, 1.3):
            best, most = name, share / area
    return f"mostly {best}" if best else "everywhere"


def _working_size(size: tuple[int, int]) -> tuple[int, int]:
    scale = SIDE / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _oklab(picture: Image.Image, size: tuple[int, int]) -> Distances:
    """Lightness and two colour axes, height × width × 3; after Björn Ottosson's definition."""
    small = picture.convert("RGB").resize(size, Image.Resampling.BOX)
    srgb = to_array(small).astype(np.float32) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    found: Distances = (np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T).astype(np.float32)
    return found


_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
