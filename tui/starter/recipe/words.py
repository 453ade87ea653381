"""The words of the captions, and what each of them means in pixels."""

from dataclasses import dataclass

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 255."""

STYLES: dict[str, tuple[str, ...]] = {
    "3d": ("3d render", "glossy 3d render", "soft 3d model"),
    "flat": ("flat illustration", "flat vector art", "flat design"),
    "cartoon": ("cartoon", "cartoon illustration", "shaded cartoon"),
    "mono": ("black and white icon", "monochrome line art", "ink drawing"),
}
"""The phrases that name a style; the first of them is its name in the vocabulary."""

COLOURS: dict[str, Colour] = {
    "white": (255, 255, 255),
    "black": (12, 12, 14),
    "red": (214, 48, 49),
    "orange": (243, 146, 55),
    "yellow": (250, 211, 80),
    "green": (76, 175, 80),
    "teal": (32, 150, 150),
    "blue": (52, 120, 220),
    "navy": (22, 36, 84),
    "purple": (128, 80, 190),
    "pink": (245, 150, 190),
    "brown": (122, 84, 58),
    "grey": (150, 152, 156),
    "beige": (238, 224, 200),
}
DARK = frozenset(("black", "navy"))
"""Backgrounds on which black icons are drawn white."""


@dataclass(frozen=True)
class Frame:
    """Where an icon stands: its scale, and its centre from -1 to 1 from the picture's."""

    scale: float
    across: float = 0.0
    """To the right."""
    down: float = 0.0
    weight: float = 1.0
    """How often it is drawn, beside the others."""


FRAMES: dict[str, Frame] = {
    "centered": Frame(1.0, weight=3),
    "close-up": Frame(1.45, weight=1.5),
    "wide shot": Frame(0.5, weight=2.5),
    "on the left": Frame(0.55, across=-0.48, weight=1.5),
    "on the right": Frame(0.55, across=0.48, weight=1.5),
    "at the top": Frame(0.55, down=-0.45, weight=1.5),
    "at the bottom": Frame(0.55, down=0.45, weight=1.5),
}
TILTED, TILTED_WEIGHT = "tilted", 1.2
PATTERN = "repeating pattern"
PAIR = "side by side"
PAIR_SCALE, PAIR_ACROSS = 0.52, 0.46
"""Of both icons of a pair, the first to the left, the second to the right."""

BACKGROUND_PHRASES = ("{colour} background", "on a {colour} background")
GRADIENT_PHRASE = "{colour} to {colour} gradient background"
LIGHTS = ("warm light", "cool light", "dark moody light", "spotlight", "bright light")
SHADOW, GLOW = "soft shadow", "neon glow"
DEFECTS = ("blurry", "noisy", "low contrast", "pixelated")
SEPARATOR = ", "
