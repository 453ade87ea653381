"""Finding a place without many moves: a grid to home in by digits, and letters on segments."""

from collections.abc import Callable, Iterator
from typing import Protocol

from tui.imaging import mask_shapes
from tui.imaging.mask_shapes import Point, Size
from tui.imaging.masks import Box
from tui.imaging.pixels import Levels
from tui.workflow.mask_tools import Marks, Name, Tool

LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""The hints of segments, the largest first."""
_PARTS = 3
"""A grid's cells in a row and in a column."""


class Grid(Tool):
    """Nine cells with digits: each digit goes into a cell, and that is cut into nine again."""

    name: Name = "grid"

    def __init__(self, size: Size) -> None:
        self.boxes: list[Box] = [(0, 0, *size)]

    @property
    def box(self) -> Box:
        """Where one is now."""
        return self.boxes[-1]

    @property
    def centre(self) -> Point:
        """The pixel in its middle."""
        left, top, right, bottom = self.box
        return (left + right - 1) // 2, (top + bottom - 1) // 2

    def takes(self, character: str) -> bool:
        """1 to 9, in reading order."""
        return character in "123456789" and bool(character)

    def enter(self, digit: str) -> None:
        """Go into that cell, unless the cells are single pixels already."""
        found = self._cell(int(digit) - 1)
        if found[0] < found[2] and found[1] < found[3]:
            self.boxes.append(found)

    def shape(self, size: Size, cursor: Point) -> Levels:  # noqa: ARG002
        """All of where one is."""
        return mask_shapes.rectangle(size, self.box)

    def marks(self, cursor: Point) -> Marks:  # noqa: ARG002
        """A frame, and the digit of each cell."""
        left, top, right, bottom = self.box
        signs = []
        for number in range(_PARTS * _PARTS):
            x0, y0, x1, y1 = self._cell(number)
            signs.append((((x0 + x1) // 2, (y0 + y1) // 2), str(number + 1)))
        return Marks(box=((left, top), (right - 1, bottom - 1)), signs=tuple(signs))

    def in_words(self, cursor: Point) -> str:  # noqa: ARG002
        """How large a part one is in."""
        left, top, right, bottom = self.box
        return f"grid, {right - left} × {bottom - top}"

    def back(self) -> bool:
        """Out of the cell again."""
        if len(self.boxes) == 1:
            return False
        self.boxes.pop()
        return True

    def _cell(self, number: int) -> Box:
        left, top, right, bottom = self.box
        row, column = divmod(number, _PARTS)
        xs = [left + round((right - left) * n / _PARTS) for n in (column, column + 1)]
        ys = [top + round((bottom - top) * n / _PARTS) for n in (row, row + 1)]
        return xs[0], ys[0], xs[1], ys[1]


class Part(Protocol):
    """What a letter can stand for: an even area, a face, a line of text."""

    @property
    def centre(self) -> Point:
        """A pixel of it, where the letter stands."""

    def mask(self, size: Size) -> Levels:
        """Where it is, in a picture of that width and height."""


class Hints(Tool):
    """A letter on each part of the picture; pressing it takes the part, again gives it back.

    Args:
        found: What checks found in the picture; these have the first letters.
        segments: The picture's even areas, the largest first.
        size: Width and height of the picture, in pixels.
        put: Takes a part's mask.
    """

    name: Name = "segments"

    def __init__(
        self,
        found: tuple[Part, ...],
        segments: tuple[Part, ...],
        size: Size,
        put: Callable[[Levels], None],
    ) -> None:
        self._parts = dict(zip(LETTERS, (*found, *segments), strict=False))
        self._found = min(len(found), len(self._parts))
        self._size, self._put = size, put

    def takes(self, character: str) -> bool:
        """Every letter: one without a part does nothing."""
        return character in LETTERS and bool(character)

    def choose(self, letter: str) -> bool:
        """Take that part; False where none has the letter."""
        if letter not in self._parts:
            return False
        self._put(self._parts[letter].mask(self._size))
        return True

    def marks(self, cursor: Point) -> Marks:  # noqa: ARG002
        """Their letters."""
        return Marks(signs=tuple(self._signs()))

    def in_words(self, cursor: Point) -> str:  # noqa: ARG002
        """How many there are."""
        found = f"{self._found} found, " if self._found else ""
        return f"{found}{len(self._parts) - self._found} segments: press a letter"

    def _signs(self) -> Iterator[tuple[Point, str]]:
        for letter, part in self._parts.items():
            yield part.centre, letter
