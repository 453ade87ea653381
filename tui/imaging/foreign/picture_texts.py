"""The texts in a picture's file in which programs keep recipes, by the names PNG has for them."""

import html
import io
import re
import warnings
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from tui.imaging import chunks
from tui.imaging.errors import ImagingError, name_of
from tui.imaging.files import opened
from tui.imaging.source_type import LONGEST_XMP, XMP_KEY
from tui.imaging.text_chunks import every_text

LONGEST_TEXT = 8 * 2**20
"""Bytes of one text; a large ComfyUI workflow has one of them."""

KEYS = (
    "parameters", "prompt", "workflow", "invokeai_metadata", "fooocus_scheme", "sui_image_params",
    "Comment", "Software", "Source", "keepers", XMP_KEY,
)  # fmt: skip
"""The texts that tell something; all others are skipped unread."""

_EXIF_IFD, _USER_COMMENT, _MAKER_NOTE = 0x8769, 0x9286, 0x927C
_COMFY_TAGS = (0x0110, 0x010F, 0x010E, 0x010D)
"""Model, Make and below: ComfyUI writes `prompt:{…}` and `workflow:{…}` into them."""
_SCHEMES = ("fooocus", "a1111")

# A pattern instead of an XML parser, as for the source type.
_XMP_COMMENT = re.compile(
    r"<exif:UserComment>\s{0,99}(?:<rdf:Alt>\s{0,99}<rdf:li[^>]{0,99}>)?([^<]{1,1000000})<"
    r"|\bexif:UserComment\s{0,9}=\s{0,9}\"([^\"<]{1,1000000})\""
)


def picture_texts(path: Path | str) -> dict[str, str]:
    """The texts by keyword; those of EXIF and XMP under the names they would have in a PNG.

    Raises:
        ImagingError: not a PNG, JPEG or WebP file, cut short or damaged, or a text is too long.
    """
    name = name_of(path)
    with opened(path) as (file, length):
        start = file.read(12)
        if start.startswith(chunks.SIGNATURE):
            found = every_text(file, length, name, KEYS, LONGEST_TEXT)
        else:
            found = _from_exif(file, length, name)
    packet = found.pop(XMP_KEY, "")
    if "parameters" not in found and (comment := _xmp_comment(packet)):
        found["parameters"] = comment
    return found


def _from_exif(file: BinaryIO, length: int, name: str) -> dict[str, str]:
    file.seek(0)
    found: dict[str, str] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = io.BytesIO(file.read(length))
            with Image.open(content, formats=("JPEG", "WEBP")) as image:
                exif = image.getexif()
                values = {tag: exif.get(tag) for tag in (*_COMFY_TAGS, _USER_COMMENT, _MAKER_NOTE)}
                comment = exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT) or values[_USER_COMMENT]
                packet = image.info.get("xmp", b"")
    except Exception as error:
        # As in `decode`: hostile bytes make decoders fail in every way there is.
        raise ImagingError(f"{name} is not a readable picture: convert it to PNG") from error
    for tag in _COMFY_TAGS:
        key, colon, text = _text(values[tag]).partition(":")
        if colon and key.lower() in ("prompt", "workflow"):
            found.setdefault(key.lower(), text)
    if text := _text(comment).strip():
        found["parameters"] = text
    if (scheme := _text(values[_MAKER_NOTE])) in _SCHEMES:
        found["fooocus_scheme"] = scheme
    if isinstance(packet, bytes):
        found[XMP_KEY] = packet[:LONGEST_XMP].decode(errors="replace")
    if any(len(text) > LONGEST_TEXT for text in found.values()):
        raise ImagingError(f"{name} holds too much text: use the original file")
    return found


def _text(value: object) -> str:
    """A value of EXIF as text: a comment begins with the name of its encoding, in eight bytes."""
    if isinstance(value, str):
        value = value.encode("utf-8", "replace")
    if not isinstance(value, bytes):
        return ""
    encoding, rest = value[:8], value[8:]
    if encoding == b"UNICODE\0":
        return _utf_16(rest)
    text = rest if encoding in (b"ASCII\0\0\0", bytes(8)) else value
    return text.rstrip(b"\0").decode("utf-8", "replace")


def _utf_16(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    # The standard leaves the order of the bytes open; text is mostly of the lower half.
    big = content[0:2000:2].count(0) >= content[1:2000:2].count(0)
    return content.decode("utf-16-be" if big else "utf-16-le", "replace")


def _xmp_comment(packet: str) -> str:
    match = _XMP_COMMENT.search(packet)
    return html.unescape(match.group(1) or match.group(2)).strip() if match else ""
