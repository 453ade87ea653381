"""Kitty's pictures, directly in the terminal: each arrives whole, once, and is gone at the end."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.terminal.conftest import OpenWall, painting
from tests.terminal.outer import OuterTerminal, Sent
from tui.imaging.pixels import open_picture
from tui.terminal import kitty

TAB = b"\t"


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def is_sent(sent: Sent, file: Path) -> bool:
    """Whether what arrived is the picture in that file, at the size of its cells."""
    size = int(sent.keys["c"]) * 10, int(sent.keys["r"]) * 20
    meant = pixels(kitty.png(open_picture(file), size))
    return np.array_equal(pixels(sent.png), meant)


def colours_of(numbers: set[int], *, exact: bool) -> set[tuple[str, ...]]:
    """The colours in which placeholder cells name these numbers."""
    if exact:
        return {("2", str(n >> 16), str(n >> 8 & 255), str(n & 255)) for n in numbers}
    return {("5", str(n)) for n in numbers}


def nothing_is_sent_again(terminal: OuterTerminal) -> None:
    """Moves of the cursor, a changed status, a modal screen and a refresh cost text alone."""
    before = len(terminal.bytes)
    for keys in (TAB, TAB, b"s", b"m", b"m", b"r"):
        terminal.press(keys)
        terminal.until_quiet(0.2)
    shown = terminal.text(before)
    assert "status 1" in shown
    assert "a question" in shown
    assert terminal.placed(before) != set()
    assert terminal.uploads(before) == []
    assert terminal.deleted(before) == set()


def test_nine_pictures_arrive_once_pixel_by_pixel(wall: OpenWall, files: list[Path]) -> None:
    with wall(files) as terminal:
        terminal.all_shown(9)
        sent = terminal.uploads()
        assert len(sent) == 9
        assert all(any(is_sent(one, file) for one in sent) for file in files)
        assert b"\x1b\x1b" not in terminal.bytes
        numbers = {one.number for one in sent}
        assert len(numbers) == 9
        assert len({number >> 8 for number in numbers}) == 1
        assert terminal.placed() == colours_of(numbers, exact=True)
        nothing_is_sent_again(terminal)
        # Under the modal screen Textual changes all colours; the numbers must not change.
        assert terminal.placed() == colours_of(numbers, exact=True)
        terminal.leave()
        assert terminal.deleted() == numbers
        assert terminal.keys() == ["tab", "tab", "s", "m", "m", "r", "q"]


@pytest.mark.parametrize("latency", [0.15, 0.4])
def test_no_answer_becomes_a_key_however_late(
    wall: OpenWall, files: list[Path], latency: float
) -> None:
    with wall(files[:1], latency=latency) as terminal:
        terminal.all_shown(1)
        assert b"\x1b[5n" in terminal.queries
        terminal.press(b"s")
        terminal.until(terminal.keys, "no key")
        terminal.until_quiet(latency + 0.2)
        assert terminal.keys() == ["s"]


def test_answers_that_come_after_everybody_stopped_waiting_are_no_keys(
    wall: OpenWall, files: list[Path]
) -> None:
    with wall(files[:1], latency=2.6) as terminal:
        terminal.until(lambda: "▀" in terminal.text() or "▄" in terminal.text(), "no blocks")
        terminal.press(b"s")
        terminal.until(terminal.keys, "no key")
        terminal.until_quiet(1.5)
        assert terminal.keys() == ["s"]
        assert terminal.uploads() == []


def test_a_picture_seen_before_is_only_placed_again(wall: OpenWall, files: list[Path]) -> None:
    with wall(files[:1] * 2) as terminal:
        # The same picture twice in the same cells is one picture.
        terminal.all_shown(1)
        assert len(terminal.uploads()) == 1
    with wall(files[:3]) as terminal:
        terminal.all_shown(3)
        before = terminal.press(b"n")
        terminal.until_quiet()
        assert terminal.uploads(before) == []
        assert len(terminal.placed(before)) == 1


def test_coming_back_from_an_editor_sends_all_of_them_again(
    wall: OpenWall, files: list[Path]
) -> None:
    with wall(files[:2]) as terminal:
        terminal.all_shown(2)
        first = {one.number for one in terminal.uploads()}
        before = terminal.press(b"f")
        terminal.until(lambda: b"away" in terminal.bytes[before:], "it did not leave")
        assert terminal.deleted(before) == first
        terminal.all_shown(2, before)
        before = terminal.press(b"\x0c")
        terminal.all_shown(2, before)


def test_one_to_one_shows_each_pixel_as_one_of_the_terminals(
    wall: OpenWall, tmp_path: Path
) -> None:
    file = tmp_path / "large.png"
    painting(3, side=800).save(file)
    with wall([file]) as terminal:
        terminal.all_shown(1)
        before = terminal.press(b"z")
        terminal.until(lambda: any(s.whole for s in terminal.uploads(before)), "no closer look")
        (sent,) = terminal.uploads(before)
        middle = painting(3, side=800).crop((130, 130, 670, 670))
        assert np.array_equal(pixels(sent.png), pixels(kitty.png(middle, (540, 540))))
        terminal.leave()


def test_a_preview_is_blocks_and_is_not_sent(wall: OpenWall, files: list[Path]) -> None:
    with wall(files[:1]) as terminal:
        terminal.all_shown(1)
        before = terminal.press(b"p")
        terminal.until(lambda: "▀" in terminal.text(before), "no blocks")
        assert terminal.uploads(before) == []


@pytest.mark.parametrize(
    "env", [{"KEEPERS_IMAGES": "none"}, {"KEEPERS_IMAGES": "kitty"}, {"TERM": "dumb"}]
)
def test_where_the_choice_is_clear_nobody_is_asked(
    wall: OpenWall, files: list[Path], env: dict[str, str]
) -> None:
    with wall(files[:1], env=env) as terminal:
        terminal.until(lambda: "status 0" in terminal.text(), "it does not start")
        terminal.until_quiet()
        assert b"\x1b[5n" not in terminal.queries
        kind = env.get("KEEPERS_IMAGES", "blocks")
        assert bool(terminal.uploads()) is (kind == "kitty")
        assert ("picture of 400 × 400" in terminal.text()) is (kind == "none")
