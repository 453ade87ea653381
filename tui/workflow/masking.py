"""Drawing a mask by keyboard: a cursor on the picture, tools, and what each key does to them."""

from collections.abc import Callable
from functools import cached_property
from typing import Literal

from tui.imaging import mask_shapes
from tui.imaging.errors import ImagingError
from tui.imaging.mask_history import MaskHistory
from tui.imaging.mask_shapes import Mode, Point, Size
from tui.imaging.masks import mask_box
from tui.imaging.pixels import Levels
from tui.imaging.segments import Segment, segments
from tui.workflow.mask_hints import LETTERS, Grid, Hints, Part
from tui.workflow.mask_tools import BoxTool, Brush, Lasso, Tool

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
        self.found: tuple[Part, ...] = ()
        """What checks found in it; offered before its even areas."""
        self.size: Size = (picture.shape[1], picture.shape[0])
        self.history = MaskHistory(mask_shapes.empty(self.size) if mask is None else mask)
        self.feather = feather
        self.cursor: Point = (self.size[0] // 2, self.size[1] // 2)
        self.tool: Tool | None = None
        """What is being drawn; None while nothing is."""
        self.brush = max(3, min(self.size) // 16)
        """Pixels across."""
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
    def step(self) -> int:
        """Pixels by which grow, feather and brush change without a count."""
        return max(1, min(self.size) // 128)

    def press(self, command: str) -> str:
        """Do what a key of the masking table means; returns a sentence where it could not."""
        count = min(int(self.count), MOST_COUNT) if self.count else None
        self.count = ""
        if isinstance(self.tool, Brush) and command not in _WHILE_PAINTING:
            self._commit()
        return self._do[command](count)

    def digit(self, digit: str) -> None:
        """One more digit of the count."""
        self.count = (self.count + digit)[:4].lstrip("0")

    def takes(self, character: str) -> bool:
        """Whether this character is for the open tool: a grid's digit, a segment's letter."""
        return self.tool is not None and self.tool.takes(character)

    def take(self, character: str) -> str:
        """Give the open tool its character; returns a sentence where that did nothing."""
        self.count = ""
        match self.tool:
            case Grid() as grid:
                grid.enter(character)
                self.cursor = grid.centre
            case Hints() as hints if not hints.choose(character):
                return f"No segment is called {character}: enter ends."
            case _:
                pass
        return ""

    def drop(self) -> bool:
        """Give up what is being drawn; False where nothing was."""
        was, self.tool, self.count = self.tool, None, ""
        if isinstance(was, Brush) and was.shows:
            self.history.undo()
        self.mode = Mode.ADD
        return was is not None

    def take_box(self, text: str) -> None:
        """A shape from typed numbers, put together with the mask at once.

        It is a rectangle, unless an ellipse is open.

        Raises:
            ImagingError: no box.
        """
        box = mask_shapes.typed_box(text, self.size)
        round_ = self.tool is not None and self.tool.name == "ellipse"
        draw = mask_shapes.ellipse if round_ else mask_shapes.rectangle
        self._put_in(draw(self.size, box))

    def take_mask(self, mask: Levels) -> None:
        """Another mask of the same size, put together with this one at once.

        Raises:
            ImagingError: it is of another size.
        """
        self._put_in(mask)

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
        if self.tool is not None:
            words = f"{self.mode.value} {self.tool.in_words(self.cursor)}"
        else:
            words = f"{self.mode.value}, at {self.cursor[0]},{self.cursor[1]}"
        return f"{words}  {self.count}".rstrip()

    def _table(self) -> dict[str, Callable[[int | None], str]]:
        table: dict[str, Callable[[int | None], str]] = {
            "mask-rectangle": lambda _: self._box("rectangle"),
            "mask-ellipse": lambda _: self._box("ellipse"),
            "mask-lasso": lambda _: self._lasso(),
            "mask-brush": self._brush,
            "mask-wider": lambda n: self._widen(self.step if n is None else n),
            "mask-narrower": lambda n: self._widen(-(self.step if n is None else n)),
            "mask-grid": lambda _: self._open(Grid(self.size)),
            "mask-segments": lambda _: self._hints(),
            "mask-back": lambda _: self._back(),
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
        if isinstance(self.tool, Brush):
            self.tool.follow(self.cursor)
            self._paint(self.tool)
        return ""

    def _open(self, tool: Tool) -> str:
        # The same key again gives up what it began.
        was = self.tool.name if self.tool is not None else ""
        mode = self.mode
        self.drop()
        if was != tool.name:
            self.tool, self.mode = tool, mode
        return ""

    def _box(self, name: Literal["rectangle", "ellipse"]) -> str:
        anchor = self.tool.anchor if isinstance(self.tool, BoxTool) else self.cursor
        return self._open(BoxTool(name, anchor))

    def _lasso(self) -> str:
        if isinstance(self.tool, Lasso):
            self.tool.add(self.cursor)
            return ""
        return self._open(Lasso(self.cursor))

    def _brush(self, width: int | None) -> str:
        if width is not None:
            self._widen(width - self.brush)
        if isinstance(self.tool, Brush):
            return self._commit()
        brush = Brush(self.size, self.cursor, self.brush, self.mask)
        self._open(brush)
        self._paint(brush)
        return ""

    def _paint(self, brush: Brush) -> None:
        """One stroke is one step, however long it is."""
        mask = mask_shapes.combine(brush.base, brush.painted, self.mode)
        brush.shows |= self.history.push(mask, amend=brush.shows)

    def _widen(self, by: int) -> str:
        self.brush = min(max(self.brush + by, 1), max(self.size))
        if isinstance(self.tool, Brush):
            self.tool.width = self.brush
        return ""

    def _hints(self) -> str:
        if not self._segments and not self.found:
            return "No area of this picture is even enough: v starts a rectangle."
        return self._open(Hints(self.found, self._segments, self.size, self._toggle))

    @cached_property
    def _segments(self) -> tuple[Segment, ...]:
        return segments(self.picture, len(LETTERS))

    def _toggle(self, segment: Levels) -> None:
        """All of it is in the mask already: then it is meant to leave."""
        inside = segment > 0
        mode = self.mode
        if mode is Mode.ADD and bool((self.mask[inside] > 0).all()):
            mode = Mode.SUBTRACT
        self._push(mask_shapes.combine(self.mask, segment, mode))
        if mode is not Mode.SUBTRACT:
            self.mode = Mode.ADD

    def _back(self) -> str:
        if self.tool is None:
            return _NOTHING_OPEN
        if not self.tool.back():
            self.drop()
        if isinstance(self.tool, Grid):
            self.cursor = self.tool.centre
        return ""

    def _commit(self) -> str:
        match self.tool:
            case None:
                return _NOTHING_OPEN
            case BoxTool() | Lasso() | Grid() as tool:
                self._put_in(tool.shape(self.size, self.cursor))
            case _:  # a stroke and segments are in the mask already
                self.tool, self.mode = None, Mode.ADD
        return ""

    def _swap(self) -> str:
        if not isinstance(self.tool, BoxTool):
            return "No box is open: v starts a rectangle, V an ellipse."
        self.tool.anchor, self.cursor = self.cursor, self.tool.anchor
        return ""

    def _wand(self, tolerance: int | None) -> str:
        near = WAND_TOLERANCE if tolerance is None else min(tolerance, 255)
        self._put_in(mask_shapes.wand(self.picture, self.cursor, near))
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

    def _put_in(self, shape: Levels) -> None:
        self._push(mask_shapes.combine(self.mask, shape, self.mode))
        self.tool, self.mode = None, Mode.ADD

    def _push(self, mask: Levels) -> str:
        self.history.push(mask)
        return ""


_NOTHING_OPEN = "Nothing is being drawn: v starts a rectangle, V an ellipse, b a brush stroke."
_WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_WHILE_PAINTING = {
    *(f"mask-{far}{way}" for way in _WAYS for far in ("", "far-")),
    *(f"mask-{edge}-edge" for edge in ("left", "right", "top", "bottom")),
    *("mask-brush", "mask-wider", "mask-narrower", "mask-commit", "mask-back"),
}
"""Everything else ends a stroke first."""


def refuse_empty(mask: Levels) -> None:
    """Say it before anything is queued.

    Raises:
        ImagingError: nothing is masked.
    """
    if not mask.any():
        raise ImagingError(
            "the mask is empty, so there is nothing to paint: press w and draw over what to repair"
        )
