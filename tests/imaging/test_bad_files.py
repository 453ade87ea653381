"""The corpus of bad files: each is refused in one sentence, or its picture opens unharmed."""

import io
import os
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tui.imaging.masks import open_mask
from tui.imaging.metadata import read_provenance
from tui.imaging.pixels import open_picture, png_bytes
from tui.imaging.source_type import source_type

from .helpers import IEND, PIXEL, SIGNATURE, chunk, idat, ihdr, noise, refused, saved, with_chunks

READERS: tuple[Callable[[Path], object], ...] = (
    open_picture,
    lambda path: open_mask(path, (1, 1)),
    read_provenance,
    source_type,
)


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9)
    zeros = bytes(2**20)
    return b"".join(packer.compress(zeros) for _ in range(size >> 20)) + packer.flush()


def encoded(kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(noise(64, 64)).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("side", [60_000, 13_000, 2**31 - 1])
def test_17_18_pixel_bombs(tmp_path: Path, side: int) -> None:
    path = saved(tmp_path, SIGNATURE + ihdr(side, side) + idat([b""]) + IEND)
    with refused("megapixels"):
        open_picture(path)
    with refused("megapixels"):
        open_mask(path, (1, 1))


def test_a_picture_larger_than_its_data_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, SIGNATURE + ihdr(4_000, 4_000) + idat([b"\0\0\0"]) + IEND)
    with refused("damaged"):
        open_picture(path)


TEXT_BOMBS = {
    "19 zTXt 200 MB": lambda: chunk(b"zTXt", b"keepers\0\0" + bomb(200 << 20)),
    "20 iTXt 200 MB": lambda: chunk(b"iTXt", b"keepers\0\1\0\0\0" + bomb(200 << 20)),
    "21 tEXt 30 MB": lambda: chunk(b"tEXt", b"keepers\0" + bytes(30 << 20)),
    "21 iTXt 30 MB": lambda: chunk(b"iTXt", b"keepers\0\0\0\0\0" + bytes(30 << 20)),
    "22 80 × 1 MB zTXt": lambda: chunk(b"zTXt", b"keepers\0\0" + bomb(1 << 20)) * 80,
    "22 80 × 1 MB iTXt": lambda: chunk(b"iTXt", b"keepers\0\1\0\0\0" + bomb(1 << 20)) * 80,
}


@pytest.mark.parametrize("name", TEXT_BOMBS)
def test_19_to_22_text_is_never_unpacked_beyond_the_limit(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, with_chunks(TEXT_BOMBS[name]()))
    tracemalloc.start()
    try:
        with refused():
            read_provenance(path)
        assert source_type(path) is None
        assert open_picture(path).getpixel((0, 0)) == (10, 20, 30)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_23_cut_short(tmp_path: Path, kind: str, share: float) -> None:
    content = encoded(kind)
    path = saved(tmp_path, content[: int(len(content) * share)])
    with refused():
        open_picture(path)
    with refused():
        open_mask(path, (64, 64))


def test_23_every_cut_of_a_small_file(tmp_path: Path) -> None:
    for length in range(len(PIXEL)):
        path = saved(tmp_path, PIXEL[:length])
        for reader in READERS:
            with refused():
                reader(path)


def test_24_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    for place in range(len(PIXEL)):
        damaged = bytearray(PIXEL)
        damaged[place] ^= 0xFF
        with refused():
            open_picture(saved(tmp_path, bytes(damaged)))


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (0, 0)])
def test_25_no_pixels(tmp_path: Path, size: tuple[int, int]) -> None:
    path = saved(tmp_path, SIGNATURE + ihdr(*size) + idat([]) + IEND)
    with refused("no pixels"):
        open_picture(path)


FITS = b"SIMPLE  =                    T".ljust(2880)
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"


@pytest.mark.parametrize("content", [FITS, EPS, b"not a picture", b"\x89PNG", b"RIFF1234AVI "])
def test_26_other_formats_named_png(tmp_path: Path, content: bytes) -> None:
    for reader in READERS:
        with refused("x.png"):
            reader(saved(tmp_path, content))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_26_other_formats_that_pillow_knows(tmp_path: Path, kind: str) -> None:
    with refused("not a PNG, JPEG or WebP"):
        open_picture(saved(tmp_path, encoded(kind)))


def test_27_animations_open_as_their_first_picture(tmp_path: Path) -> None:
    control = struct.pack(">IIIIIHHBB", 0, 60_000, 60_000, 0, 0, 1, 1, 0, 0)
    animated = with_chunks(chunk(b"acTL", struct.pack(">II", 2**30, 0)), chunk(b"fcTL", control))
    frame = chunk(b"fdAT", struct.pack(">I", 1) + bomb(1 << 20))
    path = saved(tmp_path, animated.replace(IEND, frame + IEND))
    assert open_picture(path).size == (1, 1)
    second = Image.new("RGB", (64, 64))
    path = saved(tmp_path, encoded("MPO", save_all=True, append_images=[second]))
    assert open_picture(path).size == (64, 64)


def test_a_file_of_countless_chunks_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, with_chunks(chunk(b"teXt", b"") * 100_001))
    for reader in READERS:
        with refused("too many parts"):
            reader(path)


@pytest.mark.parametrize("name", ["a\0b.png", "a\ud800b.png", "x" * 300 + ".png", "gone.png"])
def test_13_14_names_no_file_has(tmp_path: Path, name: str) -> None:
    for reader in READERS:
        with refused():
            reader(tmp_path / name)


@pytest.mark.parametrize("name", ["a\r\nb.png", "a\x1b]0;x\x07.png", "a\u202egnp.exe", "-rf", "\n"])
def test_16_names_do_not_drive_the_terminal(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, b"no picture", name)
    for reader in READERS:
        with refused():
            reader(path)


def test_folders_pipes_and_links(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "none").touch()
    for name, word in {"": "folder", "pipe": "regular", "loop": "read", "none": "empty"}.items():
        for reader in READERS:
            with refused(word):
                reader(tmp_path / name)


def test_files_one_may_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*args: object) -> int:
        raise PermissionError(13, "denied")

    path = saved(tmp_path, PIXEL)
    monkeypatch.setattr("tui.imaging.files.os.open", denied)
    with refused("permissions"):
        open_picture(path)


def test_a_file_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = saved(tmp_path, png_bytes(noise(2, 2)))
    os.truncate(path, 2**40)
    for reader in READERS:
        with refused("larger than 256 MB"):
            reader(path)
