"""Which upload shows what, so that a picture seen before need not be encoded again."""

import weakref
from collections import OrderedDict

from PIL import Image

from tui.terminal.uploads import Upload

_MOST = 64

Look = tuple[tuple[int, int, int, int], tuple[int, int]]
"""The box of a picture that is seen, and the cells that it fills."""


class Remembered:
    """Uploads by the picture in memory and how it was looked at."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, Look], tuple[weakref.ref[Image.Image], Upload]]
        self._known = OrderedDict()

    def get(self, picture: Image.Image, look: Look) -> Upload | None:
        """The upload, if the terminal still has it."""
        found = self._known.get((id(picture), look))
        if found is None or found[0]() is not picture or not found[1].alive:
            return None
        return found[1]

    def add(self, picture: Image.Image, look: Look, upload: Upload) -> None:
        """Remember it, without keeping the picture in memory."""
        self._known[id(picture), look] = weakref.ref(picture), upload
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
