"""Scenes drawn and encoded once; the denoiser sees their latents again and again."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.format import open_memmap
from torch import Tensor

from tui.starter.recipe.autoencoder import load_autoencoder
from tui.starter.recipe.drawing import Studio
from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.icons import Icons
from tui.starter.recipe.progress import Progress
from tui.starter.recipe.scenes import Composer, Scene
from tui.starter.recipe.tokenizer import ids_of, load_tokenizer
from tui.starter.recipe.work_folder import WorkFolder, number_of

_AT_ONCE = 64
_NOTED = 4
"""Batches between two notes of how far it is."""
_SPREAD_OF = 8192
"""Latents whose spread is measured."""


def make_latents(work: WorkFolder) -> None:
    """Draw and encode all scenes; a kill costs four batches.

    Raises:
        RecipeError: the icons, the tokenizer or the autoencoder are not there.
    """
    settings, icons = work.settings, work.taught()
    composer = Composer(icons, settings.plain)
    studio = Studio(icons, settings.size, work.machine.device)
    autoencoder = load_autoencoder(work)
    tokenizer = load_tokenizer(work.tokenizer, settings.tokens)
    grid, count = settings.grid, settings.scenes
    latents = _opened(_unfinished(work.latents), (count, settings.channels, grid, grid), "f2")
    captions = _opened(_unfinished(work.captions), (count, settings.tokens), "i2")
    note = work.folder / "latents.part.json"
    first, pairs = _continued(note) if latents.old and captions.old else (0, set())
    progress = Progress("latents", "scenes")
    for start in range(first, count, _AT_ONCE):
        seeds = (settings.seed, "latents", start)
        chance = random.Random(number_of(*seeds))
        scenes = [composer.any_scene(chance) for _ in range(min(_AT_ONCE, count - start))]
        rows = slice(start, start + len(scenes))
        pictures = studio.draw(scenes, work.machine.chance(*seeds))
        with torch.inference_mode():
            latents.rows[rows] = _encoded(autoencoder, pictures).cpu().numpy()
        captions.rows[rows] = ids_of(tokenizer, [scene.caption for scene in scenes])
        pairs |= {pair for scene in scenes if (pair := _pair(scene, icons))}
        if (start // _AT_ONCE) % _NOTED == _NOTED - 1:
            _note(note, latents, captions, start + _AT_ONCE, pairs)
        progress.tell(rows.stop / count, rows.stop)
    progress.end()
    _note(note, latents, captions, count, pairs)
    work.pairs.write_text(json.dumps(sorted(pairs)), encoding="utf-8")
    _unfinished(work.captions).replace(work.captions)
    _unfinished(work.latents).replace(work.latents)
    note.unlink()


class Examples:
    """All scenes as a denoiser sees them, on the machine's device.

    Args:
        work: Whose latents and captions they are.

    Raises:
        RecipeError: there are none.
    """

    def __init__(self, work: WorkFolder) -> None:
        if not (work.latents.exists() and work.captions.exists()):
            raise RecipeError(f"there are no latents in {work.folder}: do the step latents first")
        device = work.machine.device
        self.latents = torch.from_numpy(np.load(work.latents)).to(device)
        """N×C×G×G float16, as the autoencoder gave them."""
        self.captions = torch.from_numpy(np.load(work.captions)).to(device)
        """N×tokens int16."""
        self.scale = latent_scale(work)

    def __len__(self) -> int:
        return len(self.latents)

    def some(self, count: int, chance: torch.Generator, below: int) -> tuple[Tensor, Tensor]:
        """Latents, float32 with a spread of 1, and token ids; drawn from the first `below`."""
        places = torch.randint(below, (count,), generator=chance, device=self.latents.device)
        return self.latents[places].float() * self.scale, self.captions[places].long()


def latent_scale(work: WorkFolder) -> float:
    """What latents are multiplied by to have a spread of 1."""
    first = np.load(work.latents, mmap_mode="r")[:_SPREAD_OF]
    return float(1 / np.asarray(first, dtype=np.float32).std())


@dataclass
class _Rows:
    rows: Any
    """A memory-mapped array."""
    old: bool
    """Whether it was there before, in this shape."""


def _opened(file: Path, shape: tuple[int, ...], kind: str) -> _Rows:
    if file.exists():
        rows = open_memmap(file, mode="r+")
        if rows.shape == shape and rows.dtype == np.dtype(kind):
            return _Rows(rows, old=True)
    return _Rows(open_memmap(file, mode="w+", dtype=kind, shape=shape), old=False)


def _unfinished(file: Path) -> Path:
    return file.with_suffix(".part.npy")


def _continued(note: Path) -> tuple[int, set[tuple[str, str]]]:
    if not note.exists():
        return 0, set()
    read = json.loads(note.read_text(encoding="utf-8"))
    return int(read["scenes"]), {(first, second) for first, second in read["pairs"]}


def _note(
    note: Path, latents: _Rows, captions: _Rows, scenes: int, pairs: set[tuple[str, str]]
) -> None:
    latents.rows.flush()
    captions.rows.flush()
    temporary = note.with_suffix(".tmp")
    temporary.write_text(json.dumps({"scenes": scenes, "pairs": sorted(pairs)}), encoding="utf-8")
    temporary.replace(note)


def _encoded(autoencoder: Any, pictures: Tensor) -> Tensor:
    pictures = (pictures * 2 - 1).contiguous(memory_format=torch.channels_last)
    latents: Tensor = autoencoder.encode(pictures).latents
    return latents.half()


def _pair(scene: Scene, icons: Icons) -> tuple[str, str] | None:
    if scene.second is None:
        return None
    first, second = sorted(icons.entries[n].subject for n in (scene.icon, scene.second))
    return first, second
