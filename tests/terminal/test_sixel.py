"""Sixels: what arrives is the picture, where it belongs, and again whenever it was written over."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

from tests.terminal.conftest import OpenWall
from tui.imaging.pixels import Levels, open_picture

DRAWN = re.compile(rb"\x1b7\x1b\[(\d+);(\d+)H(\x1bP[0-9;]*q[^\x1b]*\x1b\\)\x1b8")


def decoded(sequence: bytes) -> Levels:
    """The pixels of a sixel picture, height × width × 3."""
    body = sequence[sequence.index(b"q") + 1 : -2].decode()
    width, height = map(int, re.findall(r'"\d+;\d+;(\d+);(\d+)', body)[0])
    found = np.zeros((height + 6, width, 3), np.uint8)
    palette: dict[int, tuple[int, ...]] = {}
    x = y = colour = 0
    for raster, define, pick, count, sign, move in re.findall(
        r'("[\d;]+)|#(\d+;2;\d+;\d+;\d+)|#(\d+)|!(\d+)([?-~])|([?-~$-])', body
    ):
        if define:
            number, _, *levels = map(int, define.split(";"))
            palette[number] = tuple(round(level * 255 / 100) for level in levels)
            colour = number
        elif pick:
            colour = int(pick)
        elif move == "$":
            x = 0
        elif move == "-":
            x, y = 0, y + 6
        elif not raster:
            times, bits = int(count or 1), ord(sign or move) - 63
            for row in range(6):
                if bits >> row & 1:
                    found[y + row, x : x + times] = palette[colour]
            x += times
    return found[:height]


OPTIONS = {"name": "foot(1.19.0)", "kitty": False, "sixel": True}


def test_a_wall_of_pictures_is_drawn_whole(wall: OpenWall, files: list[Path]) -> None:
    with wall(files, **OPTIONS) as terminal:

        def drawn() -> list[tuple[bytes, ...]]:
            return DRAWN.findall(bytes(terminal.bytes))

        terminal.until(lambda: len({place[:2] for place in drawn()}) == 9, "not all sixels")
        sizes = {decoded(sequence).shape for *_place, sequence in drawn()}
        assert all(height % 20 == 0 and width % 10 == 0 for height, width, _ in sizes)


def test_sixels_lie_over_the_blocks_and_come_back(wall: OpenWall, files: list[Path]) -> None:
    with wall(files[:1], **OPTIONS) as terminal:
        terminal.until(lambda: DRAWN.search(bytes(terminal.bytes)), "no sixels")
        terminal.until_quiet()
        (drawn,) = DRAWN.findall(bytes(terminal.bytes))
        # 100 × 30 cells of 10 × 20 pixels, without status line and frame: 27 rows, 54 columns.
        found = decoded(drawn[2])
        assert found.shape == (27 * 20, 54 * 10, 3)
        assert (int(drawn[0]), int(drawn[1])) == (3, 24)
        meant = np.asarray(open_picture(files[0]).resize((540, 540), Image.Resampling.LANCZOS))
        error = np.abs(found.astype(int) - meant).mean()
        assert error < 8
        before = terminal.press(b"s")
        terminal.until(lambda: "status 1" in terminal.text(before), "no status")
        terminal.until_quiet()
        assert DRAWN.findall(bytes(terminal.bytes[before:])) == []
        before = terminal.press(b"m")
        terminal.until(lambda: "a question" in terminal.text(before), "no modal screen")
        terminal.until_quiet()
        assert DRAWN.findall(bytes(terminal.bytes[before:])) == []
        before = terminal.press(b"m")
        terminal.until(lambda: DRAWN.search(bytes(terminal.bytes[before:])), "no sixels again")
        terminal.leave()
        assert terminal.keys() == ["s", "m", "m", "q"]
