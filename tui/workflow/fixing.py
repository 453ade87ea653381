"""From the check to Edit: what is to be fixed is masked already."""

import numpy as np

from tui.domain.check import CheckItem
from tui.domain.found import Area
from tui.domain.text import clean
from tui.imaging import mask_shapes
from tui.imaging.mask_shapes import Mode
from tui.store.images import ImageRecord
from tui.workflow.edit_draft import load_draft, save_draft
from tui.workflow.evidence import Evidence
from tui.workflow.found_parts import FoundPart
from tui.workflow.mask_files import free_name, keep_mask
from tui.workflow.workspace import Workspace

_KEPT_AS = "before the check"


def mask_for_fix(workspace: Workspace, image: ImageRecord, areas: tuple[Area, ...]) -> str:
    """Mask these areas in the image's edit draft, and nothing else; without areas, nothing changes.

    A mask that was drawn there before is kept by a name, which is returned; empty for none.

    Raises:
        StoreError: the disk refuses.
    """
    if not areas:
        return ""
    size = (image.width, image.height)
    mask = mask_shapes.empty(size)
    for area in areas:
        mask = mask_shapes.combine(mask, FoundPart(area).mask(size), Mode.ADD)
    draft = load_draft(workspace, image)
    before, kept = draft.mask_for(size), ""
    if before is not None and before.any() and not np.array_equal(before, mask):
        kept = keep_mask(workspace, free_name(workspace, _KEPT_AS), before)
    save_draft(workspace, image, draft.with_mask(mask))
    return kept


def places_of(item: CheckItem, evidence: Evidence | None) -> tuple[Area, ...]:
    """Where to look for an item: where the person pointed at, then what was found."""
    own = () if item.area is None else (item.area,)
    return own + (() if evidence is None else evidence.areas)


def areas_to_fix(item: CheckItem, evidence: Evidence | None, at: int | None) -> tuple[Area, ...]:
    """What a fix of an item masks.

    Args:
        item: what is to be fixed.
        evidence: what was found for it.
        at: the number, from 0, of the place that was looked at last; None for none.

    Returns:
        That place; else where the person pointed at; else all that was found.
    """
    places = places_of(item, evidence)
    if at is not None and at < len(places):
        return (places[at],)
    return places if item.area is None else (item.area,)


def place_in_words(places: tuple[Area, ...], at: int) -> str:
    """One of several places: `2 of 3 “JOBZ”`."""
    text = clean(places[at].text, limit=12)
    return f"{at + 1} of {len(places)}" + (f" “{text}”" if text else "")
