"""The process of one check: reads a picture, answers one line of JSON on standard output."""

import os
import signal
import sys
from types import ModuleType

import msgspec
from PIL import Image

from tui.checks.answers import Answer, Check, Failed, Found, Missing, installed
from tui.domain.found import Area, Box
from tui.domain.text import clean
from tui.imaging.errors import ImagingError
from tui.imaging.pixels import open_picture

LONGEST_LIFE = 300
"""Seconds after which a process ends by itself, should nobody be left to end it."""
MOST_AREAS = 200
_NICER = 5
"""What is being drawn goes first."""


def main() -> None:
    """Answer; the exit status is always 0, for failing is an answer too."""
    signal.alarm(LONGEST_LIFE)
    os.nice(_NICER)
    # Libraries print what they like: the answer's pipe is kept out of their reach.
    pipe = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    given = answer(Check(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
    with os.fdopen(pipe, "wb") as file:
        file.write(msgspec.json.encode(given))


def answer(check: Check, path: str) -> Answer:
    """What a check says of a picture; without one, whether it could look.

    Args:
        check: which one.
        path: of a PNG, JPEG or WebP file; empty for none.
    """
    try:
        looks = _module(check)
        looks.load()
        areas = _areas(looks, open_picture(path)) if path else ()
        return Found(installed(check), areas)
    except ModuleNotFoundError as error:
        return Missing(clean(error.name or "a package", limit=80))
    except ImagingError as error:
        return Failed(str(error))
    except Exception as error:  # noqa: BLE001
        # Whatever goes wrong in a foreign library, on a foreign picture, is told and not raised.
        return Failed(clean(f"{type(error).__name__}: {error}", limit=200))


def _module(check: Check) -> ModuleType:
    if check is Check.TEXT:
        from tui.checks import text

        return text
    from tui.checks import faces

    return faces


def _areas(looks: ModuleType, picture: Image.Image) -> tuple[Area, ...]:
    """What lies in the picture, with harmless text; never too much of it."""
    found = []
    for area in looks.find(picture)[:MOST_AREAS]:
        box, text = _within(area.box, picture.size), clean(area.text, limit=200)
        if box[0] < box[2] and box[1] < box[3]:
            found.append(msgspec.structs.replace(area, box=box, text=text))
    return tuple(found)


def _within(box: Box, size: tuple[int, int]) -> Box:
    left, top, right, bottom = box
    width, height = size
    return max(0, left), max(0, top), min(width, right), min(height, bottom)
