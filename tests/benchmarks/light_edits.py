"""Light edits of a picture of 1024² as they are previewed, whole and on a mask; the goal is 50 ms.

At 80×24 a preview is smaller; with its sharpest picture, or zoomed, it is the whole.
"""

import os
import tempfile
from collections.abc import Callable

import msgspec
import numpy as np
from PIL import Image

from tests.benchmarks.timing import median_ms
from tests.workflow.test_editing import add_image
from tui.imaging.adjustments import Adjustment
from tui.imaging.histogram import histogram
from tui.imaging.mask_shapes import ellipse
from tui.imaging.operations import Blur, Curve, Denoise, Exposure, Saturation, Sharpen, Step
from tui.imaging.pixels import Levels, to_array
from tui.imaging.stitch import Crop, stitch
from tui.store.paths import find_home
from tui.store.settings import load_settings
from tui.store.store import open_store
from tui.workflow.edit_session import EditSession
from tui.workflow.workspace import Workspace

SIDE, ROUNDS = 1024, 15
PREVIEWS = (256, 1024)
EDITS: tuple[Adjustment, ...] = (
    Exposure(0.3), Saturation(10), Curve(), Sharpen(), Blur(), Denoise(),
)  # fmt: skip


def run() -> None:
    """Print the figures."""
    coarse = np.random.default_rng(3).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    picture = to_array(Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEEPERS_HOME"] = folder
        home = find_home()
        with open_store(home) as store:
            workspace = Workspace(store, load_settings(home))
            workspace.create("Benchmark")
            session = EditSession.open(workspace, add_image(workspace, levels=picture))
        session.editor.take_box("10% 10% 90% 90%")
        for side in PREVIEWS:
            _previews(session, side)
    _others(picture)


def _previews(session: EditSession, side: int) -> None:
    print(f"preview of {side}²                whole   on the mask")
    for operation in EDITS:
        figures = []
        for masked in (False, True):
            session.draft = msgspec.structs.replace(
                session.draft, steps=(Step(operation, masked=masked),)
            )
            session.preview(side)  # what is kept between previews is made
            figures.append(median_ms(lambda: session.preview(side), ROUNDS))
        print(f"  {operation.NAME:24} {figures[0]:9.1f} {figures[1]:9.1f} ms", flush=True)
    session.draft = msgspec.structs.replace(
        session.draft, steps=tuple(Step(operation, masked=True) for operation in EDITS[:3])
    )
    print(f"  {'three on the mask':34} {median_ms(lambda: session.preview(side), ROUNDS):9.1f} ms")


def _others(picture: Levels) -> None:
    image = Image.fromarray(picture)
    mask, crop = ellipse((SIDE, SIDE), (200, 200, 800, 800)), Crop((150, 150, 850, 850), (700, 700))
    painted = Image.fromarray(picture[150:850, 150:850] // 2)
    works: dict[str, Callable[[], object]] = {
        "histogram": lambda: histogram(image),
        "stitch": lambda: stitch(picture, painted, mask, crop, 8),
        "stitch, seam matched": lambda: stitch(picture, painted, mask, crop, 8, match=True),
    }
    for name, work in works.items():
        print(f"{name:26} {median_ms(work, ROUNDS):9.1f} ms", flush=True)
