"""What an exported file holds: the picture in a format and size, and what it says of itself."""

from html import escape
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from PIL import Image

from tui.domain.recipe import Recipe
from tui.domain.text import clean_lines
from tui.imaging.errors import ImagingError
from tui.imaging.fitting import Fit, framed
from tui.imaging.metadata import read_either
from tui.imaging.parameters import parameters
from tui.imaging.pixels import open_picture, to_array
from tui.imaging.source_type import xmp_packet
from tui.workflow.export_packing import Said, lossy, new_png, png_as_it_is

Format = Literal["png", "jpeg", "webp", "svg"]
Handling = Literal["embed", "strip", "sidecar"]


class Form(msgspec.Struct, frozen=True):
    """In which form an image leaves."""

    kind: Format = "png"
    """`png` keeps the exact pixels; `jpeg` and `webp` are 8-bit sRGB, on white; `svg` is traced."""
    recipe: Handling = "embed"
    """Whether others may read prompt and settings in the file, or in another beside it."""
    quality: int = 92
    """Of a JPEG or WebP, from 1 to 100."""
    size: tuple[int, int] | None = None
    """Width and height in pixels; None for the picture's own."""
    fit: Fit = "crop"
    """What happens where the size has another shape."""
    redraw: bool = False
    """Whether the pixels are drawn anew from traced shapes, crisp at any size."""
    title: str = ""
    """What an SVG is called."""
    alt: str = ""
    """What an SVG says to those who do not see it."""


class FileContent(NamedTuple):
    """The bytes of a file to be, and what a person should know of them."""

    data: bytes
    note: str = ""


def content_of(path: Path, form: Form, said: Said) -> FileContent:
    """The image file in that form.

    Raises:
        ImagingError: it cannot be read, does not fit into that format, or needs the extra
            `vector`.
    """
    keep = form.recipe == "embed"
    if form.kind == "png" and form.size is None and not form.redraw:
        return FileContent(png_as_it_is(path, said, keep=keep))
    if form.kind == "svg" or form.redraw:
        return _as_shapes(path, form, said, keep=keep)
    picture = open_picture(path)
    if form.size is not None:
        picture = framed(to_array(picture), form.size, form.fit).scaled()
    return FileContent(_packed(picture, path, form, said, keep=keep))


def record_beside(path: Path) -> bytes:
    """The recipe in an image file as JSON, as `keepers recipe` prints it.

    Raises:
        ImagingError: it carries none.
    """
    record = _record(path)
    if record is None:
        raise ImagingError("this image carries no recipe to lay beside it: choose strip instead")
    return msgspec.json.format(record, indent=2) + b"\n"


def _record(path: Path) -> bytes | None:
    try:
        return msgspec.json.encode(read_either(path))
    except ImagingError:
        return None


def _as_shapes(path: Path, form: Form, said: Said, *, keep: bool) -> FileContent:
    from tui.imaging.vector import redrawn, traced

    shapes = traced(framed(to_array(open_picture(path)), form.size, form.fit))
    note = (
        ""
        if shapes.flat
        else f"this picture is not flat (its shapes are within {shapes.likeness:.0f} dB of it, "
        "28 or more look alike): compare the file with it, or export its own pixels"
    )
    if form.kind != "svg":
        return FileContent(_packed(redrawn(shapes), path, form, said, keep=keep), note)
    metadata = [] if said.disclosure is None else [xmp_packet(said.disclosure)]
    if keep:
        metadata += _svg_recipe(path, said.recipe)
    svg = shapes.svg(title=form.title, desc=form.alt, metadata="\n".join(metadata))
    return FileContent(svg.encode(), note)


def _svg_recipe(path: Path, recipe: Recipe | None) -> list[str]:
    """What other programs read, and what this one does, as elements of our own."""
    texts = {
        "parameters": clean_lines(parameters(recipe)) if recipe else "",
        # As it is, since its hash is in it; nothing in it is harmful any more.
        "recipe": (_record(path) or b"").decode(),
    }
    space = 'xmlns:keepers="urn:keepers:1"'
    return [
        f"<keepers:{name} {space}>{escape(text)}</keepers:{name}>"
        for name, text in texts.items()
        if text
    ]


def _packed(picture: Image.Image, path: Path, form: Form, said: Said, *, keep: bool) -> bytes:
    """Pixels that are not the file's own, with what the file says of itself."""
    if form.kind == "png":
        return new_png(picture, path, said, keep=keep)
    assert form.kind != "svg"  # which holds no pixels
    recipe = said.recipe if keep else None
    return lossy(picture, form.kind, form.quality, recipe, said.disclosure)
