"""Decoding a picture from anywhere, as its file has it; `pixels` makes the working copy of it."""

import io
import warnings
from pathlib import Path
from typing import BinaryIO, NamedTuple

from PIL import Image

from tui.imaging import chunks
from tui.imaging.errors import ImagingError, name_of, size_in_words
from tui.imaging.files import opened

MOST_PIXELS = 80_000_000
"""Four times a large camera's sensor; under the limit at which Pillow itself complains."""

_NEEDED = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"eXIf"})
"""PNG chunks that determine the pixels. Text and animation are never given to the decoder."""

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Decoded(NamedTuple):
    """A picture as its file has it, upright."""

    image: Image.Image
    """In any of Pillow's modes, loaded, with its own `info`."""
    bits: int
    """Bits of one sample in the file; Pillow may have kept fewer."""


def decoded(path: Path | str) -> Decoded:
    """The first picture of a PNG, JPEG or WebP file, its EXIF orientation applied.

    Raises:
        ImagingError: no such picture, another format, damaged, or more than `MOST_PIXELS`.
    """
    name = name_of(path)
    with opened(path) as (file, length):
        bits, stream = _checked_stream(file, length, name)
    try:
        with warnings.catch_warnings():
            # Warnings would be printed across the interface; whatever matters is checked here.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(stream), formats=("PNG", "JPEG", "WEBP")) as image:
                check_size(image.size, name)
                image.load()
                return Decoded(_upright(image), bits)
    except ImagingError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(name) from error
    except Exception as error:
        # Decoders fail on hostile bytes in every way there is; all of them mean the same here.
        raise ImagingError(f"{name} is damaged: copy or download it again") from error


def check_size(size: tuple[int, int], name: str) -> None:
    """Refuse a picture without pixels or with too many.

    Raises:
        ImagingError: no pixels, or more than `MOST_PIXELS`.
    """
    if min(size) < 1:
        raise ImagingError(f"{name} has no pixels ({size_in_words(size)}): save it again")
    if size[0] * size[1] > MOST_PIXELS:
        raise _too_large(name)


def _checked_stream(file: BinaryIO, length: int, name: str) -> tuple[int, bytes]:
    start = file.read(12)
    if start.startswith(chunks.SIGNATURE):
        return _needed_chunks(file, length, name)
    if start.startswith(b"\xff\xd8\xff") or (start[:4] == b"RIFF" and start[8:] == b"WEBP"):
        file.seek(0)
        return 8, file.read(length)
    raise ImagingError(
        f"{name} is not a PNG, JPEG or WebP picture, whatever its name says: convert it to PNG"
    )


def _needed_chunks(file: BinaryIO, length: int, name: str) -> tuple[int, bytes]:
    bits = 8
    parts = [chunks.SIGNATURE]
    for chunk in chunks.chunks(file, length, name):
        if chunk.kind not in _NEEDED:
            continue
        content = chunks.data(file, chunk, name)
        if chunk.kind == b"IHDR":
            found = chunks.header(content, name)
            check_size((found.width, found.height), name)
            bits = found.bits
        parts.append(chunks.packed(chunk.kind, content))
    return bits, b"".join(parts)


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF is common, and no reason to lose the picture
        turn = None
    turned = image.copy() if turn is None else image.transpose(turn)
    turned.info = dict(image.info)
    return turned


def _too_large(name: str) -> ImagingError:
    return ImagingError(
        f"{name} has more than {MOST_PIXELS // 1_000_000} megapixels: scale it down first"
    )
