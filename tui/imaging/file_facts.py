"""All that a picture's file says of itself, as far as an image is made of it."""

from dataclasses import dataclass
from pathlib import Path

from tui.domain.lineage import Origin
from tui.domain.recipe import Recipe
from tui.imaging import chunks
from tui.imaging.errors import ImagingError, name_of
from tui.imaging.files import opened
from tui.imaging.metadata import EditedProvenance, read_either
from tui.imaging.pixels import open_picture, pixel_hash


@dataclass(frozen=True)
class FileFacts:
    """What is known of a picture from its file alone."""

    image: str | None
    """The id that it was written with; None for a picture that is not ours, as in the next."""
    parent: str | None
    origin: Origin
    recipe: Recipe | None
    """None for an edited or imported picture."""
    pixels: str
    """Hash of the working copy."""
    width: int
    """Pixels."""
    height: int
    intact: bool = True
    """Whether the recipe is still the one that was written."""


def own_facts(path: Path) -> FileFacts:
    """Of a PNG that Keepers wrote; its pixels are not decoded.

    Raises:
        ImagingError: not a sound PNG, or none of ours, or from a newer Keepers.
    """
    said = read_either(path)
    width, height = _size(path)
    if isinstance(said, EditedProvenance):
        return FileFacts(said.image, said.parent, said.origin, None, said.pixels, width, height)
    return FileFacts(
        said.image, said.parent, said.origin, said.recipe, said.pixels, width, height, said.intact
    )


def plain_facts(path: Path) -> FileFacts:
    """Of any picture: it is decoded, and nothing in it is believed.

    Raises:
        ImagingError: no such picture, another format, damaged, or too large.
    """
    picture = open_picture(path)
    return FileFacts(None, None, Origin.IMPORTED, None, pixel_hash(picture), *picture.size)


def _size(path: Path) -> tuple[int, int]:
    name = name_of(path)
    with opened(path) as (file, length):
        first = next(chunks.chunks(file, length, name))
        found = chunks.header(chunks.data(file, first, name), name)
    if not (0 < found.width < 2**31 and 0 < found.height < 2**31):
        raise ImagingError(f"{name} says that it has no pixels: copy or download it again")
    return found.width, found.height
