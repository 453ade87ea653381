"""Scenes as pictures, many at once."""

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor

from tui.starter.recipe import words
from tui.starter.recipe.icons import Icons
from tui.starter.recipe.scenes import Scene

_MARGIN = 1.12
"""Icons are drawn a little smaller than the square that is theirs."""


class Studio:
    """Draws scenes of one set of icons.

    Args:
        icons: Those that the scenes name by their place.
        size: Side of the pictures in pixels.
        device: Where pictures are drawn and stay.
    """

    def __init__(self, icons: Icons, size: int, device: torch.device | str = "cpu") -> None:
        self.size, self.device = size, torch.device(device)
        # A copy: an array that is mapped from a file cannot be a tensor that is written to.
        self._pixels = torch.tensor(icons.pixels, device=self.device)
        line = torch.linspace(-1, 1, size, device=self.device)
        self._down, self._across = torch.meshgrid(line, line, indexing="ij")

    def layers(self, scenes: Sequence[Scene]) -> Tensor:
        """The icons alone, N×4×S×S from 0 to 1, colours multiplied by how solid they are."""
        first = self._placed(
            [scene.icon for scene in scenes],
            [(s.scale, s.across, s.down, s.turn, float(s.repeat)) for s in scenes],
        )
        pairs = [n for n, scene in enumerate(scenes) if scene.second is not None]
        if pairs:
            seconds = [icon for scene in scenes if (icon := scene.second) is not None]
            place = (words.PAIR_SCALE, words.PAIR_ACROSS, 0.0, 0.0, 1.0)
            over = self._placed(seconds, [place] * len(pairs))
            first[pairs] = over + first[pairs] * (1 - over[:, 3:])
        return first

    def draw(self, scenes: Sequence[Scene], chance: torch.Generator | None = None) -> Tensor:
        """The pictures, N×3×S×S from 0 to 1.

        Args:
            scenes: What to draw.
            chance: For the colour of glow and for noise; on the studio's device.
        """
        layers = self.layers(scenes)
        solid = layers[:, 3:]
        inverted = torch.tensor([scene.inverted for scene in scenes], device=self.device)
        colours = inked(layers, inverted)
        picture = self._backgrounds(scenes)
        shaded = [n for n, scene in enumerate(scenes) if scene.shadow]
        if shaded:
            fallen = torch.roll(solid[shaded], (7, 5), (2, 3))
            picture[shaded] *= 1 - 0.4 * _blurred(fallen, 9)
        glowing = [n for n, scene in enumerate(scenes) if scene.glow]
        if glowing:
            glow = torch.rand(len(glowing), 3, 1, 1, generator=chance, device=self.device)
            glow = glow / glow.amax(1, keepdim=True)
            lit = picture[glowing] + _blurred(solid[glowing], 17) * glow * 0.9
            picture[glowing] = lit.clamp(0, 1)
        picture = colours + picture * (1 - solid)
        for number, scene in enumerate(scenes):
            if scene.light:
                picture[number] = self._lit(picture[number], scene.light)
            if scene.defect:
                picture[number] = self._spoilt(picture[number], scene.defect, chance)
        return picture.clamp(0, 1)

    def _placed(
        self, icons: list[int], places: list[tuple[float, float, float, float, float]]
    ) -> Tensor:
        """Icons, each with its scale, centre, turn and repetition: N×4×S×S, premultiplied."""
        chosen = self._pixels[torch.tensor(icons, device=self.device)]
        rgba = chosen.permute(0, 3, 1, 2).float() / 255
        rgba = torch.cat([rgba[:, :3] * rgba[:, 3:], rgba[:, 3:]], 1)
        numbers = torch.tensor(places, device=self.device)[:, :, None, None]
        scale, across, down, turn, repeat = numbers.unbind(1)
        x, y = self._across - across, self._down - down
        u = (turn.cos() * x + turn.sin() * y) / scale
        v = (turn.cos() * y - turn.sin() * x) / scale
        u = torch.where(repeat > 1, (u * repeat + 1) % 2 - 1, u)
        v = torch.where(repeat > 1, (v * repeat + 1) % 2 - 1, v)
        grid = torch.stack([u, v], -1) * _MARGIN
        return functional.grid_sample(rgba, grid, padding_mode="zeros", align_corners=False)

    def _backgrounds(self, scenes: Sequence[Scene]) -> Tensor:
        top = torch.tensor([scene.colour for scene in scenes], device=self.device) / 255
        end = torch.tensor([s.until or s.colour for s in scenes], device=self.device) / 255
        part = (self._down + 1) / 2
        return top[:, :, None, None] * (1 - part) + end[:, :, None, None] * part

    def _lit(self, picture: Tensor, light: str) -> Tensor:
        """One picture, 3×S×S, in a light."""
        if light == "dark moody light":
            return picture * (0.5 - 0.06 * (self._down + 1))
        if light == "spotlight":
            return picture * (1.15 - 0.75 * (self._across**2 + self._down**2)).clamp(0.25, 1.15)
        if light == "bright light":
            return 1 - (1 - picture.clamp(0, 1)) * 0.62
        tint = {"warm light": (1.1, 0.95, 0.72), "cool light": (0.76, 0.95, 1.12)}[light]
        return picture * torch.tensor(tint, device=self.device)[:, None, None]

    def _spoilt(self, picture: Tensor, defect: str, chance: torch.Generator | None) -> Tensor:
        """One picture, 3×S×S, with a defect."""
        if defect == "blurry":
            return _blurred(picture[None], 7)[0]
        if defect == "noisy":
            noise = torch.randn(picture.shape, generator=chance, device=self.device)
            return picture + noise * 0.12
        if defect == "low contrast":
            return 0.5 + (picture - 0.5) * 0.35
        coarse = functional.avg_pool2d(picture[None], 8)
        return functional.interpolate(coarse, scale_factor=8.0)[0]


def inked(layers: Tensor, inverted: Tensor) -> Tensor:
    """The premultiplied colours of layers, N×3×S×S; black is white where `inverted`, N, is true."""
    white = (layers[:, 3:] - layers[:, :3]) * 0.95
    return torch.where(inverted[:, None, None, None], white, layers[:, :3])


def _blurred(picture: Tensor, width: int) -> Tensor:
    for _ in range(2):
        picture = functional.avg_pool2d(picture, width, 1, width // 2, count_include_pad=False)
    return picture
