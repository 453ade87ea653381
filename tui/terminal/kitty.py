"""kitty's graphics protocol with Unicode placeholders: pictures that are cells of text.

A picture is sent once and has a number. Wherever its placeholder cells are written, the terminal
shows the part of the picture that belongs to each cell; so it can be covered, moved and written
again for the price of text. The number travels in the colour of the cells. But Textual changes
colours (dimmed screens, opacity, NO_COLOR), so in its hands the number is an invisible character
of the cell's text, and becomes a colour in the last moment, by `with_numbers`.
"""

import base64
import io
import re
from functools import lru_cache

from PIL import Image

from tui.terminal.diacritics import DIACRITICS
from tui.terminal.tmux import wrapped

PLACEHOLDER = "\U0010eeee"
CHUNK = 4096
"""Bytes of payload in one piece, as the protocol wants it."""
LAST_NUMBER = 255
FIRST_NUMBER = 16
"""Numbers below 16 are the colours that a person's theme may change."""
LARGEST = len(DIACRITICS)
"""Most columns, and most rows, that can be named."""
_SELECTOR = 0xE0100
"""The first of 240 invisible characters: one for each number."""
_RUN = re.compile(f"(?:{PLACEHOLDER}..[{chr(_SELECTOR)}-{chr(_SELECTOR + 239)}])+", re.DOTALL)
_COLOURS = 256


def png(picture: Image.Image, size: tuple[int, int]) -> bytes:
    """The picture, mode RGB, as a PNG with a palette, at most that many pixels wide and high.

    A picture that is smaller is not enlarged: the terminal does that.
    """
    width, height = min(size[0], picture.width), min(size[1], picture.height)
    if (width, height) != picture.size:
        picture = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if picture.getcolors(_COLOURS) is None:
        # The octree chooses colours well and fast, but gives them to pixels badly.
        palette = picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE)
        picture = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    else:
        picture = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=_COLOURS)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def upload(number: int, png: bytes, columns: int, rows: int, *, in_tmux: bool) -> list[str]:
    """The pieces that send a picture for that many cells; nothing else may be sent between."""
    data = base64.b64encode(png).decode()
    parts = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    keys = f"a=T,U=1,f=100,i={number},c={columns},r={rows},q=2"
    pieces = []
    for place, part in enumerate(parts):
        more = int(place < len(parts) - 1)
        control = f"{keys},m={more}" if place == 0 else f"m={more},q=2"
        pieces.append(_command(f"{control};{part}", in_tmux))
    return pieces


def broken_off(*, in_tmux: bool) -> str:
    """What ends a picture of which not all pieces were sent."""
    return _command("m=0,q=2;", in_tmux)


def deletion(number: int, *, in_tmux: bool) -> str:
    """What takes a picture and its pixels from the terminal's memory."""
    return _command(f"a=d,d=I,i={number},q=2", in_tmux)


@lru_cache(maxsize=64)
def cells(number: int, columns: int, rows: int) -> list[str]:
    """The rows of placeholder cells, with the number as invisible characters.

    Args:
        number: of the picture; its last 8 bits, from `FIRST_NUMBER` on, are what matters.
        columns: at most `LARGEST`.
        rows: at most `LARGEST`.
    """
    mark = chr(_SELECTOR + (number & 255) - FIRST_NUMBER)
    return [
        "".join(f"{PLACEHOLDER}{DIACRITICS[row]}{DIACRITICS[n]}{mark}" for n in range(columns))
        for row in range(rows)
    ]


def with_numbers(text: str, base: int) -> str:
    """Terminal text whose placeholder cells have their numbers as colours.

    Args:
        text: what Textual is about to write.
        base: the upper bits of the numbers; with 0 they are colours of the 256-colour palette,
            which reach the terminal also where 24-bit colours do not.
    """
    if PLACEHOLDER not in text:
        return text

    def coloured(found: re.Match[str]) -> str:
        run = found.group()
        mark = run[3]
        low = ord(mark) - _SELECTOR + FIRST_NUMBER
        if run.count(mark) * 4 != len(run):  # two pictures without anything between them
            return "".join(
                coloured(cell) for cell in re.finditer(f"{PLACEHOLDER}...", run, re.DOTALL)
            )
        colour = f"5;{low}" if not base else f"2;{base >> 16};{base >> 8 & 255};{low}"
        return f"\x1b[38;{colour}m{run.replace(mark, '')}\x1b[39m"

    return _RUN.sub(coloured, text)


def _command(content: str, in_tmux: bool) -> str:
    sequence = f"\x1b_G{content}\x1b\\"
    return wrapped(sequence) if in_tmux else sequence
