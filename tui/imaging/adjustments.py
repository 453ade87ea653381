"""Light edits that leave every pixel in its place: light, colour, sharpness."""

from tui.imaging import tones
from tui.imaging.curves import Curve
from tui.imaging.operation import Amount
from tui.imaging.pixels import Levels


class Exposure(Amount, frozen=True, tag="exposure"):
    """More or less light, as if the shutter had stood open longer."""

    NAME, LOW, HIGH, STEP, UNIT = "exposure", -4.0, 4.0, 0.1, "EV"

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Multiply light, not levels."""
        return tones.lit(picture, (2.0**self.amount,) * 3)


class Contrast(Amount, frozen=True, tag="contrast"):
    """Levels further from middle grey, or nearer to it."""

    NAME, LOW, HIGH, STEP = "contrast", -100.0, 100.0, 5.0

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """Stretch around middle grey."""
        return tones.stretched(picture, 2.0 ** (self.amount / 50))


class Saturation(Amount, frozen=True, tag="saturation"):
    """Colours further from grey, or nearer to it."""

    NAME, LOW, HIGH, STEP = "saturation", -100.0, 100.0, 5.0

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """-100 is grey."""
        return tones.coloured(picture, 1 + self.amount / 100)


class Temperature(Amount, frozen=True, tag="temperature"):
    """Warmer, or colder."""

    NAME, LOW, HIGH, STEP = "temperature", -100.0, 100.0, 2.0

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """More red light and less blue; the light as a whole stays."""
        return tones.lit(picture, tones.warmth(self.amount / 100))


class Tint(Amount, frozen=True, tag="tint"):
    """Towards magenta, or towards green."""

    NAME, LOW, HIGH, STEP = "tint", -100.0, 100.0, 2.0

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """More or less green light; the light as a whole stays."""
        return tones.lit(picture, tones.tint(self.amount / 100))


class Shadows(Amount, frozen=True, tag="shadows"):
    """Dark parts lighter, or darker; black and white stay."""

    NAME, LOW, HIGH, STEP = "shadows", -100.0, 100.0, 5.0

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """A curve bent in its lower third."""
        return tones.bent(picture, self.amount / 100, 0)


class Highlights(Amount, frozen=True, tag="highlights"):
    """Light parts lighter, or darker; black and white stay."""

    NAME, LOW, HIGH, STEP = "highlights", -100.0, 100.0, 5.0

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """A curve bent in its upper third."""
        return tones.bent(picture, 0, self.amount / 100)


class Denoise(Amount, frozen=True, tag="denoise"):
    """Less noise, edges kept."""

    NAME, LOW, HIGH, STEP = "denoise", 0.0, 100.0, 5.0

    amount: float = 20.0

    def apply(self, picture: Levels, scale: float, /) -> Levels:
        """Neighbours that differ by fewer levels are evened out."""
        return tones.quietened(picture, self.amount, tones.DENOISE_RADIUS * scale)


class Vignette(Amount, frozen=True, tag="vignette"):
    """Corners darker, or lighter."""

    NAME, LOW, HIGH, STEP = "vignette", -100.0, 100.0, 5.0

    amount: float = 30.0

    def apply(self, picture: Levels, _scale: float, /) -> Levels:
        """100 halves the levels of the corners."""
        return tones.vignetted(picture, self.amount / 100)


class Sharpen(Amount, frozen=True, tag="sharpen"):
    """Edges stand out more."""

    NAME, LOW, HIGH, STEP = "sharpen", 0.0, 3.0, 0.1

    amount: float = 0.4

    def apply(self, picture: Levels, scale: float, /) -> Levels:
        """Unsharp mask over about a pixel."""
        return tones.sharpened(picture, self.amount, tones.SHARPEN_RADIUS * scale)


class Blur(Amount, frozen=True, tag="blur"):
    """Softer, by a radius in pixels."""

    NAME, LOW, HIGH, STEP, UNIT = "blur", 0.0, 100.0, 0.5, "px"

    amount: float = 1.0

    def apply(self, picture: Levels, scale: float, /) -> Levels:
        """Gaussian."""
        return tones.blurred(picture, self.amount * scale)


Adjustment = (
    Exposure
    | Contrast
    | Saturation
    | Temperature
    | Tint
    | Shadows
    | Highlights
    | Curve
    | Denoise
    | Vignette
    | Sharpen
    | Blur
)
"""Any of them; each can be limited to a mask."""
