"""Shapes are where they should be, and put together as sets; undo and redo are exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.imaging import mask_shapes as shapes
from tui.imaging.errors import ImagingError
from tui.imaging.mask_history import MaskHistory
from tui.imaging.mask_shapes import Mode
from tui.imaging.pixels import Levels

from .helpers import refused

SIDES = st.integers(1, 40)


@st.composite
def drawn(draw: st.DrawFn, count: int = 1) -> list[Levels]:
    """Black and white masks of one size."""
    size = draw(SIDES), draw(SIDES)
    points = st.tuples(st.integers(-5, 45), st.integers(-5, 45))
    found = []
    for _ in range(count):
        mask = shapes.empty(size)
        for _ in range(draw(st.integers(0, 3))):
            shape = draw(st.sampled_from([shapes.rectangle, shapes.ellipse]))
            box = shapes.box_between(draw(points), draw(points))
            mask = shapes.combine(mask, shape(size, box), Mode.ADD)
        found.append(mask)
    return found


@given(SIDES, SIDES, st.tuples(*[st.integers(-9, 49)] * 4))
def test_shapes_fill_their_box(width: int, height: int, corners: tuple[int, ...]) -> None:
    box = shapes.box_between(corners[:2], corners[2:])  # type: ignore[arg-type]
    rectangle = shapes.rectangle((width, height), box)
    ellipse = shapes.ellipse((width, height), box)
    for mask in (rectangle, ellipse):
        assert mask.shape == (height, width)
        assert mask.dtype == np.uint8
        assert set(np.unique(mask)) <= {0, 255}
    ys, xs = np.indices((height, width))
    inside = (xs >= box[0]) & (xs < box[2]) & (ys >= box[1]) & (ys < box[3])
    assert np.array_equal(rectangle > 0, inside)
    assert (ellipse <= rectangle).all()


@given(st.integers(1, 30), st.integers(1, 30))
def test_an_ellipse_is_symmetric_and_touches_all_four_sides(width: int, height: int) -> None:
    mask = shapes.ellipse((width, height), (0, 0, width, height))
    assert np.array_equal(mask, mask[::-1])
    assert np.array_equal(mask, mask[:, ::-1])
    if min(width, height) > 2:
        assert all(edge.any() for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    area = mask.astype(bool).sum()
    assert area == pytest.approx(np.pi / 4 * width * height, abs=width + height + 2)


@given(drawn(2))
def test_modes_are_operations_on_sets(masks: list[Levels]) -> None:
    mask, shape = masks
    m, s = mask > 0, shape > 0
    assert np.array_equal(shapes.combine(mask, shape, Mode.ADD) > 0, m | s)
    assert np.array_equal(shapes.combine(mask, shape, Mode.SUBTRACT) > 0, m & ~s)
    assert np.array_equal(shapes.combine(mask, shape, Mode.INTERSECT) > 0, m & s)
    assert np.array_equal(shapes.combine(mask, shape, Mode.REPLACE), shape)
    assert np.array_equal(shapes.inverted(shapes.inverted(mask)), mask)


@given(drawn(), st.integers(0, 12), st.integers(0, 12))
def test_growing_reaches_exactly_as_far_as_said(masks: list[Levels], by: int, more: int) -> None:
    (mask,) = masks
    grown = shapes.grown(mask, by)
    assert (grown >= mask).all()
    assert (shapes.grown(mask, by + more) >= grown).all()
    assert np.array_equal(shapes.grown(mask, -by), 255 - shapes.grown(255 - mask, by))
    assert (shapes.grown(mask, -by) <= mask).all()
    assert (shapes.grown(shapes.grown(mask, by), -by) >= mask).all()
    places = np.argwhere(mask)
    if places.size:
        for place in np.argwhere(np.ones_like(mask))[:: max(1, mask.size // 40)]:
            away = ((places - place) ** 2).sum(axis=1).min()
            assert (grown[tuple(place)] > 0) == (away <= by**2)
    else:
        assert not grown.any()


@given(st.data())
def test_undo_and_redo_are_exact(data: st.DataObject) -> None:
    masks = data.draw(drawn(8))
    history, row, at = MaskHistory(masks[0]), [masks[0]], 0
    for mask in masks[1:]:
        match data.draw(st.sampled_from(["push", "push", "undo", "redo"])):
            case "push":
                changed = not np.array_equal(mask, row[at])
                assert history.push(mask) == changed
                if changed:
                    row = [*row[: at + 1], mask]
                    at += 1
            case "undo":
                assert history.undo() == (at > 0)
                at = max(0, at - 1)
            case _:
                assert history.redo() == (at < len(row) - 1)
                at = min(len(row) - 1, at + 1)
        assert np.array_equal(history.mask, row[at])
        assert (history.can_undo, history.can_redo) == (at > 0, at < len(row) - 1)


def test_what_is_kept_cannot_be_changed_from_outside() -> None:
    mask = shapes.empty((4, 4))
    history = MaskHistory(mask)
    mask[0, 0] = 255
    assert not history.mask.any()
    with pytest.raises(ValueError, match="read-only"):
        history.mask[0, 0] = 255
    with pytest.raises(ValueError, match="the mask was"):
        history.push(shapes.empty((5, 4)))


def test_the_wand_takes_what_is_alike_and_connected() -> None:
    picture = np.zeros((10, 12, 3), np.uint8)
    picture[:, 6:] = (90, 0, 0)
    picture[2, 1] = (5, 5, 5)
    before = picture.copy()
    assert (shapes.wand(picture, (0, 0), 10) > 0).sum() == 60
    assert (shapes.wand(picture, (0, 0), 4) > 0).sum() == 59
    assert (shapes.wand(picture, (7, 0), 10)[:, 6:] == 255).all()
    assert np.array_equal(picture, before)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("10% 20% 50% 60%", (20, 20, 100, 60)),
        ("10 20 50 60", (10, 20, 50, 60)),
        ("10px,20px,50px,60px", (10, 20, 50, 60)),
        ("-5 0 900 25%", (0, 0, 200, 25)),
        ("12.5% 0 50 % 100%", (25, 0, 100, 100)),
    ],
)
def test_boxes_can_be_typed(text: str, box: tuple[int, ...]) -> None:
    assert shapes.typed_box(text, (200, 100)) == box


@pytest.mark.parametrize("text", ["", "1 2 3", "a b c d", "50 0 10 10", "300 0 400 9", "1 2 3 4 5"])
def test_what_is_no_box_is_refused_with_an_example(text: str) -> None:
    with refused("type"):
        shapes.typed_box(text, (200, 100))


def test_masks_of_two_sizes_do_not_go_together() -> None:
    with pytest.raises(ImagingError, match="draw the shape on the same picture"):
        shapes.combine(shapes.empty((3, 4)), shapes.empty((4, 3)), Mode.ADD)
