"""The recipe in the file: written into every image, read back to rebuild or to import.

Three things go in together: `parameters` for other programs, `keepers` for this one, and XMP
for whoever has to know that a model made the picture.
"""

import io
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tui.domain.intent import Intent
from tui.domain.lineage import Origin
from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe
from tui.imaging.errors import ImagingError, name_of
from tui.imaging.files import opened
from tui.imaging.foreign_json import ForeignJsonError, harmless, parsed
from tui.imaging.parameters import parameters
from tui.imaging.pixels import Levels, as_image
from tui.imaging.source_type import XMP_KEY, source_type_of, xmp_packet
from tui.imaging.text_chunks import texts

KEY = "keepers"
"""Keyword of our chunk."""
FORMAT = 1
"""Shape of what is in it."""
LONGEST_RECORD = 2**20
"""Bytes of our chunk, in both directions."""

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")]
"""An image's id; whatever a file says, it is never a path."""
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""Hexadecimal."""

_NEWEST = (
    ("", FORMAT),
    ("recipe", Recipe.VERSION),
    ("intent", Intent.VERSION),
    ("layers", Layers.VERSION),
)
"""The newest shape that is understood of the record, and of each value inside the one before."""


class Provenance(msgspec.Struct, frozen=True):
    """Where an image came from, as its file says."""

    image: Id
    parent: Id | None
    """The id of the image it was made from."""
    origin: Origin
    recipe: Recipe
    recipe_hash: Sha256
    """The recipe's hash when it was written."""
    pixels: Sha256
    """The hash of the working copy (see `pixels.pixel_hash`) when it was written."""

    @property
    def intact(self) -> bool:
        """Whether the recipe is still the one that was written."""
        return self.recipe.hash == self.recipe_hash


class _Record(Provenance, frozen=True, kw_only=True):
    """Our chunk: the provenance, with the version of its shape."""

    version: int = FORMAT


def write_png(
    image: Image.Image | Levels,
    *,
    recipe: Recipe,
    image_id: str,
    parent: str | None,
    origin: Origin,
    pixels: str,
    edited: bool = False,
) -> bytes:
    """The image as a PNG file that carries its recipe.

    `pixels` is its `pixel_hash`. `edited` says that an image further up the lineage was
    inpainted or edited, which makes this one a composite too.

    Raises:
        ImagingError: an array that is no picture, a recipe too long to be read back, or ids and
            hashes that are none.
    """
    # Read back once: a guidance of 4 comes back as 4.0, and the hash must be of what comes back.
    recipe = msgspec.json.decode(msgspec.json.encode(recipe), type=Recipe)
    text = _record_text(_Record(image_id, parent, origin, recipe, recipe.hash, pixels))
    info = PngInfo()
    info.add_text("parameters", parameters(recipe))
    info.add_itxt(KEY, text)
    info.add_itxt(XMP_KEY, xmp_packet(source_type_of(origin, edited=edited)))
    buffer = io.BytesIO()
    as_image(image).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def read_provenance(path: Path | str) -> Provenance:
    """What a PNG file written by `write_png` says of itself; its pixels are not decoded.

    The file may come from anybody: every text in it is made harmless, which shows as not
    `intact`, and settings that nobody can draw are refused.

    Raises:
        ImagingError: not a sound PNG, without a recipe of ours, from a newer version, or damaged.
    """
    name = name_of(path)
    with opened(path) as (file, length):
        # Two are enough to refuse, and eighty need not be unpacked for it.
        found = list(islice(texts(file, length, name, KEY, LONGEST_RECORD), 2))
    if not found:
        raise ImagingError(f"{name} carries no recipe of Keepers: import it as a plain picture")
    if len(found) > 1:
        raise ImagingError(f"{name} carries more than one recipe: use the original file")
    try:
        record = parsed(found[0])
        _check_versions(record, name)
        provenance = msgspec.convert(harmless(record), Provenance)
        provenance.recipe.intent.checked()
    except ImagingError:
        raise
    except (ForeignJsonError, ValueError, RecursionError) as error:
        # InvalidIntentError and msgspec's ValidationError are ValueErrors.
        raise ImagingError(
            f"the recipe in {name} is damaged: use the original file, or import it as a picture"
        ) from error
    return provenance


def _check_versions(record: object, name: str) -> None:
    """Say that a newer program wrote it, before its unknown fields look like damage."""
    part = record
    for key, newest in _NEWEST:
        if key and isinstance(part, dict):
            part = part.get(key)
        if not isinstance(part, dict):
            return
        version = part.get("version", 1)
        if isinstance(version, int) and version > newest:
            raise ImagingError(
                f"{name} was made by a newer Keepers: update Keepers to read its recipe"
            )


def _record_text(record: _Record) -> str:
    """The record as JSON that `read_provenance` will take."""
    content = msgspec.json.encode(record)
    if len(content) > LONGEST_RECORD:
        raise ImagingError("the recipe is too long to go into a file: shorten the prompt")
    try:
        msgspec.json.decode(content, type=_Record)
    except msgspec.ValidationError as error:
        raise ImagingError(f"this cannot go into a file ({error}): give ids and hashes") from error
    return content.decode()
