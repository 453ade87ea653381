"""Tone curves: through their points, never past them, and typed as numbers."""

import numpy as np
import pytest
from hypothesis import given

from tui.imaging.curves import MOST_POINTS, Channel, Curve, through
from tui.imaging.operations import apply

from .helpers import noise, refused
from .strategies import curves

RAMP = np.repeat(np.arange(256, dtype=np.uint8)[np.newaxis, :, np.newaxis], 3, axis=2)


@given(curves())
def test_it_goes_through_its_points_and_never_swings_past_them(curve: Curve) -> None:
    values = through(curve.points)
    xs, ys = zip(*curve.points, strict=True)
    assert values[list(xs)] == pytest.approx(ys)
    assert (values[: xs[0]] == ys[0]).all()
    assert (values[xs[-1] :] == ys[-1]).all()
    for x, y, after, then in zip(xs, ys, xs[1:], ys[1:], strict=False):
        part = values[x : after + 1]
        assert (np.diff(part) * np.sign(then - y) >= -1e-9).all(), "monotone between two points"


def test_it_is_smooth_where_straight_lines_would_have_a_corner() -> None:
    bends = np.abs(np.diff(through(Curve().points), 2))
    corners = np.abs(np.diff(np.interp(np.arange(256), (0, 64, 192, 255), (0, 50, 210, 255)), 2))
    assert bends.max() < corners.max() / 5


def test_from_corner_to_corner_changes_nothing() -> None:
    picture = noise(20, 20)
    assert np.array_equal(apply([Curve(((0, 0), (255, 255)))], picture), picture)
    assert np.array_equal(apply([Curve(((0, 255), (255, 0)))], picture), 255 - picture)


@pytest.mark.parametrize(("letter", "channel"), [("r", 0), ("g", 1), ("b", 2)])
def test_one_channel_leaves_the_others(letter: str, channel: int) -> None:
    found = apply([Curve().typed(f"{letter} 0 0 128 200 255 255")], RAMP)
    others = [other for other in range(3) if other != channel]
    assert np.array_equal(found[..., others], RAMP[..., others])
    assert found[0, 128, channel] == 200


def test_a_step_lifts_what_is_between_the_ends() -> None:
    straight = Curve(((0, 0), (255, 255)))
    assert straight.stepped(1).points == ((0, 0), (127, 131), (255, 255))
    assert straight.stepped(1).stepped(-1).points[1] == (127, 127)
    assert Curve(((7, 0), (8, 255))).stepped(1) == Curve(((7, 0), (8, 255)))


@pytest.mark.parametrize(
    ("text", "channel", "points"),
    [
        ("0 0 255 255", "all", ((0, 0), (255, 255))),
        ("0 0 64 50 192 210 255 255", "all", ((0, 0), (64, 50), (192, 210), (255, 255))),
        ("B 10,20; 30,0", "blue", ((10, 20), (30, 0))),
        ("r0:0 9:9", "red", ((0, 0), (9, 9))),
    ],
)
def test_points_are_typed(text: str, channel: Channel, points: tuple[tuple[int, int], ...]) -> None:
    assert Curve().typed(text) == Curve(points, channel)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0 0 64", "without a partner: type an even count"),
        ("0 0", "2 to 16 points, and this one 1: type two numbers for each"),
        ("0 0 300 255", "300 is no level of a curve: type whole numbers"),
        ("0 0 64 50 64 60", "64 comes after 64: type them in rising order"),
        ("0 0 64.5 50", "is no curve: type pairs of whole numbers"),
        ("-5 0 255 255", "is no curve: type pairs of whole numbers"),
        ("x 0 0 255 255", "r, g or b before them for one channel"),
        ("r", "is no curve: type pairs"),
        (" ".join(f"{x} {x}" for x in range(MOST_POINTS + 1)), "this one 17"),
        ("9" * 30, "is no curve"),
    ],
)
def test_each_bad_input_is_one_sentence(text: str, says: str) -> None:
    with refused(says):
        Curve().typed(text)


def test_its_row_shows_its_shape() -> None:
    assert Curve(((0, 0), (255, 255))).shown == "▁▃▅▆█"
    assert Curve(((0, 255), (255, 0)), "green").shown == "g █▆▄▃▁"
