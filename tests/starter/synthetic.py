"""Icons of plain shapes: told apart at a glance, drawn without any package."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import Tensor

from tui.starter.recipe import words
from tui.starter.recipe.artist import Ask
from tui.starter.recipe.drawing import Studio
from tui.starter.recipe.icons import Icon, Icons
from tui.starter.recipe.scenes import Composer
from tui.starter.recipe.settings import Settings, Training
from tui.starter.recipe.work_folder import WorkFolder, find_machine

SIDE = 144
_Y, _X = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
_SHAPES: dict[str, Callable[[], np.ndarray]] = {
    "ball": lambda: _X**2 + _Y**2 < 0.5,
    "box": lambda: np.maximum(abs(_X), abs(_Y)) < 0.62,
    "plank": lambda: (abs(_X) < 0.72) & (abs(_Y) < 0.3),
    "pole": lambda: (abs(_Y) < 0.72) & (abs(_X) < 0.3),
    "roof": lambda: (_Y < 0.6) & (2 * abs(_X) - 0.7 < _Y),
    "bowl": lambda: (_X**2 + _Y**2 < 0.55) & (_Y > -0.1),
    "kite": lambda: abs(_X) + abs(_Y) < 0.75,
    "ring": lambda: (_X**2 + _Y**2 < 0.52) & (_X**2 + _Y**2 > 0.1),
}
_INKS = [
    (200, 30, 160), (20, 120, 110), (130, 90, 20), (90, 20, 120),
    (150, 160, 30), (40, 70, 170), (170, 60, 60), (60, 110, 60),
]  # fmt: skip
SUBJECTS = tuple(_SHAPES)


def make_icons() -> Icons:
    """Eight subjects, each flat in a colour and as a black icon."""
    entries, pixels = [], []
    for number, (name, shape) in enumerate(_SHAPES.items()):
        for style, ink in (("flat", _INKS[number]), ("mono", (26, 26, 26))):
            rgba = np.zeros((SIDE, SIDE, 4), np.uint8)
            rgba[shape()] = (*ink, 255)
            if style == "flat":  # a second colour, as icons have
                rgba[shape() & (abs(_X - 0.1) < 0.08)] = (240, 240, 240, 255)
            pixels.append(rgba)
            tags = (f"{name} thing", "shape")
            entries.append(Icon(f"f{number}", name.title(), tags, 7, style, kind="shapes"))
    return Icons(tuple(entries), np.stack(pixels))


TINY = Settings(
    styles=("flat", "mono"), subjects=SUBJECTS, size=64, captions=400, pieces=560, scenes=320,
    encoder_width=4, decoder_width=4, crop=32, text_width=16, text_layers=1, text_heads=2,
    components=8, widths=(8, 8, 16), groups=4,
    autoencoder=Training(minutes=1, batch=1, rate=1e-3, warmup=4, steps=40, save_minutes=0),
    text=Training(minutes=1, batch=8, rate=1e-3, warmup=2, steps=6),
    denoiser=Training(minutes=1, batch=4, rate=1e-3, warmup=2, steps=6),
)  # fmt: skip


def make_work(folder: Path, settings: Settings = TINY, start: Path | None = None) -> WorkFolder:
    """A work folder whose icons are rendered, and which is told to be quick."""
    folder.mkdir(parents=True)
    work = WorkFolder(folder, settings, find_machine("cpu"), start)
    make_icons().save(work.pixels, work.entries)
    (folder / "settings.json").write_bytes(msgspec.json.encode(settings))
    return work


class PerfectArtist:
    """Draws the icons themselves, as the words of the prompt want them."""

    def __init__(self, icons: Icons, size: int) -> None:
        self._composer, self._studio = Composer(icons, plain=1.0), Studio(icons, size)

    def draw(self, asks: Sequence[Ask]) -> Tensor:
        scenes = []
        for ask in asks:
            subject, style, frame, *detail = self.read(ask.prompt.split(", "))
            colour = "white" if ask.negative != "white background" else "green"
            for phrase in detail:
                colour = next((c for c in words.COLOURS if f"{c} background" in phrase), colour)
            if frame == words.PAIR:
                first, second = subject.split(" and ")
                scenes.append(self._composer.pair((first, second), style))
            else:
                scenes.append(self._composer.scene(subject, style, frame, colour))
        return self._studio.draw(scenes)

    def read(self, phrases: list[str]) -> list[str]:
        subject, style, *rest = phrases
        return [subject, next(s for s, names in words.STYLES.items() if style in names), *rest]


class NoiseArtist:
    """Draws noise, another for each seed."""

    def draw(self, asks: Sequence[Ask]) -> Tensor:
        return torch.stack(
            [torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(a.seed)) for a in asks]
        )


def chance(seed: int = 0) -> random.Random:
    return random.Random(seed)
