"""Flat pictures as shapes, and pictures at other sizes: crisp, in shape, and honest."""

import subprocess
import sys
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.imaging.helpers import noise, refused
from tui.imaging.fitting import Fit, framed
from tui.imaging.pixels import Levels, to_array
from tui.imaging.vector import redrawn, traced

SVG = "{http://www.w3.org/2000/svg}"


def disc(side: int = 128, *, soft: bool = True) -> Levels:
    """An orange disc on navy, its edge as soft as a model draws it."""
    large = Image.new("RGB", (side * 4, side * 4), (20, 20, 80))
    ImageDraw.Draw(large).ellipse((side, side, side * 3, side * 3), fill=(250, 150, 40))
    picture = to_array(large.resize((side, side), Image.Resampling.BOX))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1), np.uint8) if soft else picture


def edge(picture: Levels) -> int:
    """Pixels from one side's colour to the other's along the middle row, left half."""
    red = picture[picture.shape[0] // 2, : picture.shape[1] // 2, 0]
    return int(((red > 45) & (red < 225)).sum())


def test_small_flat_pictures_become_crisp_at_any_size() -> None:
    shapes = traced(framed(disc(), (1200, 630)))
    drawn = to_array(redrawn(shapes))
    assert drawn.shape == (630, 1200, 3)
    assert shapes.flat
    resampled = to_array(framed(disc(), (1200, 630)).scaled())
    assert edge(drawn) * 4 < edge(resampled)
    assert np.abs(drawn[315, 600].astype(int) - (250, 150, 40)).max() < 8
    assert np.abs(drawn[0, 0].astype(int) - (20, 20, 80)).max() < 8


@pytest.mark.parametrize("fit", ["crop", "extend"])
def test_a_circle_stays_one_in_every_shape(fit: Fit) -> None:
    for size in ((1200, 630), (630, 1200), (500, 500)):
        frame = framed(disc(), size, fit)
        for picture in (to_array(redrawn(traced(frame))), to_array(frame.scaled())):
            inside = picture[:, :, 0] > 130
            rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
            tall, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
            assert abs(tall - wide) <= 0.02 * tall, (size, tall, wide)


def test_what_is_not_flat_is_measured_as_such() -> None:
    slope = np.linspace(0, 255, 96)
    across = np.dstack(
        [np.tile(slope, (96, 1)), np.tile(slope[:, None], (1, 96)), slope + 0 * slope[:, None]]
    )
    for picture in (noise(96, 96), across.astype(np.uint8)):
        assert not traced(framed(picture, None)).flat


def test_hostile_words_are_text_in_it() -> None:
    words = '</title><script>alert("1")</script>&\x1b[2J\u202e\ud800\ufffe'
    svg = traced(framed(disc(), None)).svg(title=words, desc=words, metadata="<a>b</a>")
    root = ElementTree.fromstring(svg.encode())
    assert [child.tag for child in root][:3] == [f"{SVG}title", f"{SVG}desc", f"{SVG}metadata"]
    title = root.findtext(f"{SVG}title")
    assert title is not None
    assert title.startswith('</title><script>alert("1")</script>&')
    assert title.isprintable()
    assert {child.tag for child in root[3:]} == {f"{SVG}rect", f"{SVG}path"}


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
)
def test_a_frame_has_exactly_the_shape_that_is_wanted(
    own: tuple[int, int], size: tuple[int, int]
) -> None:
    picture = noise(*own)
    for fit in ("crop", "extend"):
        frame = framed(picture, size, fit)
        left, top, right, bottom = frame.box
        assert (right - left) * size[1] == pytest.approx((bottom - top) * size[0])
        assert -1e-9 <= left < right <= frame.picture.shape[1] + 1e-9
        assert -1e-9 <= top < bottom <= frame.picture.shape[0] + 1e-9
        assert frame.scaled().size == size
        if fit == "extend":
            assert right - left >= own[0]
            assert bottom - top >= own[1]


def test_sizes_that_cannot_be_are_explained() -> None:
    for size in ((0, 5), (16_384, 16_384)):
        with refused("cannot be made"):
            framed(disc(), size)
    with refused("cannot be extended", "crop it"):
        framed(disc(), (10_000, 1), "extend")
    assert framed(disc(), (10_000, 1), "crop").scaled().size == (10_000, 1)


@pytest.mark.parametrize("missing", ["vtracer", "resvg_py"])
def test_a_missing_extra_is_one_sentence_that_says_how_to_get_it(missing: str) -> None:
    code = (
        "import sys, numpy as np\n"
        f"sys.modules[{missing!r}] = None\n"
        "from tui.imaging.fitting import framed\n"
        "from tui.imaging.vector import traced\n"
        "try:\n"
        "    traced(framed(np.zeros((8, 8, 3), np.uint8), None))\n"
        "except ValueError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.count("\n") == 1, ran.stderr
    assert "pip install 'keepers[vector]'" in ran.stdout
