"""Init images and masks, each kept once under the hash of its pixels."""

import re
from pathlib import Path

from tui.store.errors import NotFoundError, StoreError
from tui.store.files import write_durably
from tui.store.paths import Home

_HASH = re.compile(r"[0-9a-f]{64}")


def put(home: Home, pixel_hash: str, png: bytes) -> Path:
    """Keep a PNG durably under its pixel hash; one that is there already is left alone.

    Raises:
        StoreError: that is no hash, or the disk refuses.
    """
    path = _path(home, pixel_hash)
    if not path.is_file():
        write_durably(path, png)
    return path


def get(home: Home, pixel_hash: str) -> Path:
    """The file of that hash.

    Raises:
        NotFoundError: it is not there.
        StoreError: that is no hash.
    """
    path = _path(home, pixel_hash)
    if not path.is_file():
        raise NotFoundError(
            f"the picture {pixel_hash[:12]}… to start from is not in {home.inputs}: choose it again"
        )
    return path


def _path(home: Home, pixel_hash: str) -> Path:
    if not _HASH.fullmatch(pixel_hash):
        raise StoreError(f"“{pixel_hash[:80]}” is no hash of a picture: choose the picture again")
    return home.inputs / f"{pixel_hash}.png"
