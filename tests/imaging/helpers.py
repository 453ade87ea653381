"""Recipes, pictures, and PNG files built by hand."""

import random
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.domain.recipe import Recipe, Route
from tui.imaging.errors import ImagingError
from tui.imaging.pixels import Levels

INTENT = Intent(
    model="starter",
    layers=Layers(subject="a red fox", negatives="blurry"),
    seed=7,
    steps=20,
    guidance=4.0,
    width=128,
    height=128,
)
RECIPE = Recipe(
    intent=INTENT,
    route=Route.TEXT_TO_IMAGE,
    prompt="a red fox",
    negative_prompt="blurry",
    pipeline="StableDiffusionPipeline",
    scheduler="DDIMScheduler",
    model_revision="0" * 64,
    batch_size=4,
    slot=1,
    precision="float32",
    device="Some(R)  CPU           E5  @ 2.00GHz",
    threads=2,
    versions={"torch": "2.13.0", "keepers": "0.1.0"},
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def recipe(prompt: str = "a red fox", negative: str = "blurry", **intent: object) -> Recipe:
    """The recipe with another prompt, and its intent with other settings."""
    return msgspec.structs.replace(
        RECIPE,
        prompt=prompt,
        negative_prompt=negative,
        intent=msgspec.structs.replace(INTENT, **intent),
    )


@contextmanager
def refused(*words: str) -> Iterator[None]:
    """Expects an ImagingError whose message is one harmless sentence with these words."""
    with pytest.raises(ImagingError) as caught:
        yield
    message = str(caught.value)
    assert ": " in message, "it does not say what to do next"
    assert 20 < len(message) < 300, message
    assert not [c for c in message if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    for word in words:
        assert word in message, message


def noise(width: int, height: int, seed: int = 0) -> Levels:
    """A picture of random pixels."""
    content = random.Random(seed).randbytes(width * height * 3)
    return np.frombuffer(content, dtype=np.uint8).reshape(height, width, 3)


def chunk(kind: bytes, content: bytes) -> bytes:
    """One PNG chunk."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def ihdr(width: int, height: int, bits: int = 8, colour: int = 2) -> bytes:
    """An IHDR chunk; colour 0 is grey, 2 is RGB, 3 a palette, 4 grey and 6 RGB with alpha."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))


def idat(rows: list[bytes]) -> bytes:
    """An IDAT chunk with these rows, unfiltered."""
    return chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))


IEND = chunk(b"IEND", b"")
PIXEL = SIGNATURE + ihdr(1, 1) + idat([b"\x0a\x14\x1e"]) + IEND
"""A picture of one pixel."""


def with_chunks(*extra: bytes, before: bytes = PIXEL) -> bytes:
    """A PNG file with more chunks behind its IHDR."""
    return before[:33] + b"".join(extra) + before[33:]


def saved(folder: Path, content: bytes, name: str = "x.png") -> Path:
    """The content as a file."""
    path = folder / name
    path.write_bytes(content)
    return path
