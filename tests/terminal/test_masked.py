"""While a mask is drawn: blocks at once; with the mask, but sharp, when the keys pause."""

from pathlib import Path

import numpy as np

from tests.terminal.conftest import OpenWall
from tests.terminal.outer import OuterTerminal, Sent
from tests.terminal.test_kitty import pixels
from tests.terminal.test_sixel import DRAWN, OPTIONS, decoded
from tui.imaging.pixels import Levels

UPPER_LEFT = b"v0\x1b[5~\r"
"""A rectangle from the middle to the left edge and the top, put in."""


def redness(levels: Levels) -> np.ndarray:
    """How much redder than blue each pixel is."""
    return levels[..., 0].astype(int) - levels[..., 2]


def parts(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The upper left and the lower right of it, away from borders and cursor."""
    height, width = levels.shape[:2]
    inside = levels[height // 8 : height * 3 // 8, width // 8 : width * 3 // 8]
    outside = levels[height * 5 // 8 : -height // 8, width * 5 // 8 : -width // 8]
    return inside, outside


def sharp(terminal: OuterTerminal, since: int) -> Sent:
    """Wait for the picture that is sent since then: one."""
    terminal.until(lambda: any(s.whole for s in terminal.uploads(since)), "no sharp picture")
    terminal.until_quiet()
    (sent,) = terminal.uploads(since)
    return sent


def test_a_pause_brings_the_sharp_picture_with_its_mask(wall: OpenWall, files: list[Path]) -> None:
    with wall(files[:1], program="masked") as terminal:
        terminal.all_shown(1)
        plain = pixels(terminal.uploads()[-1].png)
        masked = pixels(sharp(terminal, terminal.press(UPPER_LEFT)).png)
        (before, same), (after, still) = parts(plain), parts(masked)
        assert redness(after).mean() - redness(before).mean() > 40
        assert np.array_equal(still, same)
        # The next key shows blocks at once, and the picture comes again when the keys rest.
        moved = terminal.press(b"l")
        sharp(terminal, moved)
        came = bytes(terminal.bytes[moved:])
        assert 0 <= came.find("▀".encode()) < came.find(b"a=T")
        left = terminal.press(b"\x1b")
        sharp(terminal, left)
        terminal.leave()
        assert terminal.deleted() == {sent.number for sent in terminal.uploads()}


def test_sixels_come_in_a_pause_too(wall: OpenWall, files: list[Path]) -> None:
    with wall(files[:1], program="masked", **OPTIONS) as terminal:

        def drawn(since: int = 0) -> list[tuple[bytes, ...]]:
            return DRAWN.findall(bytes(terminal.bytes[since:]))

        terminal.until(drawn, "no sixels")
        terminal.until_quiet()
        before, same = parts(decoded(drawn()[-1][2]))
        began = terminal.press(UPPER_LEFT)
        terminal.until(lambda: drawn(began), "no sixels with the mask")
        after, still = parts(decoded(drawn(began)[-1][2]))
        assert redness(after).mean() - redness(before).mean() > 40
        assert np.abs(still.astype(int) - same).mean() < 8
        terminal.until_quiet()
        terminal.press(b"\x1b")
        terminal.until_quiet()
        terminal.leave()
