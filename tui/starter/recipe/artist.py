"""Pictures of a finished model, for judging it."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.progress import Progress
from tui.starter.recipe.work_folder import Machine, number_of

STEPS, GUIDANCE = 20, 4.0
"""What the model is used with."""
_AT_ONCE = 16


@dataclass(frozen=True)
class Ask:
    """One picture to draw."""

    prompt: str
    seed: int
    negative: str = ""
    guidance: float = GUIDANCE
    steps: int = STEPS


class Draws(Protocol):
    """Whatever draws what it is asked."""

    def draw(self, asks: Sequence[Ask]) -> Tensor:
        """The pictures, N×3×S×S from 0 to 1, on the CPU."""
        ...


class Artist:
    """Draws with a diffusers folder.

    Args:
        model: The folder.
        machine: Where to draw, and in which precision.
        size: Side of the pictures, in pixels.

    Raises:
        RecipeError: the folder holds no model.
    """

    def __init__(self, model: Path, machine: Machine, size: int = 128) -> None:
        from diffusers import StableDiffusionPipeline

        if not (model / "model_index.json").exists():
            raise RecipeError(f"there is no model in {model}: do the step export first")
        dtype = torch.bfloat16 if machine.bfloat16 else torch.float32
        self.pipeline: Any = StableDiffusionPipeline.from_pretrained(
            model, dtype=dtype, local_files_only=True, use_safetensors=True
        ).to(machine.device)
        self.pipeline.set_progress_bar_config(disable=True)
        self._size = size

    def draw(self, asks: Sequence[Ask]) -> Tensor:
        """The pictures, N×3×S×S from 0 to 1; neighbours of one guidance are drawn together."""
        drawn = []
        for (guidance, steps), same in groupby(asks, key=lambda ask: (ask.guidance, ask.steps)):
            together = list(same)
            for start in range(0, len(together), _AT_ONCE):
                part = together[start : start + _AT_ONCE]
                result = self.pipeline(
                    [ask.prompt for ask in part],
                    negative_prompt=[ask.negative for ask in part],
                    num_inference_steps=steps,
                    guidance_scale=guidance,
                    height=self._size,
                    width=self._size,
                    generator=[torch.Generator().manual_seed(ask.seed) for ask in part],
                    output_type="np",
                )
                drawn.append(torch.from_numpy(result.images).permute(0, 3, 1, 2).float())
        return torch.cat(drawn)


class Remembering:
    """Keeps each picture as a file: an evaluation that was killed does not draw it again.

    Args:
        artist: Who draws.
        folder: Where the pictures are kept; one for each model.
        step: The name to tell progress under.
    """

    def __init__(self, artist: Draws, folder: Path, step: str = "evaluate") -> None:
        self._artist, self._folder = artist, folder
        self._progress = Progress(step, "pictures")
        self._drawn = 0
        folder.mkdir(parents=True, exist_ok=True)

    def draw(self, asks: Sequence[Ask]) -> Tensor:
        """The pictures, N×3×S×S in steps of 1/255."""
        missing = [ask for ask in dict.fromkeys(asks) if not self._file(ask).exists()]
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            for ask, picture in zip(part, self._artist.draw(part), strict=True):
                self._keep(ask, picture)
            self._drawn += len(part)
            done = (start + len(part)) / len(missing)
            self._progress.tell(done, self._drawn, f"{len(missing)} pictures of this part")
        return torch.stack([self._kept(ask) for ask in asks])

    def _keep(self, ask: Ask, picture: Tensor) -> None:
        file = self._file(ask)
        temporary = file.with_suffix(".tmp")
        as_image(picture).save(temporary, "PNG")
        temporary.replace(file)

    def _kept(self, ask: Ask) -> Tensor:
        with Image.open(self._file(ask)) as image:
            return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255

    def _file(self, ask: Ask) -> Path:
        return self._folder / f"{number_of(*astuple(ask)):016x}.png"


def as_image(picture: Tensor) -> Image.Image:
    """A picture, 3×S×S from 0 to 1, for a file."""
    values = (picture.clamp(0, 1) * 255).round().byte()
    return Image.fromarray(values.permute(1, 2, 0).cpu().numpy())
