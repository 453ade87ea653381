"""Random scenes, each with the caption that says what is in it.

A caption names the layers in their order and leaves some out at random, so that a prompt with fewer
layers means variety; the subject is always named.
"""

import random
from dataclasses import dataclass, replace

from tui.starter.recipe import words
from tui.starter.recipe.icons import Icons
from tui.starter.recipe.words import COLOURS, FRAMES, Colour

_SAID = 0.85
"""How often a caption says a thing."""
_CENTRED_SAID = 0.4
"""It goes without saying more often than not."""


@dataclass(frozen=True)
class Scene:
    """What is drawn, and the words for it."""

    icon: int
    """Its place among the icons."""
    second: int | None = None
    """The icon on the right of a pair."""
    frame: str = "centered"
    """As captions name it."""
    scale: float = 1.0
    across: float = 0.0
    down: float = 0.0
    turn: float = 0.0
    """Radians."""
    repeat: int = 1
    """How much smaller the tiles of a pattern are; they go on over the border."""
    background: str = "white"
    """The colour's name."""
    colour: Colour = COLOURS["white"]
    until: Colour | None = None
    """What a gradient ends in at the bottom."""
    inverted: bool = False
    """Black is drawn white."""
    light: str = ""
    shadow: bool = False
    glow: bool = False
    defect: str = ""
    caption: str = ""


class Composer:
    """Makes scenes of a set of icons.

    Args:
        icons: What there is to draw.
        plain: Share of scenes with one centred icon and nothing else.
    """

    def __init__(self, icons: Icons, plain: float) -> None:
        self._icons = icons
        self._plain = plain

    def scene(
        self,
        subject: str,
        style: str,
        frame: str = "centered",
        background: str = "white",
        wording: random.Random | None = None,
    ) -> Scene:
        """One icon in one place on one colour, exactly so; the caption says all of it.

        Args:
            subject: Its name.
            style: A key of `words.STYLES`.
            frame: A key of `words.FRAMES`.
            background: A key of `words.COLOURS`.
            wording: Chooses among the phrases that say the same; the first of them without.
        """
        place = FRAMES[frame]
        styled, named = words.STYLES[style][0], words.BACKGROUND_PHRASES[0]
        if wording is not None:
            styled = wording.choice(words.STYLES[style])
            named = wording.choice(words.BACKGROUND_PHRASES)
        named = named.format(colour=background)
        return Scene(
            icon=self._icons.by_subject[subject][style],
            frame=frame,
            scale=place.scale,
            across=place.across,
            down=place.down,
            background=background,
            colour=COLOURS[background],
            inverted=_inverted(style, background),
            caption=words.SEPARATOR.join((subject, styled, frame, named)),
        )

    def pair(self, subjects: tuple[str, str], style: str, background: str = "white") -> Scene:
        """Two icons side by side."""
        first, second = (self._icons.by_subject[subject][style] for subject in subjects)
        named = words.BACKGROUND_PHRASES[0].format(colour=background)
        told = (f"{subjects[0]} and {subjects[1]}", words.STYLES[style][0], words.PAIR, named)
        return Scene(
            icon=first,
            second=second,
            frame=words.PAIR,
            scale=words.PAIR_SCALE,
            across=-words.PAIR_ACROSS,
            background=background,
            colour=COLOURS[background],
            inverted=_inverted(style, background),
            caption=words.SEPARATOR.join(told),
        )

    def any_scene(self, chance: random.Random) -> Scene:
        """Any scene."""
        subject = chance.choice(self._icons.subjects)
        style = chance.choice(list(self._icons.by_subject[subject]))
        plain = chance.random() < self._plain
        scene = Scene(self._icons.by_subject[subject][style])
        named = self._named(scene.icon, chance)
        if not plain:
            scene, named = self._arranged(scene, style, named, chance)
        scene, details = _lit(scene, style, chance, plain=plain)
        parts = [named]
        if chance.random() < _SAID:
            parts.append(chance.choice(words.STYLES[style]))
        said = _CENTRED_SAID if scene.frame == "centered" else _SAID
        if scene.second is not None or chance.random() < said:
            parts.append(scene.frame)
        parts += [detail for detail in details if chance.random() < _SAID]
        if scene.defect:
            parts.append(scene.defect)
        return replace(scene, caption=words.SEPARATOR.join(parts))

    def _named(self, icon: int, chance: random.Random) -> str:
        """The subject, sometimes with or by another word for it."""
        entry, drawn = self._icons.entries[icon], chance.random()
        if entry.tags and drawn < 0.12:
            return chance.choice(entry.tags)
        if entry.tags and drawn < 0.3:
            return f"{entry.subject} {chance.choice(entry.tags)}"
        return entry.subject

    def _arranged(
        self, scene: Scene, style: str, named: str, chance: random.Random
    ) -> tuple[Scene, str]:
        """A pair, a pattern, or one icon somewhere; with the words for what it shows."""
        number = chance.choices(["one", "pair", "pattern"], [0.77, 0.2, 0.03])[0]
        if number == "pair":
            able = [s for s, icons in self._icons.by_subject.items() if style in icons]
            second = self._icons.by_subject[chance.choice(able)][style]
            paired = replace(
                scene,
                second=second,
                frame=words.PAIR,
                scale=words.PAIR_SCALE,
                across=-words.PAIR_ACROSS,
            )
            return paired, f"{named} and {self._named(second, chance)}"
        if number == "pattern":
            return replace(
                scene, frame=words.PATTERN, scale=0.9, repeat=chance.choice((2, 3))
            ), named
        weights = [frame.weight for frame in FRAMES.values()]
        frame = chance.choices([*FRAMES, words.TILTED], [*weights, words.TILTED_WEIGHT])[0]
        if frame == words.TILTED:
            turn = chance.choice((-1, 1)) * chance.uniform(0.3, 0.5)
            return replace(scene, frame=frame, turn=turn), named
        place = FRAMES[frame]
        # Inpainting asks for something centred that has to fit what is left free around it.
        least = -0.22 if frame == "centered" else -0.06
        return replace(
            scene,
            frame=frame,
            scale=place.scale * (1 + chance.uniform(least, 0.06)),
            across=place.across + chance.uniform(-0.04, 0.04),
            down=place.down + chance.uniform(-0.04, 0.04),
        ), named


def _lit(
    scene: Scene, style: str, chance: random.Random, *, plain: bool
) -> tuple[Scene, list[str]]:
    """The scene with background, light and defect, and the phrases of its detail layer."""
    colours = list(COLOURS)
    rare = 0.5 if plain else 0.65
    background = chance.choice(colours) if chance.random() < rare else "white"
    colour = COLOURS["white"] if background == "white" else _near(COLOURS[background], chance)
    phrase = chance.choice(words.BACKGROUND_PHRASES).format(colour=background)
    scene = replace(
        scene,
        background=background,
        colour=colour,
        inverted=_inverted(style, background),
    )
    if plain:
        return scene, [phrase]
    if background != "white" and chance.random() < 0.18:
        other = chance.choice([name for name in colours if name != background])
        scene = replace(scene, until=_near(COLOURS[other], chance))
        phrase = words.GRADIENT_PHRASE.replace("{colour}", "{}").format(background, other)
    light = chance.choice(words.LIGHTS) if chance.random() < 0.22 else ""
    scene = replace(
        scene,
        light=light,
        shadow=chance.random() < 0.12,
        glow=chance.random() < 0.06,
        defect=chance.choice(words.DEFECTS) if chance.random() < 0.05 else "",
    )
    extras = [words.SHADOW] * scene.shadow + [words.GLOW] * scene.glow
    return scene, [phrase, *([light] if light else []), *extras]


def _near(colour: Colour, chance: random.Random) -> Colour:
    red, green, blue = (min(255.0, max(0.0, v + chance.uniform(-10, 10))) for v in colour)
    return red, green, blue


def _inverted(style: str, background: str) -> bool:
    return style == "mono" and background in words.DARK
