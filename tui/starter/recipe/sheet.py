"""The picture sheet: random prompts of the vocabulary, each picture beside its icon."""

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from tui.starter.recipe.artist import as_image

_ACROSS = 8
_GAP, _LINE = 8, 12
_LETTERS = 46
"""Of a caption, that fit under two pictures of 128 pixels; the rest goes to a second line."""


def write_sheet(file: Path, pictures: Tensor, icons: Tensor, captions: Sequence[str]) -> None:
    """Write a PNG of pairs: what was drawn on the left, what was meant on the right.

    Args:
        file: Where to.
        pictures: N×3×S×S from 0 to 1.
        icons: The same shape.
        captions: N texts, to stand under each pair.
    """
    side = pictures.shape[-1]
    cell_width, cell_height = 2 * side + _GAP, side + 2 * _LINE + _GAP
    rows = -(-len(captions) // _ACROSS)
    size = (min(_ACROSS, len(captions)) * cell_width + _GAP, rows * cell_height + _GAP)
    sheet = Image.new("RGB", size, (244, 244, 244))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(10)
    for number, caption in enumerate(captions):
        left = _GAP + number % _ACROSS * cell_width
        top = _GAP + number // _ACROSS * cell_height
        both = torch.cat([pictures[number], icons[number]], 2)
        sheet.paste(as_image(both), (left, top))
        lines = "\n".join(_broken(caption))
        pen.multiline_text((left, top + side), lines, fill=(40, 40, 40), font=font, spacing=1)
    sheet.save(file, optimize=True)


def _broken(text: str) -> list[str]:
    """Two lines at most; the second ends in … where there is more."""
    if len(text) <= _LETTERS:
        return [text]
    at = text.rfind(" ", 0, _LETTERS + 1)
    first, rest = text[:at], text[at + 1 :]
    return [first, rest if len(rest) <= _LETTERS else f"{rest[: _LETTERS - 1]}…"]
