"""How a picture came about, in the words of the IPTC, as XMP in its file.

Platforms and newsrooms read this property to label pictures that a model made.
"""

import io
import re
import warnings
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from tui.domain.lineage import Origin
from tui.imaging import chunks
from tui.imaging.errors import ImagingError, name_of
from tui.imaging.files import opened
from tui.imaging.text_chunks import texts

XMP_KEY = "XML:com.adobe.xmp"
LONGEST_XMP = 2**20
"""Bytes; a packet beyond it is not read."""

_BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GENERATED = _BASE + "trainedAlgorithmicMedia"
"""All of it came from a model."""
COMPOSITE = _BASE + "compositeWithTrainedAlgorithmicMedia"
"""Parts came from a model: inpainted, or edited by hand afterwards."""

_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <Iptc4xmpExt:DigitalSourceType>{uri}</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""

# A pattern instead of an XML parser: no entities, no nesting, and only the IPTC's own words pass.
_PROPERTY = re.compile(
    rb":DigitalSourceType\s{0,20}"
    rb"(?:>|=\s{0,20}[\"']|\s{0,20}[A-Za-z0-9]{1,20}:resource\s{0,20}=\s{0,20}[\"'])\s{0,20}"
    rb"(https?://cv\.iptc\.org/newscodes/digitalsourcetype/[A-Za-z]{1,64})"
)


def source_type_of(origin: Origin, *, edited: bool = False) -> str:
    """The IPTC's URI for an image of that origin.

    An image is a composite when it was inpainted or edited, or comes from one that was.
    """
    composite = edited or origin in (Origin.INPAINTED, Origin.EDITED)
    return COMPOSITE if composite else GENERATED


def xmp_packet(uri: str) -> str:
    """An XMP packet that says only this."""
    return _PACKET.format(uri=uri)


def source_type(path: Path | str) -> str | None:
    """The IPTC digital source type that a PNG, JPEG or WebP file states, a URI, or None.

    Decodes no pixels, and reads no XML: the value is taken by a pattern.

    Raises:
        ImagingError: the file cannot be read.
    """
    with opened(path) as (file, length):
        packet = _packet(file, length, name_of(path))
    found = _PROPERTY.search(packet[:LONGEST_XMP])
    return found.group(1).decode("ascii") if found else None


def _packet(file: BinaryIO, length: int, name: str) -> bytes:
    start = file.read(8)
    file.seek(0)
    if start == chunks.SIGNATURE:
        return next(texts(file, length, name, XMP_KEY, LONGEST_XMP), b"")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(file.read(length)), formats=("JPEG", "WEBP")) as image:
                packet = image.info.get("xmp", b"")
    except Exception as error:
        # As in `decode`: hostile bytes make decoders fail in every way there is.
        raise ImagingError(f"{name} is not a readable picture: convert it to PNG") from error
    return packet if isinstance(packet, bytes) else b""
