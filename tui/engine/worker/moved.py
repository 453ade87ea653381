"""Classes of diffusers' own pipelines that have moved since the models were published."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

from diffusers import pipelines

from tui.engine.model_parts import index_of


def find_moved(folder: Path) -> None:
    """Have diffusers find them where the index of a model says, by the name of a pipeline's folder.

    Stable Cascade names one of Würstchen's, which diffusers 0.42 looks for in one place and keeps
    in another.

    Args:
        folder: a diffusers folder that was checked.
    """
    for value in index_of(folder).values():
        library = value[0] if isinstance(value, list) and value else None
        if isinstance(library, str) and library.isidentifier() and not hasattr(pipelines, library):
            with suppress(ModuleNotFoundError):
                moved = import_module(f"diffusers.pipelines.deprecated.{library}")
                setattr(pipelines, library, moved)
