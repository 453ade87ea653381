"""What a picture's own file says of its words: our record where it has one, else another's."""

from functools import lru_cache
from pathlib import Path

import msgspec

from tui.domain.layering import Layering, layered
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.engine.models import ModelError
from tui.engine.resolving import known_place
from tui.imaging.errors import ImagingError
from tui.imaging.foreign.picture_texts import picture_texts
from tui.imaging.foreign.pictures import foreign_recipe
from tui.imaging.metadata import KEY, Provenance, read_edited, read_provenance
from tui.workflow.options import Options

_CHANGED = "the recipe was changed after it was written"


class Words(msgspec.Struct, frozen=True):
    """The words of a picture or a style, in layers, and what else is known."""

    program: str
    layering: Layering
    model: str = ""
    options: str = ""
    """As the options panel holds them; empty where another program's settings are none of ours."""
    image_id: str = ""
    """The image's id in the home that made it."""
    settings: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def words_of(path: Path) -> Words:
    """What the file says.

    Raises:
        ImagingError: it cannot be read, or says nothing of how it was made.
    """
    if KEY in picture_texts(path) and (record := _record(path)) is not None:
        intent = record.recipe.intent
        return Words(
            "Keepers",
            Layering(intent.layers.cleaned()),
            intent.model,
            # What only painted a part has settings that would not draw the whole.
            "" if intent.mask else safe_options(to_json(Options().taken_from(intent))),
            record.image,
            notes=() if record.intact else (_CHANGED,),
        )
    found = foreign_recipe(path)
    return Words(
        found.program,
        layered(found.prompt, found.negative),
        found.model,
        settings=found.settings,
    )


def safe_options(options: str) -> str:
    """Options from elsewhere; none where their model is not on this machine.

    A project that starts from them would fetch it, and nothing is fetched because a file says so.
    """
    try:
        return options if options and _is_here(from_json(options, Options).model) else ""
    except UnreadableError:
        return ""


@lru_cache(64)
def _is_here(model: str) -> bool:
    try:
        return known_place(model) is not None
    except ModelError:
        return False


def _record(path: Path) -> Provenance | None:
    """Our record; None for an edited picture, which has its words only in A1111's form.

    Raises:
        ImagingError: the record is damaged, or from a newer version.
    """
    try:
        return read_provenance(path)
    except ImagingError:
        try:
            read_edited(path)
        except ImagingError:
            pass
        else:
            return None
        raise
