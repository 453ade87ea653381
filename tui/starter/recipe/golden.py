"""Twelve prompts with what right pictures of them look like: small enough to lie beside a model.

A test draws them with the model that ships and holds the figures against those in `golden.json`.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tui.starter.recipe.artist import GUIDANCE, Ask, Draws, as_image
from tui.starter.recipe.evaluation import share
from tui.starter.recipe.measuring import SMALL, colour_names, distances, placings, ranks, small
from tui.starter.recipe.references import References
from tui.starter.recipe.words import FRAMES

_COUNT = 12
_STEPS = 8
"""Enough to see, and quick: a test draws the set on every machine."""
_SEED = 3_000_000
_COLOURS = ("white", "yellow", "navy", "pink", "green", "orange")


class Prompt(msgspec.Struct, frozen=True):
    """One prompt, and what a right picture of it shows."""

    prompt: str
    seed: int
    subject: str
    frame: str
    background: str
    placings: tuple[tuple[float, float, float], ...]
    """Where the subject stands in each frame of `FRAMES`, as `measuring.placings` says."""


class Scores(msgspec.Struct, frozen=True):
    """Shares of the twelve, from 0 to 1."""

    subject: float
    """Nearest, among the twelve subjects in this style, place and colour."""
    background: float
    place: float
    distance: float
    """Mean square difference from the icons as they should stand, at 32×32."""


class Golden(msgspec.Struct, frozen=True):
    """`golden.json`; the icons that it holds pictures against lie beside it in `golden.png`."""

    date: str
    machine: str
    steps: int
    scores: Scores
    prompts: tuple[Prompt, ...]

    def asks(self) -> list[Ask]:
        """What the model is asked."""
        return [Ask(p.prompt, p.seed, "", GUIDANCE, self.steps) for p in self.prompts]


def choose(references: References) -> tuple[Golden, Tensor]:
    """Twelve prompts about these icons, in turn over the frames, and the references.

    Returns:
        The set without scores; and pictures, 12×12×3×32×32: for each prompt, every subject of the
        set as the prompt wants it. Where a set has fewer subjects, it is smaller.
    """
    chance = random.Random(_SEED)
    styles = list(references.subjects)
    able = [s for s, found in references.icons.by_subject.items() if set(styles) <= set(found)]
    subjects = sorted(chance.sample(able, min(_COUNT, len(able))))
    prompts, rows = [], []
    for number, subject in enumerate(subjects):
        # Every second one in the middle, the others in each place once.
        frame = "centered" if number % 2 else list(FRAMES)[1 + number // 2 % (len(FRAMES) - 1)]
        style, colour = styles[number % len(styles)], _COLOURS[number % len(_COLOURS)]
        scene = references.composer.scene(subject, style, frame, colour)
        places = references.placings(subject, style).tolist()
        rounded = tuple((round(a, 3), round(b, 3), round(c, 3)) for a, b, c in places)
        prompts.append(Prompt(scene.caption, _SEED + number, subject, frame, colour, rounded))
        others = [references.composer.scene(s, style, frame, colour) for s in subjects]
        rows.append(small(references.studio.draw(others)))
    empty = Scores(0, 0, 0, 0)
    return Golden("", "", _STEPS, empty, tuple(prompts)), torch.stack(rows)


def score(golden: Golden, wanted: Tensor, pictures: Tensor) -> Scores:
    """How pictures, N×3×S×S in the order of the prompts, fare against 'wanted', N×N×3×32×32."""
    drawn = small(pictures)
    between = torch.cat([distances(p[None], row) for p, row in zip(drawn, wanted, strict=True)])
    own = list(range(len(golden.prompts)))
    names = colour_names(pictures)
    frames = list(FRAMES)
    placed = [
        frames[int(torch.cdist(found[None], torch.tensor(prompt.placings)).argmin())]
        for prompt, found in zip(golden.prompts, placings(pictures), strict=True)
    ]
    return Scores(
        subject=share([rank == 0 for rank in ranks(between, own)]),
        background=share(
            [p.background == name for p, name in zip(golden.prompts, names, strict=True)]
        ),
        place=share([p.frame == frame for p, frame in zip(golden.prompts, placed, strict=True)]),
        distance=round(float(between.diagonal().mean()), 5),
    )


def write_golden(
    folder: Path, references: References, artist: Draws, *, date: str, machine: str
) -> Golden:
    """Measure the set with a model, and write `golden.json` and `golden.png` into a folder."""
    golden, wanted = choose(references)
    scores = score(golden, wanted, artist.draw(golden.asks()))
    golden = msgspec.structs.replace(golden, date=date, machine=machine, scores=scores)
    as_image(_tiled(wanted)).save(folder / "golden.png")
    text = msgspec.json.format(msgspec.json.encode(golden), indent=1) + b"\n"
    (folder / "golden.json").write_bytes(text)
    return golden


def read_golden(folder: Path) -> tuple[Golden, Tensor]:
    """The set in a folder, and what its pictures are held against, N×N×3×32×32."""
    golden = msgspec.json.decode((folder / "golden.json").read_bytes(), type=Golden)
    with Image.open(folder / "golden.png") as image:
        tiles = torch.from_numpy(np.array(image.convert("RGB"))).float() / 255
    count = len(golden.prompts)
    cut = tiles.reshape(count, SMALL, count, SMALL, 3)
    return golden, cut.permute(0, 2, 4, 1, 3).contiguous()


def margins(scores: Scores, misses: int, count: int) -> dict[str, float]:
    """The least that is as good, give or take some of the pictures; and the largest distance."""
    least = {
        name: getattr(scores, name) - misses / count for name in ("subject", "background", "place")
    }
    return least | {"distance": scores.distance * (1 + misses / count)}


def below(scores: Scores, limits: dict[str, float]) -> Sequence[str]:
    """Names of the figures that are worse than the limits of `margins`."""
    found = [n for n in ("subject", "background", "place") if getattr(scores, n) < limits[n]]
    return [*found, "distance"] if scores.distance > limits["distance"] else found


def _tiled(wanted: Tensor) -> Tensor:
    """N×N×3×32×32 as one picture, 3×32N×32N."""
    count = len(wanted)
    return wanted.permute(2, 0, 3, 1, 4).reshape(3, count * SMALL, count * SMALL)
