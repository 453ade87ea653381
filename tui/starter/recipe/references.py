"""What a picture is held against: every icon of a style, as the prompt wanted it to stand."""

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor

from tui.starter.recipe.drawing import Studio, inked
from tui.starter.recipe.icons import Icons
from tui.starter.recipe.measuring import SMALL, placings, small
from tui.starter.recipe.scenes import Composer, Scene
from tui.starter.recipe.words import COLOURS, FRAMES

_AT_ONCE = 128


class References:
    """Draws and keeps them.

    Args:
        icons: Those that the model under test was shown.
        size: Side of its pictures, in pixels.
    """

    def __init__(self, icons: Icons, size: int) -> None:
        self.icons = icons
        self.composer = Composer(icons, plain=1.0)
        self.studio = Studio(icons, size)
        self._layers: dict[tuple[str, str], Tensor] = {}
        self._placings: dict[tuple[str, str], Tensor] = {}

    @cached_property
    def subjects(self) -> dict[str, list[str]]:
        """All subjects that there are in a style, by style."""
        found: dict[str, list[str]] = {}
        for icon in self.icons.entries:
            found.setdefault(icon.style, []).append(icon.subject)
        return found

    def of_style(self, style: str, frame: str, background: str) -> Tensor:
        """Every subject of the style there, M×3×32×32, in the order of `subjects`."""
        scenes = [self.composer.scene(s, style, frame, background) for s in self.subjects[style]]
        key = (style, frame)
        if key not in self._layers:
            self._layers[key] = self._small_layers(scenes)
        layers = self._layers[key]
        inverted = torch.full((len(layers),), scenes[0].inverted)
        colour = torch.tensor(COLOURS[background])[:, None, None] / 255
        return inked(layers, inverted) + colour * (1 - layers[:, 3:])

    def of_subject(self, subject: str, background: str, styles: Sequence[str]) -> Tensor:
        """One subject in the middle, in each style, M×3×32×32."""
        scenes = [self.composer.scene(subject, style, background=background) for style in styles]
        return small(self.studio.draw(scenes))

    def placings(self, subject: str, style: str) -> Tensor:
        """Where the subject stands in each frame of `FRAMES`, 7×3, as `measuring.placings` says."""
        key = (subject, style)
        if key not in self._placings:
            scenes = [self.composer.scene(subject, style, frame) for frame in FRAMES]
            self._placings[key] = placings(self.studio.draw(scenes))
        return self._placings[key]

    def halves(self, style: str) -> tuple[Tensor, Tensor]:
        """Every subject as the left and as the right one of a pair on white: M×3×32×16 each."""
        subjects = self.subjects[style]
        scenes = [self.composer.pair((subject, subject), style) for subject in subjects]
        drawn = torch.cat([small(self.studio.draw(part)) for part in _parts(scenes)])
        return drawn[..., : SMALL // 2], drawn[..., SMALL // 2 :]

    def _small_layers(self, scenes: list[Scene]) -> Tensor:
        return torch.cat([small(self.studio.layers(part)) for part in _parts(scenes)])


def _parts(scenes: list[Scene]) -> list[list[Scene]]:
    return [scenes[start : start + _AT_ONCE] for start in range(0, len(scenes), _AT_ONCE)]
