"""Step 7: a signed-off image leaves as a file for others, and says what a model did in it."""

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tui.domain.check import SignOff
from tui.domain.lineage import Origin
from tui.domain.recipe import Recipe
from tui.domain.text import clean
from tui.imaging import chunks
from tui.imaging.decode import decoded
from tui.imaging.errors import ImagingError, name_of, size_in_words
from tui.imaging.parameters import parameters
from tui.imaging.pixels import open_picture
from tui.imaging.source_type import COMPOSITE, GENERATED, XMP_KEY, source_type, xmp_packet
from tui.store.errors import StoreError, explain
from tui.store.files import add_durably, sha256_of
from tui.store.ids import slug
from tui.store.images import ImageRecord
from tui.store.paths import shared_mode
from tui.store.store import Store

Format = Literal["png", "jpeg", "webp"]

_SUFFIXES: dict[Format, tuple[str, ...]] = {
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg"),
    "webp": (".webp",),
}
_PICTURES = frozenset(suffix for suffixes in _SUFFIXES.values() for suffix in suffixes)
_LONGEST_SIDE: dict[Format, int] = {"jpeg": 65_500, "webp": 16_383}

_PIXELS = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"pHYs",
})  # fmt: skip
"""PNG chunks that say how the picture looks; all others are metadata."""

_EXIF_IFD, _USER_COMMENT, _ORIENTATION = 0x8769, 0x9286, 0x0112
_LONGEST_EXIF = 65_533
"""Bytes that fit into a JPEG's one EXIF segment."""

_GENERATED = frozenset({Origin.GENERATED, Origin.ITERATED})
_BY_A_MODEL = _GENERATED | {Origin.INPAINTED}


def export(
    store: Store,
    image: ImageRecord,
    sign_off: SignOff | None,
    *,
    target: Path,
    kind: Format,
    quality: int = 92,
    keep_recipe: bool,
    waiver: str = "",
) -> Path:
    """Write the image for others to use; nothing that is there already is replaced.

    The sign-off must be for the file as it is now, byte for byte. The recipe goes along (in a
    PNG as it is, elsewhere as A1111 writes it into EXIF) or stays behind with all other
    metadata. Either way the file says what a model did, as the IPTC's digital source type in
    XMP: that is a disclosure, which others rely on, and no part of the recipe.

    Args:
        store: where the image is.
        image: what leaves.
        sign_off: the answers of the check; None where nothing was answered.
        target: a folder, in which the file is called after the project, or a file's own path.
        kind: `png` keeps the exact pixels; `jpeg` and `webp` are 8-bit sRGB, laid on white.
        quality: of a JPEG or WebP, from 1 to 100.
        keep_recipe: whether others may read prompt and settings in the file.
        waiver: why the image leaves although items are open; kept with the sign-off.

    Returns:
        Where the file is, open to others as far as the user's umask lets it be.

    Raises:
        StoreError: it is not signed off, has changed since, or the target will not do.
        ImagingError: the file cannot be read, or does not fit into that format.
    """
    folder, name = _place(store, image, target, kind)
    with _taken(store, image) as taken:
        signed = _signed(image, sign_off, waiver, sha256_of(taken))
        stated = source_type(taken)
        disclosure = stated or _disclosure(store, image)
        if kind != "png":
            recipe = image.recipe if keep_recipe else None
            content = _lossy(taken, kind, quality, recipe, disclosure)
        else:
            content = _png(taken, stated, disclosure, keep=keep_recipe)
    if signed != sign_off:
        # The reason is on record before the image is out.
        store.sign_offs.update(image.id, signed)
    return add_durably(folder, name, content, mode=shared_mode())


def _signed(image: ImageRecord, sign_off: SignOff | None, waiver: str, digest: str) -> SignOff:
    """The sign-off that lets the file out, with the waiver if that is what does."""
    signed = SignOff(sha256=image.sha256, items=()) if sign_off is None else sign_off
    if not signed.complete and clean(waiver):
        signed = msgspec.structs.replace(signed, waiver=clean(waiver))
    if digest != signed.sha256:
        raise StoreError("the image's file is not the one that was checked: check it again")
    if not signed.allows_export(digest):
        left = sum(not item.settled for item in signed.items)
        what = (
            f"{left} of {len(signed.items)} points of the check are open"
            if left
            else "nothing of the check is answered"
        )
        raise StoreError(f"{what}: answer them, or say why the image leaves without")
    return signed


def _place(store: Store, image: ImageRecord, target: Path, kind: Format) -> tuple[Path, str]:
    """The folder and the name of the file to be."""
    try:
        target = target.expanduser().absolute()
    except (RuntimeError, OSError) as error:
        raise StoreError(f"{target} leads nowhere: give another folder") from error
    suffixes = _SUFFIXES[kind]
    if target.is_dir():
        folder, name = target, slug(store.projects.get(image.project_id).slug) + suffixes[0]
    else:
        folder, name = target.parent, target.name
        suffix = target.suffix.lower()
        if suffix not in suffixes and suffix in _PICTURES:
            raise StoreError(f"{name} does not fit a {kind} file: let it end in {suffixes[0]}")
        name = name if suffix in suffixes else name + suffixes[0]
    if clean(name) != name:
        raise StoreError(f"“{name}” is no name that can be shown: choose a plain one")
    if not folder.is_dir():
        raise StoreError(f"there is no folder {folder}: make it first, or choose another")
    if folder.resolve().is_relative_to(store.home.data.resolve()):
        raise StoreError(f"{folder} is where Keepers keeps its own files: choose another folder")
    return folder, name


@contextmanager
def _taken(store: Store, image: ImageRecord) -> Iterator[Path]:
    """A private copy of the file: what is hashed is then what leaves, whoever writes meanwhile."""
    source = store.images.file(image)
    try:
        with tempfile.TemporaryDirectory(dir=store.home.cache, prefix="export-") as folder:
            yield Path(shutil.copyfile(source, Path(folder, source.name)))
    except OSError as error:
        raise StoreError(explain(error, f"export {source}")) from error


def _disclosure(store: Store, image: ImageRecord) -> str | None:
    """The digital source type of a file that states none, from its lineage."""
    origins = {made.origin for made in store.images.line(image.id)}
    if not origins & _BY_A_MODEL:
        return None
    return GENERATED if origins <= _GENERATED else COMPOSITE


def _png(path: Path, stated: str | None, disclosure: str | None, *, keep: bool) -> bytes:
    """The file as a PNG; where it is one, its pixels are copied and never decoded."""
    content = path.read_bytes()
    if not content.startswith(chunks.SIGNATURE):
        return _as_png(path, disclosure)
    file, name = io.BytesIO(content), name_of(path)
    parts = [chunks.SIGNATURE]
    for chunk in chunks.chunks(file, len(content), name):
        if keep or chunk.kind in _PIXELS:
            parts.append(chunks.packed(chunk.kind, chunks.data(file, chunk, name)))
        elif chunk.kind == b"eXIf":
            parts.append(_orientation(chunks.data(file, chunk, name)))
        if chunk.kind == b"IHDR" and disclosure is not None:
            text = XMP_KEY.encode() + b"\0\0\0\0\0" + xmp_packet(disclosure).encode()
            parts.append(chunks.packed(b"iTXt", text))
    # What is sound, and says all it has to, leaves as the very file that was checked.
    return content if keep and stated == disclosure else b"".join(parts)


def _orientation(content: bytes) -> bytes:
    """Of EXIF data only which way is up, as a chunk; nothing where that is as it lies."""
    try:
        exif = Image.Exif()
        exif.load(content)
        way = exif.get(_ORIENTATION, 1)
        if way not in range(2, 9):
            return b""
        turned = Image.Exif()
        turned[_ORIENTATION] = way
        return chunks.packed(b"eXIf", turned.tobytes().removeprefix(b"Exif\0\0"))
    except Exception:  # noqa: BLE001 - broken EXIF turns no picture, for other readers neither
        return b""


def _as_png(path: Path, disclosure: str | None) -> bytes:
    """A JPEG or WebP file, decoded, as a PNG without metadata but its colour profile."""
    picture, info, buffer = decoded(path).image, PngInfo(), io.BytesIO()
    if disclosure is not None:
        info.add_itxt(XMP_KEY, xmp_packet(disclosure))
    profile = picture.info.get("icc_profile")
    picture.info = {}
    picture.save(buffer, "PNG", icc_profile=profile, pnginfo=info)
    return buffer.getvalue()


def _lossy(
    path: Path, kind: Format, quality: int, recipe: Recipe | None, disclosure: str | None
) -> bytes:
    if not 1 <= quality <= 100:
        raise ImagingError(f"the quality is {quality}: give a whole number from 1 to 100")
    picture = open_picture(path)
    most = _LONGEST_SIDE[kind]
    if max(picture.size) > most:
        raise ImagingError(
            f"{size_in_words(picture.size)} is more than a {kind} file holds: export a PNG"
        )
    extra: dict[str, Any] = {"method": 6}
    if kind == "jpeg":
        # Flat colours fray at their edges where colour is kept at half the size.
        extra = {"optimize": True, "subsampling": 0 if quality >= 90 else 2}
    if recipe is not None:
        extra["exif"] = _exif(recipe)
    if disclosure is not None:
        extra["xmp"] = xmp_packet(disclosure).encode()
    buffer = io.BytesIO()
    picture.save(buffer, kind, quality=quality, **extra)
    return buffer.getvalue()


def _exif(recipe: Recipe) -> bytes:
    """The recipe as A1111 has it in a JPEG: a comment in UTF-16, big-endian as the rest."""
    exif = Image.Exif()
    exif.endian = ">"
    comment = b"UNICODE\0" + parameters(recipe).encode("utf-16-be")
    exif[_EXIF_IFD] = {_USER_COMMENT: comment}
    content = exif.tobytes()
    if len(content) > _LONGEST_EXIF:
        raise ImagingError(
            "the prompt is too long for the file's EXIF: export a PNG, or leave the recipe out"
        )
    return content
