"""Key press to repaint while a mask is drawn on a picture of 1024²; what is done to the mask."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.benchmarks.terminal import Terminal
from tests.benchmarks.timing import median_ms
from tests.workflow.test_editing import add_image
from tui.imaging.mask_shapes import grown, rectangle
from tui.imaging.masks import feather_inward
from tui.imaging.pixels import Levels, to_array
from tui.imaging.segments import segments
from tui.store.paths import find_home
from tui.store.settings import load_settings
from tui.store.store import open_store
from tui.workflow.workspace import Workspace

SIDE = 1024
SIZES = ((80, 24), (160, 48))
ROUNDS = 15


def run() -> None:
    """Print the figures."""
    coarse = np.random.default_rng(3).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    picture = to_array(Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    mask = rectangle((SIDE, SIDE), (300, 300, 700, 700))
    works: dict[str, Callable[[], object]] = {
        "grow by 8": lambda: grown(mask, 8),
        "shrink by 8": lambda: grown(mask, -8),
        "feather 8": lambda: feather_inward(mask, 8),
        "segments": lambda: segments(picture, 26),
    }
    for name, work in works.items():
        print(f"{name:29s} {median_ms(work, ROUNDS):6.1f} ms at {SIDE}²")
    for size in SIZES:
        _presses(picture, size)


def _presses(picture: Levels, size: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = folder
        home = find_home()
        with open_store(home) as store:
            workspace = Workspace(store, load_settings(home))
            workspace.create("Benchmark")
            image = add_image(workspace, levels=picture)
            workspace.choose(image.id)
            store.positions.update(workspace.project.id, step=5)
        keepers = str(Path(sys.executable).parent / "keepers")
        terminal = Terminal([keepers], size)
        terminal.until(b"Benchmark")
        terminal.send(b"\r")
        terminal.until(rb"5 Edit\]")
        terminal.until(rb"w draws on it")
        terminal.send(b"w")
        terminal.until(rb"v V box")
        for name, before, keys in (
            ("move", b"", (b"l", b"j", b"h", b"k")),
            ("draw a rectangle", b"v", (b"L", b"J", b"H", b"K")),
            ("brush", b"v24b", (b"L", b"J", b"H", b"K")),
        ):
            terminal.send(before)
            median, most = terminal.answers(keys)
            named = f"{name:18s} {size[0]:3d}×{size[1]}"
            print(f"{named}   {median:6.1f} ms median, {most:.1f} ms at 99 %", flush=True)
        terminal.close()
        os.system(f"{keepers} engine stop >/dev/null")
