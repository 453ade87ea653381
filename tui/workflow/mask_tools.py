"""What is being drawn on a mask: box, lasso, brush stroke.

Each tool says how it is shown and which characters are for it; one that is put in at its end says
its shape, a brush is in the mask already.
"""

from dataclasses import dataclass
from typing import Literal

from tui.imaging import mask_shapes
from tui.imaging.mask_shapes import Point, Size
from tui.imaging.mask_strokes import polygon, stroke
from tui.imaging.masks import Box
from tui.imaging.pixels import Levels

Name = Literal["rectangle", "ellipse", "lasso", "brush", "grid", "segments"]


@dataclass(frozen=True)
class Marks:
    """What is shown on the picture; all in its pixels."""

    box: tuple[Point, Point] | None = None
    path: tuple[Point, ...] = ()
    """Joined by straight lines."""
    signs: tuple[tuple[Point, str], ...] = ()


class Tool:
    """One that is open. The base does nothing with moves and characters."""

    name: Name

    def marks(self, cursor: Point) -> Marks:
        """How it looks."""
        raise NotImplementedError

    def in_words(self, cursor: Point) -> str:
        """What it is now: `rectangle 12 × 9`."""
        raise NotImplementedError

    def takes(self, character: str) -> bool:  # noqa: ARG002
        """Whether this key belongs to it."""
        return False

    def back(self) -> bool:
        """One step back within it; False where there is none, and it is given up."""
        return False


class BoxTool(Tool):
    """A rectangle or an ellipse between the anchor and the cursor."""

    def __init__(self, name: Literal["rectangle", "ellipse"], anchor: Point) -> None:
        self.name: Name = name
        self.anchor = anchor

    def box(self, cursor: Point) -> Box:
        """As it lies now."""
        return mask_shapes.box_between(self.anchor, cursor)

    def shape(self, size: Size, cursor: Point) -> Levels:
        """All of the box, or the ellipse in it."""
        draw = mask_shapes.ellipse if self.name == "ellipse" else mask_shapes.rectangle
        return draw(size, self.box(cursor))

    def marks(self, cursor: Point) -> Marks:
        """Its frame."""
        return Marks(box=(self.anchor, cursor))

    def in_words(self, cursor: Point) -> str:
        """Name and size."""
        left, top, right, bottom = self.box(cursor)
        return f"{self.name} {right - left} × {bottom - top}"


class Lasso(Tool):
    """An outline through corners; the cursor is the next of them."""

    name: Name = "lasso"

    def __init__(self, corner: Point) -> None:
        self.corners = [corner]

    def add(self, corner: Point) -> None:
        """One more corner."""
        if corner != self.corners[-1]:
            self.corners.append(corner)

    def shape(self, size: Size, cursor: Point) -> Levels:
        """All inside."""
        return polygon(size, [*self.corners, cursor])

    def marks(self, cursor: Point) -> Marks:
        """The way from corner to corner."""
        return Marks(
            path=(*self.corners, cursor), signs=tuple((corner, "•") for corner in self.corners)
        )

    def in_words(self, cursor: Point) -> str:  # noqa: ARG002
        """How many corners it has."""
        count = len(self.corners)
        return f"lasso, {count} corner{'s' if count > 1 else ''}"

    def back(self) -> bool:
        """Give up the last corner."""
        if len(self.corners) == 1:
            return False
        self.corners.pop()
        return True


class Brush(Tool):
    """A stroke that follows the cursor."""

    name: Name = "brush"

    def __init__(self, size: Size, start: Point, width: int, base: Levels) -> None:
        self.width, self.base = width, base
        """Pixels across; and the mask as it was before the stroke."""
        self.shows = False
        """Whether the mask is another one by it."""
        self._size, self._at = size, start
        self.painted = stroke(size, start, start, width)

    def follow(self, cursor: Point) -> None:
        """Paint the way to there."""
        way = stroke(self._size, self._at, cursor, self.width)
        self.painted = mask_shapes.combine(self.painted, way, mask_shapes.Mode.ADD)
        self._at = cursor

    def marks(self, cursor: Point) -> Marks:
        """The ends of the brush, above and below, left and right."""
        reach = self.width // 2
        x, y = cursor
        ways = ((0, -reach, "╷"), (0, reach, "╵"), (-reach, 0, "╶"), (reach, 0, "╴"))
        return Marks(signs=tuple(((x + right, y + down), s) for right, down, s in ways))

    def in_words(self, cursor: Point) -> str:  # noqa: ARG002
        """How wide it is."""
        return f"brush {self.width} px, down"
