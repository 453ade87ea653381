"""Masks with a name: kept as greyscale PNGs with the project, to be drawn from again."""

from pathlib import Path

from tui.domain.text import clean
from tui.imaging.masks import open_mask
from tui.imaging.pixels import Levels, png_bytes
from tui.store.files import make_private_folder, write_durably
from tui.store.ids import slug
from tui.store.projects import project_folder
from tui.workflow.masking import refuse_empty
from tui.workflow.workspace import Workspace

_FOLDER = "masks"


def named_masks(workspace: Workspace) -> tuple[str, ...]:
    """The names of the open project's masks, in order.

    Raises:
        StoreError: the project's folder cannot be made.
    """
    return tuple(sorted(path.stem for path in _folder(workspace).glob("*.png")))


def free_name(workspace: Workspace, name: str) -> str:
    """The name, with a number behind it where a mask has it already.

    Raises:
        StoreError: the project's folder cannot be made.
    """
    taken, number, free = named_masks(workspace), 1, name
    while slug(clean(free)) in taken:
        number += 1
        free = f"{name} {number}"
    return free


def keep_mask(workspace: Workspace, name: str, mask: Levels) -> str:
    """Keep a mask under a name, in place of an earlier one; returns the name it has now.

    Raises:
        ImagingError: nothing is masked.
        StoreError: the disk refuses.
    """
    refuse_empty(mask)
    kept = slug(clean(name))
    folder = _folder(workspace)
    make_private_folder(folder)
    write_durably(folder / f"{kept}.png", png_bytes(mask))
    return kept


def take_mask(workspace: Workspace, named: str, size: tuple[int, int]) -> Levels:
    """A mask by its name, or from any greyscale PNG, for a picture of that width and height.

    Raises:
        ImagingError: it cannot be read, or is of another size.
        StoreError: the project's folder cannot be made.
    """
    if named in named_masks(workspace):
        return open_mask(_folder(workspace) / f"{named}.png", size)
    return open_mask(Path(named).expanduser(), size)


def _folder(workspace: Workspace) -> Path:
    return project_folder(workspace.store.home, workspace.project) / _FOLDER
