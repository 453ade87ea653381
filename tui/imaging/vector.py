"""Flat pictures as shapes: traced, written as SVG, and drawn again from it at any size.

vtracer and resvg are the extra `vector`. Whether a picture is flat enough is measured: the
shapes are drawn at the picture's own size, and compared with it.
"""

import io
import re
from html import escape
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from tui.domain.text import clean
from tui.imaging.errors import ImagingError
from tui.imaging.fitting import Framed
from tui.imaging.pixels import Levels, png_bytes

FLAT = 28.0
"""dB between a picture and its shapes from which it passes for flat; gradients stay below."""

_COLOURS = 24
_LONGEST = 1024
"""Pixels a side that are traced; more would be more shapes than anybody edits."""
_FINEST = 4
"""A small picture is enlarged by this before, so that edges lie between its pixels."""
_EVEN = 24
"""Levels by which neighbours in an even area differ at most."""
_EVEN_SHARE = 0.2
"""Share of a picture that is even, at least, for its colours to be taken from there."""

_PATH = re.compile(r"<path [^<>]*/>")


class Traced(NamedTuple):
    """A picture as shapes."""

    shapes: tuple[str, ...]
    """SVG elements, the lowest first."""
    scale: float
    """Their units by the picture's pixels."""
    framed: Framed
    likeness: float
    """Peak signal to noise of the shapes against the picture, in dB; at most 99."""

    @property
    def flat(self) -> bool:
        """Whether the shapes show what the picture shows."""
        return self.likeness >= FLAT

    def svg(self, *, title: str = "", desc: str = "", metadata: str = "") -> str:
        """The document at its size in pixels; `metadata` is XML already, the others are text."""
        (left, top, right, bottom), (width, height) = self.framed.box, self.framed.size
        sides = (left, top, right - left, bottom - top)
        box = " ".join(f"{side * self.scale:.6g}" for side in sides)
        told = [
            f"<{tag}>{escape(text)}</{tag}>"
            for tag, text in (("title", clean(title)), ("desc", clean(desc)))
            if text
        ]
        if metadata:
            told.append(f"<metadata>\n{metadata}\n</metadata>")
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        space = 'xmlns="http://www.w3.org/2000/svg" role="img"'
        opened = f'<svg {space} width="{width}" height="{height}" viewBox="{box}">'
        return "\n".join((head, opened, *told, *self.shapes, "</svg>\n"))


def traced(framed: Framed) -> Traced:
    """The picture in the frame as even shapes, up to 24 colours of them.

    Raises:
        ImagingError: the extra is not installed; the message says how to get it.
    """
    tracer = _extra("vtracer")
    picture = framed.picture
    tall, wide = picture.shape[:2]
    scale = min(_FINEST, _LONGEST / max(wide, tall))
    size = max(1, round(wide * scale)), max(1, round(tall * scale))
    svg: str = tracer.convert_raw_image_to_svg(
        png_bytes(_evened(picture, size)),
        img_format="png",
        color_precision=8,
        layer_difference=0,
        filter_speckle=max(2, round(2 * scale)),
        path_precision=1,
    )
    colour = "#{:02x}{:02x}{:02x}".format(*_commonest(picture))
    # Below all shapes, or slivers at the edges of the picture would be see-through.
    ground = f'<rect width="{size[0]}" height="{size[1]}" fill="{colour}"/>'
    whole = Framed(picture, (0.0, 0.0, float(wide), float(tall)), (wide, tall))
    made = Traced((ground, *_PATH.findall(svg)), scale, whole, 0.0)
    likeness = min(99.0, cv2.PSNR(np.asarray(redrawn(made)), picture))
    return made._replace(framed=framed, likeness=likeness)


def redrawn(shapes: Traced) -> Image.Image:
    """The shapes as pixels, mode RGB, at the size of their frame.

    Raises:
        ImagingError: the extra is not installed; the message says how to get it.
    """
    width, height = shapes.framed.size
    content = _extra("resvg_py").svg_to_bytes(
        svg_string=shapes.svg(), width=width, height=height, skip_system_fonts=True
    )
    with Image.open(io.BytesIO(bytes(content)), formats=("PNG",)) as image:
        return image.convert("RGB")


def _evened(picture: Levels, size: tuple[int, int]) -> Image.Image:
    """The picture at a size in the colours of its even areas, each edge a clean line.

    vtracer joins neighbours of like colour, and a soft edge leads it from one side to the other.
    """
    around = np.ones((3, 3), np.uint8)
    spread = (cv2.dilate(picture, around).astype(int) - cv2.erode(picture, around)).max(axis=2)
    even = picture[spread <= _EVEN]
    if len(even) < _EVEN_SHARE * spread.size:
        even = picture.reshape(-1, 3)
    colours = Image.fromarray(np.ascontiguousarray(even[None])).quantize(
        _COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2
    )
    large = Image.fromarray(np.ascontiguousarray(picture)).resize(size, Image.Resampling.BICUBIC)
    coloured = _in(colours, large)
    if size[0] >= _FINEST * picture.shape[1]:
        # What lies between two colours is often a third: as thin as the edge was soft.
        smooth = cv2.medianBlur(np.asarray(coloured), 2 * _FINEST - 1)
        coloured = _in(colours, Image.fromarray(smooth))
    return coloured


def _in(colours: Image.Image, picture: Image.Image) -> Image.Image:
    return picture.quantize(palette=colours, dither=Image.Dither.NONE).convert("RGB")


def _commonest(picture: Levels) -> tuple[int, int, int]:
    found, counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
    red, green, blue = found[counts.argmax()].tolist()
    return red, green, blue


def _extra(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise ImagingError(
            "shapes need two more packages: pip install 'keepers[vector]', then try again"
        ) from error
