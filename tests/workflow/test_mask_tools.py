"""Lasso, brush, grid and segments, by the keys that draw with them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.imaging.pixels import Levels
from tui.workflow.masking import MaskEditor

SIZE = 81


def plain(colour: int = 200) -> Levels:
    return np.full((SIZE, SIZE, 3), colour, np.uint8)


def two_things() -> Levels:
    """A dark square at the upper left and a red one at the lower right, on white."""
    picture = plain(255)
    picture[5:30, 5:30] = 20
    picture[50:75, 45:75] = (220, 30, 30)
    return picture


def press(editor: MaskEditor, *keys: str) -> str:
    """Commands by their names without `mask-`, or one character each for the open tool."""
    said = ""
    for key in keys:
        if len(key) > 1:
            said = editor.press(f"mask-{key}")
        elif editor.takes(key):
            said = editor.take(key)
        else:
            editor.digit(key)
    return said


def test_a_lasso_takes_what_its_corners_enclose() -> None:
    editor = MaskEditor(plain())
    press(editor, "left-edge", "top-edge", "lasso", "4", "0", "right", "lasso", "4", "0", "down")
    assert "lasso, 2 corners" in editor.state_in_words()
    press(editor, "commit")
    assert editor.tool is None
    assert editor.mask[10, 30] == editor.mask[39, 40] == editor.mask[0, 0] == 255
    assert editor.mask[30, 10] == 0
    assert (editor.mask > 0).sum() == 41 * 42 / 2
    press(editor, "undo")
    assert editor.is_empty


def test_a_lasso_goes_back_corner_by_corner() -> None:
    editor = MaskEditor(plain())
    press(editor, "lasso", "right", "lasso", "down", "lasso")
    assert "3 corners" in editor.state_in_words()
    press(editor, "back", "back")
    assert "1 corner" in editor.state_in_words()
    press(editor, "back")
    assert editor.tool is None
    assert editor.is_empty


def test_a_brush_paints_where_it_goes_in_one_step() -> None:
    editor = MaskEditor(plain())
    press(editor, "7", "brush", "2", "0", "right", "1", "0", "down", "brush")
    middle = SIZE // 2
    assert editor.mask[middle, middle : middle + 21].all()
    assert editor.mask[middle : middle + 11, middle + 20].all()
    assert editor.mask[middle - 3, middle] == 255
    assert editor.mask[middle - 4, middle] == 0
    painted = editor.mask.copy()
    press(editor, "undo")
    assert editor.is_empty
    press(editor, "redo")
    assert np.array_equal(editor.mask, painted)


def test_a_brush_erases_too_and_is_given_up_whole() -> None:
    editor = MaskEditor(plain())
    press(editor, "invert")
    press(editor, "subtract", "brush", "far-right", "far-down")
    assert not editor.mask.all()
    assert editor.drop()
    assert editor.mask.all()
    press(editor, "subtract", "brush", "far-right", "commit")
    assert not editor.mask.all()
    assert editor.mode == "add"


@given(
    st.lists(
        st.sampled_from(
            ("brush", "left", "far-right", "far-up", "undo", "redo", "invert", "subtract", "wand",
             "grid", "lasso", "commit", "back", "clear", "segments", "wider", "rectangle")
        ),
        max_size=25,
    )
)  # fmt: skip
def test_whatever_is_drawn_is_undone_step_by_step(keys: list[str]) -> None:
    editor = MaskEditor(two_things())
    seen = [editor.mask]
    for key in keys:
        press(editor, key)
        if editor.tool is None:
            seen.append(editor.mask)
    editor.drop()
    while editor.history.undo():
        pass
    assert editor.is_empty
    last = editor.mask
    while editor.history.redo():
        assert not np.array_equal(editor.mask, last), "every step changes something"
        last = editor.mask


def test_the_grid_homes_in_and_takes_a_cell() -> None:
    editor = MaskEditor(plain())
    press(editor, "grid", "9", "1")
    assert "grid, 9 × 9" in editor.state_in_words()
    assert editor.cursor == (58, 58)
    press(editor, "commit")
    assert np.argwhere(editor.mask).min(axis=0).tolist() == [54, 54]
    assert (editor.mask > 0).sum() == 81
    press(editor, "grid", "9", "1", "back", "back", "back")
    assert editor.tool is None


@given(st.text("123456789", max_size=12))
def test_the_grid_never_leaves_the_picture_and_ends_at_a_pixel(digits: str) -> None:
    editor = MaskEditor(plain()[:7])
    press(editor, "grid", *digits, "commit")
    assert not editor.is_empty
    assert 0 <= editor.cursor[0] < SIZE
    assert 0 <= editor.cursor[1] < 7


def test_from_the_grids_cell_another_tool_goes_on() -> None:
    editor = MaskEditor(plain())
    press(editor, "grid", "1", "rectangle", "right")
    assert "rectangle 2 × 1" in editor.state_in_words()


def test_segments_are_taken_and_given_back_by_their_letters() -> None:
    picture = two_things()
    editor = MaskEditor(picture)
    press(editor, "segments")
    assert editor.tool is not None
    signs = {sign: point for point, sign in editor.tool.marks(editor.cursor).signs}
    assert sorted(signs) == ["a", "b", "c"], "white, red and dark; the largest first"
    colours = [int(picture[signs[letter][::-1]][0]) for letter in "abc"]
    assert colours == [255, 220, 20]
    assert press(editor, "b") == ""
    assert np.array_equal(editor.mask > 0, picture[..., 0] == 220)
    press(editor, "c")
    assert np.array_equal(editor.mask > 0, picture[..., 0] < 255)
    press(editor, "b", "commit")
    assert np.array_equal(editor.mask > 0, picture[..., 0] == 20)
    assert editor.tool is None


def test_a_letter_without_a_segment_says_so() -> None:
    editor = MaskEditor(plain())
    press(editor, "segments")
    assert "No segment is called z" in press(editor, "z")
    press(editor, "a")
    assert editor.mask.all(), "an even picture is one segment"


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 2), (1000, 700)])
def test_segments_of_every_size_lie_in_the_picture(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    noise[: max(1, size[1] // 2)] = 90
    editor = MaskEditor(noise)
    assert press(editor, "segments", "a") == ""
    assert editor.mask.shape == (size[1], size[0])
    assert not editor.is_empty
