"""The picture while a mask is drawn on it: every printable key acts here, until Esc.

Only as many pixels as the screen shows are tinted, so that each press is answered at once
however large the picture is. In a terminal that shows pixels the picture becomes sharp again, with
its mask, as soon as no key has come for a moment.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from tui.commands import MASKING, commands_in, keys_of
from tui.imaging.mask_shapes import Point
from tui.imaging.pixels import Levels
from tui.widgets.field import ESCAPED_DIGITS
from tui.widgets.image_view import ImageView
from tui.widgets.mask_cells import MaskLines, Spot, line, outline, tinted
from tui.widgets.mask_marks import DrawnMarks
from tui.widgets.seen import Seen
from tui.workflow.mask_tools import Marks, Name
from tui.workflow.masking import MaskEditor

_BOX = "hjkl HJKL move  enter put in  o other corner  v V shape  esc give up"
_LEGENDS: dict[Name, str] = {
    "rectangle": _BOX,
    "ellipse": _BOX,
    "lasso": "hjkl HJKL move  p corner  backspace one back  enter close  esc give up",
    "brush": "hjkl HJKL paint  ( ) width  b or enter up  esc give up",
    "grid": "1…9 go in  backspace out  enter take it  v V b p draw from here  esc",
    "segments": "a…z take or give back  enter done  esc",
}
_IDLE = (
    "v V box  p lasso  b brush  w wand  g grid  f segments  ? all  u undo  + - grow  [ ] feather  "
    "a s i r mode  : numbers  m keep  ' take  esc"
)
"""What does not fit falls off its end."""
_REST = 0.4
"""Seconds without a key after which the picture is sent sharp, with its mask."""


class MaskView(ImageView):
    """A picture with its mask; `masking` says whether keys draw."""

    @dataclass
    class Pressed(Message):
        """A key did something to cursor, shape or mask."""

        says: str
        """Why it did not do what it should; empty where it did."""

    class BoxWanted(Message):
        """Numbers for a box are to be typed."""

    class KeepWanted(Message):
        """The mask is to be kept under a name."""

    class TakeWanted(Message):
        """A mask that was kept, or a file, is to be put in."""

    class HelpWanted(Message):
        """All keys are to be shown."""

    class Left(Message):
        """Keys are commands again."""

    def __init__(self, keymap: Mapping[str, str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.editor: MaskEditor | None = None
        self.masking = False
        self.fits = True
        """Whether what is shown lies where the mask lies; not so under a crop."""
        self._commands = {
            key: command.id
            for command in commands_in(MASKING)
            for key in keys_of(command, keymap).split(",")
        }
        self._base: tuple[object, Levels] | None = None
        """The picture at the size of the screen, and what it was made for."""
        self._small: tuple[object, Levels] | None = None
        """The mask, likewise."""
        self._cells = MaskLines()
        self._sharp: tuple[object, Seen] | None = None
        """Picture, mask and marks for a terminal that shows pixels, likewise."""
        self._rest: Timer | None = None
        """Runs while keys come."""

    @property
    def legend(self) -> str:
        """The keys that can be pressed now."""
        tool = None if self.editor is None else self.editor.tool
        return _IDLE if tool is None else _LEGENDS[tool.name]

    def edit(self, editor: MaskEditor | None) -> None:
        """Show, and from now on draw, another picture's mask."""
        self.editor = editor
        self._small = None
        self.redraw()

    def show(self, picture: Image.Image | None, says: str = "", *, live: bool = False) -> None:
        """Show another picture under the mask."""
        self._base = self._small = None
        super().show(picture, says, live=live)

    @property
    def wants_sharp(self) -> bool:
        """Not while keys draw: each press would send the picture again."""
        return super().wants_sharp and self._rest is None

    @property
    def seen(self) -> Seen | None:
        """The picture; in a pause, with its mask."""
        seen, editor = super().seen, self.editor
        if seen is None or editor is None or not (self._shows_mask and self.wants_sharp):
            return seen
        if self._sharp is None or self._sharp[0] != self.look:
            ratio = editor.size[0] / seen.picture.width
            box = tuple(round(side * ratio) for side in seen.box)
            marks = None
            if self.masking:
                tool, cursor = editor.tool, editor.cursor
                assert len(box) == 4
                marks = DrawnMarks(Marks() if tool is None else tool.marks(cursor), cursor, box)
            mask = _reduced(editor.mask, (0, 0, *editor.size), *seen.picture.size)
            self._sharp = self.look, Seen(seen.picture, seen.box, mask, marks)
        return self._sharp[1]

    @property
    def _shows_mask(self) -> bool:
        editor = self.editor
        return editor is not None and self.fits and (self.masking or not editor.is_empty)

    def redraw(self) -> None:
        """Show what was done to the mask from outside."""
        self._version += 1
        self.refresh()

    def _redraw_changed(self) -> None:
        """The same, but only lines that look different are written to the terminal again."""
        self._version += 1
        regions = self._changed()
        if regions is None:
            self.refresh()
        elif regions:
            self.refresh(*regions)

    def _changed(self) -> list[Region] | None:
        """The lines that differ from those drawn last; None where all may."""
        before, seen = self._drawn, self.seen
        # Sixels lie over the cells, whose lines say nothing of them.
        if before is None or seen is None or self.pictures.kind not in ("kitty", "blocks"):
            return None
        width, height = before.size
        if before.size != self.size or before.picture is not seen.picture:
            return None
        lines = self._lines(seen, width, height)
        if len(lines) != len(before.lines):
            return None
        return [
            Region(0, row, width, 1)
            for row, (new, old) in enumerate(zip(lines, before.lines, strict=True))
            if new is not old
        ]

    def begin(self) -> None:
        """Give every printable key to the picture."""
        self.masking = self.can_focus = True
        self.focus()
        self.redraw()

    def leave(self) -> None:
        """Give the keys back."""
        if self.masking:
            self.masking = self.can_focus = False
            self.zoom = 1
            self._be_sharp()
            self.post_message(self.Left())

    def on_key(self, event: events.Key) -> None:
        """Draw."""
        if not self.masking or self.editor is None:
            return
        character = event.character or ""
        escaped = ESCAPED_DIGITS.get(character)
        if event.key.startswith("alt+") and len(event.key) == len("alt+x"):
            # A terminal sends Esc and a letter typed soon after it as one alt+letter.
            escaped = event.key[-1]
        if escaped is not None:
            event.stop()
            self._press("mask-leave")
            self.app.simulate_key(escaped)
        elif self.editor.takes(character):
            event.stop()
            says = self.editor.take(character)
            self._follow(says)
        elif character.isdecimal() and (character != "0" or self.editor.count):
            event.stop()
            self.editor.digit(character)
            self.post_message(self.Pressed(""))
        elif (command := self._commands.get(event.key)) is not None:
            event.stop()
            self._press(command)
        elif event.key in ("tab", "shift+tab"):
            event.stop()
            event.prevent_default()
        elif event.is_printable:
            event.stop()
            self.editor.count = ""
            self.post_message(self.Pressed(f"{character} does nothing here: ? shows all keys."))

    def _press(self, command: str) -> None:
        assert self.editor is not None
        says = ""
        if command == "mask-leave":
            if not self.editor.drop():
                self.leave()
        elif command == "mask-box":
            self.post_message(self.BoxWanted())
        elif command == "mask-keep":
            self.post_message(self.KeepWanted())
        elif command == "mask-take":
            self.post_message(self.TakeWanted())
        elif command == "mask-help":
            self.post_message(self.HelpWanted())
        elif command == "mask-zoom":
            self.zoom_in()
        else:
            says = self.editor.press(command)
        self._follow(says)

    def _follow(self, says: str) -> None:
        """Show what a key did, and keep the cursor in sight."""
        assert self.editor is not None
        if self.zoom > 1:
            width, height = self.editor.size
            x, y = self.editor.cursor
            self._centre = (x / width, y / height)
        if self._rest is not None:
            self._rest.reset()
        elif self.pictures.kind in ("kitty", "sixel"):
            self._rest = self.set_timer(_REST, self._be_sharp)
        self._redraw_changed()
        self.post_message(self.Pressed(says))

    def _be_sharp(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        self.redraw()

    def draw(self, seen: Seen, width: int, height: int) -> list[Strip]:
        """The lines of the view: half blocks with the mask while there is one."""
        editor = self.editor
        if editor is None or not self._shows_mask:
            return super().draw(seen, width, height)
        box = seen.box
        wide, tall = self.pictures.cells_of(seen.size, width, height)
        key = (box, wide, tall)
        if self._base is None or self._base[0] != key:
            part = seen.picture.resize((wide, tall * 2), Image.Resampling.BOX, box=box)
            self._base = (key, np.asarray(part, np.uint8))
        # The picture that is shown may be a smaller preview of the one that is masked.
        ratio = editor.size[0] / seen.picture.width
        whole = tuple(round(side * ratio) for side in box)
        mask_key = (editor.history.changes, key)
        if self._small is None or self._small[0] != mask_key:
            self._small = (mask_key, _reduced(editor.mask, whole, wide, tall * 2))
        pixels = tinted(self._base[1], self._small[1])
        spots = self._spots(whole, wide, tall) if self.masking else []
        has_colour = self.pictures.colours > 0
        return self._cells.lines(pixels, spots, (width, height), has_colour=has_colour)

    def _spots(self, box: tuple[int, ...], wide: int, tall: int) -> list[Spot]:
        """Cursor and open shape, as signs in cells."""
        assert self.editor is not None
        left, top, right, bottom = box

        def cell(point: Point) -> tuple[int, int]:
            column = (point[0] - left) * wide // max(1, right - left)
            return (point[1] - top) * tall // max(1, bottom - top), column

        cursor = self.editor.cursor
        marks = Marks() if self.editor.tool is None else self.editor.tool.marks(cursor)
        spots = [] if marks.box is None else outline(*map(cell, marks.box))
        for start, end in itertools.pairwise(marks.path):
            spots += line(cell(start), cell(end))
        spots.append(Spot(*cell(cursor), "┼"))
        spots += [Spot(*cell(point), sign) for point, sign in marks.signs]
        return [s for s in spots if 0 <= s.row < tall and 0 <= s.column < wide]


def _reduced(mask: Levels, box: tuple[int, ...], wide: int, tall: int) -> Levels:
    import cv2

    left, top, right, bottom = box
    part = mask[top : max(bottom, top + 1), left : max(right, left + 1)]
    return np.asarray(cv2.resize(part, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
