"""Effect maps of a round: four pairs of 1024² pictures, from their files and from memory."""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from tui.workflow.effect import effect

PAIRS = 4
SIDE = 1024
ROUNDS = 9


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        pairs = [_pair(Path(folder), number) for number in range(PAIRS)]
        from_files = [_timed(pairs, opened=False) for _ in range(ROUNDS)]
        in_memory = [_timed(pairs, opened=True) for _ in range(ROUNDS)]
    size = f"{PAIRS} effect maps, {SIDE}²"
    print(f"{size}, from files  {statistics.median(from_files) * 1e3:7.1f} ms")
    print(f"{size}, decoded     {statistics.median(in_memory) * 1e3:7.1f} ms")


def _pair(folder: Path, number: int) -> tuple[Path, Path]:
    """A cloudy picture, and the same with one part of it brighter."""
    coarse = np.random.default_rng(number).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    before = Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    after = before.copy()
    part = (SIDE // 4, SIDE // 4, SIDE // 2, SIDE // 2)
    after.paste(before.crop(part).filter(ImageFilter.GaussianBlur(9)), part)
    paths = folder / f"{number}a.png", folder / f"{number}b.png"
    for path, picture in zip(paths, (before, after), strict=True):
        picture.save(path)
    return paths


def _timed(pairs: list[tuple[Path, Path]], *, opened: bool) -> float:
    pictures = [tuple(Image.open(path) for path in pair) for pair in pairs]
    if opened:
        for picture in (picture for pair in pictures for picture in pair):
            picture.load()
    begun = time.perf_counter()
    for before, after in pictures:
        found = effect(before, after)
        found.overlay((SIDE, SIDE))
    return time.perf_counter() - begun
