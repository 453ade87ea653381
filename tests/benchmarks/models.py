"""Where the random models are kept that are measured, and how they get there."""

import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_path

from tests.benchmarks.sizes import STARTER
from tui.engine.models import starter_folder

CACHE = user_cache_path("keepers") / "benchmarks"


def model_of(size: str, *, precision: str = "float32", scale: int = 1, cache: Path = CACHE) -> Path:
    """The folder of a model, made where it is not there yet.

    Args:
        size: a name in `SIZES`.
        precision: a type of torch's, in which its weights are kept: that in which they are drawn.
        scale: what all that can be counted in it is divided by.
        cache: folder for what is made.

    Raises:
        SystemExit: it could not be made; why was said.
    """
    if size == STARTER:
        return starter_folder()
    folder = cache / f"{size}-{precision}" / f"scale-{scale}"
    if not folder.is_dir():
        told = [str(folder), size, str(scale), precision]
        made = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.random_weights", *told]
        )
        if made.returncode:
            sys.exit(made.returncode)
    return folder
