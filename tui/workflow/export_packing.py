"""The bytes of PNG, JPEG and WebP files for others, with what they say of themselves."""

import io
from pathlib import Path
from typing import Any, Literal, NamedTuple

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tui.domain.recipe import Recipe
from tui.imaging import chunks
from tui.imaging.decode import decoded
from tui.imaging.errors import ImagingError, name_of, size_in_words
from tui.imaging.parameters import parameters
from tui.imaging.pixels import png_bytes
from tui.imaging.source_type import XMP_KEY, xmp_packet

Lossy = Literal["jpeg", "webp"]

_LONGEST_SIDE: dict[Lossy, int] = {"jpeg": 65_500, "webp": 16_383}

_PIXELS = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"pHYs",
})  # fmt: skip
"""PNG chunks that say how the picture looks; all others are metadata."""
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})

_EXIF_IFD, _USER_COMMENT, _ORIENTATION = 0x8769, 0x9286, 0x0112
_LONGEST_EXIF = 65_533
"""Bytes that fit into a JPEG's one EXIF segment."""
_AFTER_IHDR = 33
"""Bytes of a PNG up to the end of its first chunk."""


class Said(NamedTuple):
    """What a file says of the picture in it."""

    recipe: Recipe | None
    stated: str | None
    """The digital source type that the picture's own file states."""
    disclosure: str | None
    """The one that the exported file has to state."""


def png_as_it_is(path: Path, said: Said, *, keep: bool) -> bytes:
    """The file as a PNG; where it is one, its pixels are copied and never decoded."""
    content = path.read_bytes()
    if not content.startswith(chunks.SIGNATURE):
        return _as_png(path, said.disclosure)
    file, name = io.BytesIO(content), name_of(path)
    parts = [chunks.SIGNATURE]
    for chunk in chunks.chunks(file, len(content), name):
        if keep or chunk.kind in _PIXELS:
            parts.append(chunks.packed(chunk.kind, chunks.data(file, chunk, name)))
        elif chunk.kind == b"eXIf":
            parts.append(_orientation(chunks.data(file, chunk, name)))
        if chunk.kind == b"IHDR" and said.disclosure is not None:
            parts.append(_xmp_chunk(said.disclosure))
    # What is sound, and says all it has to, leaves as the very file that was checked.
    return content if keep and said.stated == said.disclosure else b"".join(parts)


def new_png(picture: Image.Image, path: Path, said: Said, *, keep: bool) -> bytes:
    """A PNG of other pixels than the file has; its texts go along where they may."""
    content, parts = path.read_bytes(), list[bytes]()
    if keep and content.startswith(chunks.SIGNATURE):
        file, name = io.BytesIO(content), name_of(path)
        parts = [
            chunks.packed(chunk.kind, chunks.data(file, chunk, name))
            for chunk in chunks.chunks(file, len(content), name)
            if chunk.kind in _TEXTS
        ]
    if said.disclosure is not None and (not parts or said.stated is None):
        parts.append(_xmp_chunk(said.disclosure))
    plain = png_bytes(picture)
    return plain[:_AFTER_IHDR] + b"".join(parts) + plain[_AFTER_IHDR:]


def _xmp_chunk(disclosure: str) -> bytes:
    text = XMP_KEY.encode() + b"\0\0\0\0\0" + xmp_packet(disclosure).encode()
    return chunks.packed(b"iTXt", text)


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


def lossy(
    picture: Image.Image,
    kind: Lossy,
    quality: int,
    recipe: Recipe | None,
    disclosure: str | None,
) -> bytes:
    """The picture, mode RGB, as a JPEG or WebP file; the recipe as EXIF, if there is one.

    Raises:
        ImagingError: the quality is none, or the picture or its prompt is too large for it.
    """
    if not 1 <= quality <= 100:
        raise ImagingError(f"the quality is {quality}: give a whole number from 1 to 100")
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
