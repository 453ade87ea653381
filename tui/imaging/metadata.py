"""The recipe in the file: written into every image, read back to rebuild or to import.

Three things go in together: `parameters` for other programs, `keepers` for this one, and XMP
for whoever has to know that a model made the picture.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, TypeVar

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
from tui.imaging.operations import Edits
from tui.imaging.parameters import parameters
from tui.imaging.pixels import Levels, as_image
from tui.imaging.source_type import XMP_KEY, source_type_of, xmp_packet
from tui.imaging.text_chunks import texts

T = TypeVar("T", bound=msgspec.Struct)

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
_NEWEST_EDITED = (("", FORMAT), ("operations", Edits.VERSION))
"""The same for an edited image."""


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


class EditedProvenance(msgspec.Struct, frozen=True):
    """Where an edited image came from: it has no recipe, but its parent may have one."""

    image: Id
    parent: Id
    """The id of the image that was edited."""
    origin: Origin
    operations: Edits
    """What was done to the parent."""
    pixels: Sha256
    """The hash of the working copy when it was written."""

    def __post_init__(self) -> None:
        """Refuse a record that contradicts itself."""
        if self.origin is not Origin.EDITED:
            raise ValueError("it has operations, but was not edited")


class _EditedRecord(EditedProvenance, frozen=True, kw_only=True):
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
    return _png(image, text, parameters(recipe), source_type_of(origin, edited=edited))


def write_edited_png(
    image: Image.Image | Levels,
    *,
    image_id: str,
    parent: str,
    operations: Edits,
    pixels: str,
    parameters: str | None = None,
) -> bytes:
    """An edited image as a PNG file that says what was done to which image.

    `pixels` is its `pixel_hash`; `parameters` is the text for other programs, of the recipe
    further up the lineage.

    Raises:
        ImagingError: an array that is no picture, ids and hashes that are none, or operations
            too long to be read back.
    """
    record = _EditedRecord(image_id, parent, Origin.EDITED, operations, pixels)
    return _png(image, _record_text(record), parameters, source_type_of(Origin.EDITED))


def read_provenance(path: Path | str) -> Provenance:
    """What a PNG file written by `write_png` says of itself; its pixels are not decoded.

    The file may come from anybody: every text in it is made harmless, which shows as not
    `intact`, and settings that nobody can draw are refused.

    Raises:
        ImagingError: not a sound PNG, without a recipe of ours, from a newer version, or damaged.
    """
    found = read_either(path)
    if isinstance(found, EditedProvenance):
        raise ImagingError(
            f"{name_of(path)} was edited by hand, so no recipe makes it: "
            "take the image it was made from"
        )
    return found


def read_edited(path: Path | str) -> EditedProvenance:
    """What a PNG file written by `write_edited_png` says of itself; its pixels are not decoded.

    Raises:
        ImagingError: as for `read_provenance`, or it is not an edited image.
    """
    name = name_of(path)
    return _as(EditedProvenance, _read_record(path, name), _NEWEST_EDITED, name)


def read_either(path: Path | str) -> Provenance | EditedProvenance:
    """What a PNG file of ours says of itself, edited or not; its pixels are not decoded.

    Raises:
        ImagingError: as for `read_provenance`, other than that it was edited.
    """
    name = name_of(path)
    record = _read_record(path, name)
    if isinstance(record, dict) and "operations" in record:
        return _as(EditedProvenance, record, _NEWEST_EDITED, name)
    provenance = _as(Provenance, record, _NEWEST, name)
    with _damage(name):
        provenance.recipe.intent.checked()
    return provenance


def _png(image: Image.Image | Levels, record: str, settings: str | None, uri: str) -> bytes:
    info = PngInfo()
    if settings is not None:
        info.add_text("parameters", settings)
    info.add_itxt(KEY, record)
    info.add_itxt(XMP_KEY, xmp_packet(uri))
    buffer = io.BytesIO()
    as_image(image).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def _read_record(path: Path | str, name: str) -> object:
    with opened(path) as (file, length):
        # Two are enough to refuse, and eighty need not be unpacked for it.
        found = list(islice(texts(file, length, name, KEY, LONGEST_RECORD), 2))
    if not found:
        raise ImagingError(f"{name} carries no recipe of Keepers: import it as a plain picture")
    if len(found) > 1:
        raise ImagingError(f"{name} carries more than one recipe: use the original file")
    with _damage(name):
        return parsed(found[0])


def _as(kind: type[T], record: object, newest: tuple[tuple[str, int], ...], name: str) -> T:
    with _damage(name):
        _check_versions(record, newest, name)
        return msgspec.convert(harmless(record), kind)


@contextmanager
def _damage(name: str) -> Iterator[None]:
    try:
        yield
    except ImagingError:
        raise
    except (ForeignJsonError, ValueError, RecursionError) as error:
        # InvalidIntentError and msgspec's ValidationError are ValueErrors.
        raise ImagingError(
            f"the recipe in {name} is damaged: use the original file, or import it as a picture"
        ) from error


def _check_versions(record: object, versions: tuple[tuple[str, int], ...], name: str) -> None:
    """Say that a newer program wrote it, before its unknown fields look like damage."""
    part = record
    for key, newest in versions:
        if key and isinstance(part, dict):
            part = part.get(key)
        if not isinstance(part, dict):
            return
        version = part.get("version", 1)
        if isinstance(version, int) and version > newest:
            raise ImagingError(
                f"{name} was made by a newer Keepers: update Keepers to read its recipe"
            )


def _record_text(record: _Record | _EditedRecord) -> str:
    """The record as JSON that will be read back."""
    content = msgspec.json.encode(record)
    if len(content) > LONGEST_RECORD:
        raise ImagingError("the recipe is too long to go into a file: shorten the prompt")
    try:
        msgspec.json.decode(content, type=type(record))
    except msgspec.ValidationError as error:
        raise ImagingError(f"this cannot go into a file ({error}): give ids and hashes") from error
    return content.decode()
