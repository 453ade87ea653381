"""Step 4: what each value of a sweep did to its pictures, in one figure."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from PIL import Image

from tui.imaging.errors import ImagingError
from tui.imaging.pixels import open_picture
from tui.store.errors import StoreError
from tui.workflow.effect import effect
from tui.workflow.sweeps import SweepView
from tui.workflow.workspace import Workspace


def pairs(view: SweepView, place: int) -> tuple[tuple[Path, Path], ...]:
    """The files of a column's twins, parent and child, those that there are."""
    own, column = view.columns[0].slots, view.columns[place].slots
    return tuple(
        (twin.path, cell.path)
        for twin, cell in zip(own, column, strict=True)
        if twin.path is not None and cell.path is not None
    )


def column_effect(twins: tuple[tuple[Path, Path], ...]) -> float | None:
    """The mean over a column's pairs; None without any. Reads files: not on an event loop."""
    found = [amount for pair in twins if (amount := _amount(*pair)) is not None]
    return sum(found) / len(found) if found else None


def keep_effect(workspace: Workspace, view: SweepView, place: int) -> None:
    """Keep with a column's round what the value did to the parent's own twin, for the log."""
    column, store = view.columns[place], workspace.store
    seed = store.images.get(view.record.sweep.parent).seed
    child = next((slot.path for slot in column.slots if slot.seed == seed), None)
    twins = pairs(view, place)
    # Where the parent's own has none, another pair of its batch speaks for the value.
    twin = next((pair for pair in twins if pair[1] == child), twins[0] if twins else None)
    if column.round is not None and twin is not None:
        with suppress(ImagingError, StoreError):
            found = effect(_picture(twin[0]), _picture(twin[1]))
            store.rounds.update(column.round.id, effect=(found.amount, found.where))


@lru_cache(maxsize=4096)
def _amount(parent: Path, child: Path) -> float | None:
    """None where a file cannot be read. A file of an image is never written again."""
    try:
        return 0.0 if parent == child else effect(_picture(parent), _picture(child)).amount
    except ImagingError:
        return None


@lru_cache(maxsize=8)
def _picture(path: Path) -> Image.Image:
    """A parent's picture stands beside every column's."""
    return open_picture(path)
