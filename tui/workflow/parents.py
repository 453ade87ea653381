"""What an iteration starts from: the parent's own wish, or its picture where no wish made it."""

from dataclasses import dataclass

import msgspec

from tui.domain.change import Element, changes
from tui.domain.intent import Intent, seeds_from
from tui.domain.lineage import Origin
from tui.domain.versioned import UnreadableError, from_json
from tui.engine.jobs import JobRequest
from tui.imaging.pixels import open_picture, png_bytes
from tui.store import inputs
from tui.store.errors import NotFoundError
from tui.store.images import ImageRecord
from tui.workflow.workspace import Workspace

_DRAWN = frozenset({Origin.GENERATED, Origin.ITERATED})
_GRID = 8
"""Pixels; sides that nearly all models draw are multiples of it."""


@dataclass(frozen=True)
class Start:
    """What the next batch is held against, and whether it starts from the parent's picture."""

    base: Intent | None
    """The wish that exactly one element may differ from; None where nobody knows one."""
    from_picture: bool
    """The parent was edited, repaired or imported: the picture itself is drawn over again."""


def start_of(workspace: Workspace, parent: ImageRecord) -> Start:
    """What an iteration from that image starts from.

    What was edited, repaired or imported has no words that would make it again. The words are then
    those of the nearest ancestor that was drawn whole.
    """
    if parent.origin in _DRAWN and parent.recipe is not None and parent.recipe.intent.mask is None:
        return Start(parent.recipe.intent, from_picture=False)
    for image in workspace.store.images.line(parent.id)[1:]:
        if image.recipe is not None and image.recipe.intent.mask is None:
            return Start(image.recipe.intent, from_picture=True)
    return Start(None, from_picture=True)


def wish(workspace: Workspace, parent: ImageRecord, start: Start) -> Intent:
    """What draft and options ask for, drawn from that parent."""
    intent, strength = workspace.intent(), workspace.options.strength
    if start.from_picture:
        width, height = drawn_size(parent, max(intent.width, intent.height))
        return msgspec.structs.replace(
            intent, init_image=parent.pixels, strength=strength, width=width, height=height
        ).cleaned()
    picture = None if start.base is None else start.base.init_image
    return msgspec.structs.replace(
        intent, init_image=picture, strength=None if picture is None else strength
    ).cleaned()


def differences(workspace: Workspace) -> tuple[Element, ...]:
    """What draft and options change from the chosen parent; empty without one.

    A parent's seed is one of its batch: it counts as changed only when the options' first seed is
    not in that batch.
    """
    parent = workspace.parent()
    if parent is None:
        return ()
    start = start_of(workspace, parent)
    base = start.base
    if base is None:
        return ()
    intent = wish(workspace, parent, start)
    if start.from_picture:
        # That it starts from the picture is the same for the whole round, not a change in it.
        base = msgspec.structs.replace(
            base,
            init_image=intent.init_image,
            strength=intent.strength,
            width=intent.width,
            height=intent.height,
        )
    if start.from_picture or intent.seed in batch_seeds(workspace, parent):
        intent = intent.with_seed(base.seed)
    return changes(base, intent)


def twin_seeds(workspace: Workspace, parent: ImageRecord, intent: Intent) -> tuple[int, ...]:
    """The seeds of the next batch: those of the parent's, so that each child has a twin."""
    siblings = batch_seeds(workspace, parent)
    if siblings and intent.seed in siblings:
        return siblings
    return seeds_from(intent.seed, workspace.options.count)


def batch_seeds(workspace: Workspace, image: ImageRecord) -> tuple[int, ...]:
    """The seeds of the batch an image belongs to; its own where it belongs to none."""
    request = request_of(workspace, image.job_id)
    if request is not None and image.seed in request.wanted_seeds:
        return request.wanted_seeds
    return () if image.seed is None else (image.seed,)


def request_of(workspace: Workspace, job_id: str | None) -> JobRequest | None:
    """What was asked of the engine; None for no job, or one that this version cannot read."""
    if job_id is None:
        return None
    try:
        return from_json(workspace.store.jobs.get(job_id).request, JobRequest)
    except (NotFoundError, UnreadableError):
        return None


def used_seeds(workspace: Workspace, intent: Intent) -> frozenset[int]:
    """The seeds that this wish was drawn with before, in the open project."""
    wanted = intent.with_seed(0).key
    found: set[int] = set()
    for job in workspace.store.jobs.list(project_id=workspace.project.id):
        request = request_of(workspace, job.id)
        if request is not None and request.keep and request.intent.with_seed(0).key == wanted:
            found.update(request.seeds)
    return frozenset(found)


def put_picture(workspace: Workspace, image: ImageRecord) -> None:
    """Keep an image's pixels where the worker finds pictures to start from. Reads the file.

    Raises:
        ImagingError: the picture cannot be read.
        StoreError: the disk refuses.
    """
    home = workspace.store.home
    try:
        inputs.get(home, image.pixels)
    except NotFoundError:
        inputs.put(home, image.pixels, png_bytes(open_picture(workspace.file(image))))


def drawn_size(image: ImageRecord, side: int) -> tuple[int, int]:
    """Width and height in the picture's proportions with that longest side, on the models' grid."""
    longest = max(image.width, image.height, 1)
    width, height = (
        max(_GRID, round(length * side / longest / _GRID) * _GRID)
        for length in (image.width, image.height)
    )
    return width, height
