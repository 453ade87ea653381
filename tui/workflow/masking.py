"""Drawing a mask by keyboard: a cursor on the picture, shapes, and what each key does to them."""

from collections.abc import Callable
from typing import Literal

from tui.imaging import mask_shapes
from tui.imaging.errors import ImagingError
from tui.imaging.mask_history import MaskHistory
from tui.imaging.mask_shapes import Mode, Point, Size
from tui.imaging.masks import Box, mask_box
from tui.imaging.pixels import Levels

Shape = Literal["rectangle", "ellipse"]

BIG_STEPS = 16
"""Big steps along the picture's shorter side."""
WAND_TOLERANCE = 24
"""Levels in each channel."""
MOST_COUNT = 9_999
WIDEST_FEATHER = 512


class MaskEditor:
    """One picture's mask while it is drawn; everything is in pixels of the whole picture."""

    def __init__(self, picture: Levels, mask: Levels | None = None, feather: int = 4) -> None:
        self.picture = picture
        self.size: Size = (picture.shape[1], picture.shape[0])
        self.history = MaskHistory(mask_shapes.empty(self.size) if mask is None else mask)
        self.feather = feather
        self.cursor: Point = (self.size[0] // 2, self.size[1] // 2)
        self.anchor: Point | None = None
        """Where the open shape began; None while none is open."""
        self.shape: Shape = "rectangle"
        self.mode = Mode.ADD
        self.count = ""
        """The digits typed before the next key."""
        self._do: dict[str, Callable[[int | None], str]] = self._table()

    @property
    def mask(self) -> Levels:
        """Where the picture may change."""
        return self.history.mask

    @property
    def is_empty(self) -> bool:
        """Whether nothing may change."""
        return not self.mask.any()

    @property
    def open_box(self) -> Box | None:
        """The box of the shape that is being drawn."""
        return None if self.anchor is None else mask_shapes.box_between(self.anchor, self.cursor)

    @property
    def step(self) -> int:
        """Pixels by which grow and feather change without a count."""
        return max(1, min(self.size) // 128)

    def press(self, command: str) -> str:
        """Do what a key of the masking table means; returns a sentence where it could not."""
        count = min(int(self.count), MOST_COUNT) if self.count else None
        self.count = ""
        return self._do[command](count)

    def digit(self, digit: str) -> None:
        """One more digit of the count."""
        self.count = (self.count + digit)[:4].lstrip("0")

    def drop(self) -> bool:
        """Give up the open shape; False where none was open."""
        was_open, self.anchor, self.count = self.anchor is not None, None, ""
        return was_open

    def take_box(self, text: str) -> None:
        """A shape from typed numbers, put together with the mask at once.

        It is a rectangle, unless an ellipse is open.

        Raises:
            ImagingError: no box.
        """
        if self.anchor is None:
            self.shape = "rectangle"
        self._take(self._drawn(mask_shapes.typed_box(text, self.size)))

    def in_words(self) -> str:
        """What is masked, and how its edge fades: `34 × 21 px, 4 %, feather 4`."""
        if self.is_empty:
            return "empty"
        left, top, right, bottom = mask_box(self.mask)
        share = float((self.mask > 0).mean()) * 100
        shown = "under 1" if share < 1 else f"{share:.0f}"
        return f"{right - left} × {bottom - top} px, {shown} %, feather {self.feather}"

    def state_in_words(self) -> str:
        """How the next shape goes in, and where the cursor is: `subtract, at 64,60`."""
        if (box := self.open_box) is not None:
            words = f"{self.mode.value} {self.shape} {box[2] - box[0]} × {box[3] - box[1]}"
        else:
            words = f"{self.mode.value}, at {self.cursor[0]},{self.cursor[1]}"
        return f"{words}  {self.count}".rstrip()

    def _table(self) -> dict[str, Callable[[int | None], str]]:
        table: dict[str, Callable[[int | None], str]] = {
            "mask-rectangle": lambda _: self._begin("rectangle"),
            "mask-ellipse": lambda _: self._begin("ellipse"),
            "mask-commit": lambda _: self._commit(),
            "mask-corner": lambda _: self._swap(),
            "mask-wand": self._wand,
            "mask-grow": lambda n: self._grow(self.step if n is None else n),
            "mask-shrink": lambda n: self._grow(-(self.step if n is None else n)),
            "mask-softer": lambda n: self._soften(self.step if n is None else n),
            "mask-harder": lambda n: self._soften(-(self.step if n is None else n)),
            "mask-invert": lambda _: self._push(mask_shapes.inverted(self.mask)),
            "mask-clear": lambda _: self._push(mask_shapes.empty(self.size)),
            "mask-undo": lambda n: self._walk(self.history.undo, n, "nothing to undo"),
            "mask-redo": lambda n: self._walk(self.history.redo, n, "nothing to redo"),
            "mask-left-edge": lambda _: self._move(-self.size[0], 0),
            "mask-right-edge": lambda _: self._move(self.size[0], 0),
            "mask-top-edge": lambda _: self._move(0, -self.size[1]),
            "mask-bottom-edge": lambda _: self._move(0, self.size[1]),
        }
        for mode in Mode:
            table[f"mask-{mode.value}"] = lambda _, mode=mode: self._set_mode(mode)  # type: ignore[misc]
        for name, (x, y) in _WAYS.items():
            table[f"mask-{name}"] = lambda n, x=x, y=y: self._move(x * (n or 1), y * (n or 1))  # type: ignore[misc]
            table[f"mask-far-{name}"] = lambda n, x=x, y=y: self._move(  # type: ignore[misc]
                x * self._far * (n or 1), y * self._far * (n or 1)
            )
        return table

    @property
    def _far(self) -> int:
        return max(1, round(min(self.size) / BIG_STEPS))

    def _move(self, right: int, down: int) -> str:
        width, height = self.size
        x, y = self.cursor
        self.cursor = min(max(x + right, 0), width - 1), min(max(y + down, 0), height - 1)
        return ""

    def _begin(self, shape: Shape) -> str:
        # The same key again gives the shape up; the other one makes it the other shape.
        if self.anchor is not None and self.shape == shape:
            self.anchor = None
        elif self.anchor is None:
            self.anchor = self.cursor
        self.shape = shape
        return ""

    def _commit(self) -> str:
        if (box := self.open_box) is None:
            return "No shape is open: v starts a rectangle, V an ellipse."
        self._take(self._drawn(box))
        return ""

    def _swap(self) -> str:
        if self.anchor is None:
            return "No shape is open: v starts a rectangle, V an ellipse."
        self.anchor, self.cursor = self.cursor, self.anchor
        return ""

    def _wand(self, tolerance: int | None) -> str:
        near = WAND_TOLERANCE if tolerance is None else min(tolerance, 255)
        self._take(mask_shapes.wand(self.picture, self.cursor, near))
        return ""

    def _grow(self, by: int) -> str:
        if self.is_empty:
            return "The mask is empty, so there is nothing to grow: v starts a rectangle."
        return self._push(mask_shapes.grown(self.mask, by))

    def _soften(self, by: int) -> str:
        self.feather = min(max(self.feather + by, 0), WIDEST_FEATHER)
        return ""

    def _walk(self, way: Callable[[], bool], count: int | None, otherwise: str) -> str:
        done = [way() for _ in range(min(count or 1, 999))]
        return "" if done[0] else f"There is {otherwise}."

    def _set_mode(self, mode: Mode) -> str:
        self.mode = mode
        return ""

    def _drawn(self, box: Box) -> Levels:
        draw = mask_shapes.ellipse if self.shape == "ellipse" else mask_shapes.rectangle
        return draw(self.size, box)

    def _take(self, shape: Levels) -> None:
        self._push(mask_shapes.combine(self.mask, shape, self.mode))
        self.anchor, self.mode = None, Mode.ADD

    def _push(self, mask: Levels) -> str:
        self.history.push(mask)
        return ""


_WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def refuse_empty(mask: Levels) -> None:
    """Say it before anything is queued.

    Raises:
        ImagingError: nothing is masked.
    """
    if not mask.any():
        raise ImagingError(
            "the mask is empty, so there is nothing to paint: press w and draw over what to repair"
        )
