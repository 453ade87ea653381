"""What light edits compute: light, levels, colour, sharpness, straightening.

Light is linear; levels are sRGB. What needs only the level of each pixel goes through a table of
256 values, so that it is exact, quick, and the same everywhere.
"""

import math

import numpy as np
import numpy.typing as npt

from tui.imaging.pixels import Levels

SHARPEN_RADIUS = 1.2
DENOISE_RADIUS = 2.0
"""Both in pixels."""
_LUMA = (0.2126, 0.7152, 0.0722)
"""How bright red, green and blue are; ITU-R BT.709."""
_LEVELS = np.arange(256, dtype=np.float64) / 255
LIGHT = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)
"""The light, from 0 to 1, of each of the 256 levels."""


def lit(picture: Levels, gains: tuple[float, float, float]) -> Levels:
    """The picture with the light of red, green and blue multiplied."""
    table = np.stack([to_levels(LIGHT * gain) for gain in gains], axis=1)
    return looked_up(picture, table)


def stretched(picture: Levels, factor: float) -> Levels:
    """The picture with every level's distance from middle grey multiplied."""
    table = (_LEVELS - 0.5) * factor + 0.5
    return looked_up(picture, np.repeat(table[:, np.newaxis], 3, axis=1))


def coloured(picture: Levels, factor: float) -> Levels:
    """The picture with every colour's distance from grey multiplied; 0 is grey."""
    import cv2

    grey = np.tile(np.array(_LUMA), (3, 1))
    return _levels(cv2.transform(picture, np.eye(3) * factor + grey * (1 - factor)))


def warmth(amount: float) -> tuple[float, float, float]:
    """Gains of red, green and blue for a warmer (up to 1) or colder (down to -1) picture."""
    red, blue = 2.0 ** (amount / 2), 2.0 ** (-amount / 2)
    whole = _LUMA[0] * red + _LUMA[1] + _LUMA[2] * blue
    return red / whole, 1 / whole, blue / whole


def tint(amount: float) -> tuple[float, float, float]:
    """Gains of red, green and blue towards magenta (up to 1) or green (down to -1)."""
    green = 2.0 ** (-amount / 2)
    whole = _LUMA[0] + _LUMA[1] * green + _LUMA[2]
    return 1 / whole, green / whole, 1 / whole


def bent(picture: Levels, shadows: float, highlights: float) -> Levels:
    """Dark and light parts lifted (up to 1) or lowered (down to -1); black and white stay."""
    dark, light = _LEVELS * (1 - _LEVELS) ** 2, _LEVELS**2 * (1 - _LEVELS)
    table = _LEVELS + shadows * dark + highlights * light
    return looked_up(picture, np.repeat(table[:, np.newaxis], 3, axis=1))


def quietened(picture: Levels, amount: float, radius: float) -> Levels:
    """Noise of up to so many levels evened out; edges that stand out more are kept.

    A bilateral filter; `radius` is its reach in pixels.
    """
    import cv2

    if amount == 0 or radius < 0.4:
        return picture.copy()
    across = 2 * math.ceil(radius) + 1
    return _levels(cv2.bilateralFilter(picture, across, amount, radius))


def vignetted(picture: Levels, amount: float) -> Levels:
    """Corners darker (up to 1) or lighter (down to -1), the middle as it was."""
    height, width = picture.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32) if width > 1 else np.zeros(1, np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32) if height > 1 else np.zeros(1, np.float32)
    out = (x[np.newaxis, :] ** 2 + y[:, np.newaxis] ** 2) / 2
    gain = np.exp2(np.float32(-amount) * out)[..., np.newaxis]
    return np.rint(np.clip(picture * gain, 0, 255)).astype(np.uint8)


def blurred(picture: Levels, radius: float) -> Levels:
    """Gaussian blur with that standard deviation, in pixels."""
    import cv2

    if radius < 0.05:
        return picture.copy()
    return _levels(cv2.GaussianBlur(picture, (0, 0), radius, borderType=cv2.BORDER_REPLICATE))


def sharpened(picture: Levels, amount: float, radius: float) -> Levels:
    """Unsharp mask: the picture's distance from its blurred self, enlarged."""
    import cv2

    if amount == 0 or radius < 0.05:
        return picture.copy()
    return _levels(cv2.addWeighted(picture, 1 + amount, blurred(picture, radius), -amount, 0))


def straightened(picture: Levels, degrees: float) -> Levels:
    """Turned clockwise around its middle, without empty corners, in the same aspect."""
    import cv2

    if degrees == 0:
        return picture.copy()
    height, width = picture.shape[:2]
    angle = math.radians(abs(degrees))
    cos, sin = math.cos(angle), math.sin(angle)
    share = min(width / (width * cos + height * sin), height / (width * sin + height * cos))
    new = max(1, math.floor(width * share)), max(1, math.floor(height * share))
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    matrix[0, 2] -= (width - new[0]) / 2
    matrix[1, 2] -= (height - new[1]) / 2
    # Reflecting at the border would never end for a picture of one pixel's width.
    turned = cv2.warpAffine(
        picture, matrix, new, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return _levels(turned)


def looked_up(picture: Levels, table: npt.NDArray[np.float64]) -> Levels:
    """The picture with each level replaced, by a table of 256 × 3 values from 0 to 1."""
    import cv2

    levels = np.rint(table * 255).clip(0, 255).astype(np.uint8)
    return _levels(cv2.LUT(picture, levels[np.newaxis]))


def to_levels(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Light as a level, both from 0 to 1."""
    light = np.clip(light, 0, 1)
    curve = 1.055 * np.power(light, 1 / 2.4) - 0.055
    return np.asarray(np.where(light <= 0.0031308, light * 12.92, curve))


def _levels(found: object) -> Levels:
    return np.asarray(found, np.uint8)
