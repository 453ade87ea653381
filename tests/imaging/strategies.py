"""Random pictures, masks, and text for prompts."""

from typing import get_args

import numpy as np
from hypothesis import strategies as st

from tui.imaging.curves import MOST_POINTS, Channel, Curve
from tui.imaging.pixels import Levels


@st.composite
def masks(draw: st.DrawFn, most: int = 24) -> Levels:
    """A mask with something in it: rectangles of any level, and single pixels."""
    width, height = draw(st.integers(1, most)), draw(st.integers(1, most))
    mask = np.zeros((height, width), np.uint8)
    places = st.tuples(st.integers(0, width - 1), st.integers(0, height - 1))
    levels = st.sampled_from([255, 255, 128, 1, 0])
    for _ in range(draw(st.integers(0, 3))):
        (x1, y1), (x2, y2) = draw(places), draw(places)
        mask[min(y1, y2) : max(y1, y2) + 1, min(x1, x2) : max(x1, x2) + 1] = draw(levels)
    x, y = draw(places)
    mask[y, x] = draw(st.integers(1, 255))
    return mask


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Any curve, also one that goes up and down."""
    levels = st.integers(0, 255)
    xs = draw(st.lists(levels, min_size=2, max_size=MOST_POINTS, unique=True))
    channels: tuple[Channel, ...] = get_args(Channel)
    channel = draw(st.sampled_from(channels))
    return Curve(tuple((x, draw(levels)) for x in sorted(xs)), channel)


_PIECES = st.sampled_from([
    "a red fox", ", ", " ", ":", "(hat, coat:1.2)", '"', "\\", "Steps: 1, Sampler: DDIM",
    "Negative prompt:", "Negative prompt: ", "Seed: 9", "é", "狐", "🦊", "<lora:x:1>", "{a|b}",
    "CFG scale: 3", "\n", "Hashes: {}",
])  # fmt: skip
PROMPTS = st.lists(_PIECES, max_size=8).map("".join)
"""Prompts with everything in them that a careless reader trips over."""
