"""Thousands of lines with a cursor: only those that are seen are drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip


class LineList(ScrollView, can_focus=True, inherit_bindings=False):
    """`show` says how many lines there are and how one is drawn; j k and pages move the cursor."""

    DEFAULT_CSS = """
    LineList { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("home", "go(0)", "first", show=False),
        Binding("end", "go(-1)", "last", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Moved(Message):
        """Another line is under the cursor."""

        place: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._count = 0
        self._draw: Callable[[int], Text] = lambda _place: Text("")
        self._passable: Callable[[int], bool] = lambda _place: True

    def show(
        self,
        count: int,
        draw: Callable[[int], Text],
        cursor: int = 0,
        passable: Callable[[int], bool] | None = None,
    ) -> None:
        """Show other lines.

        Args:
            count: how many there are.
            draw: a line by its place, from 0; it is cut with a sign where it is too long.
            cursor: where the cursor is put.
            passable: whether the cursor may stand on a line; without it, on each.
        """
        self._count, self._draw = count, draw
        self._passable = passable or (lambda _place: True)
        self.virtual_size = Size(0, count)
        with self.prevent(self.Moved):
            self.cursor = self._landing(min(max(cursor, 0), max(count - 1, 0)), 1)
        self.refresh()
        self.call_after_refresh(self._reveal)

    def move(self, by: int) -> bool:
        """Move the cursor; False at the end."""
        target = self._landing(self.cursor + by, 1 if by > 0 else -1)
        if not 0 <= target < self._count or target == self.cursor:
            return False
        self.cursor = target
        return True

    def action_page(self, by: int) -> None:
        """A page on, or back."""
        height = max(1, self.scrollable_content_region.height - 1)
        target = min(max(self.cursor + by * height, 0), max(self._count - 1, 0))
        self.cursor = self._landing(target, by)

    def action_go(self, place: int) -> None:
        """To the first line, or with -1 to the last."""
        last = max(self._count - 1, 0)
        self.cursor = self._landing(last if place < 0 else 0, -1 if place < 0 else 1)

    def watch_cursor(self, before: int, after: int) -> None:
        """Two lines are drawn again; the new one is brought into sight."""
        self.refresh_line(before)
        self.refresh_line(after)
        self._reveal()
        self.post_message(self.Moved(after))

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor says whether the keys go here."""
        super().watch_has_focus(has_focus)
        self.refresh_line(self.cursor)

    def render_line(self, y: int) -> Strip:
        """One line as it is seen."""
        width, place = self.scrollable_content_region.width, y + self.scroll_offset.y
        if not 0 <= place < self._count or width < 1:
            return Strip.blank(width, self.rich_style)
        text = self._draw(place)
        text.no_wrap = True
        text.truncate(width, overflow="ellipsis")
        style = self.rich_style
        if place == self.cursor:
            style += Style(bold=True, reverse=self.has_focus)
        strip = Strip(text.render(self.app.console)).apply_style(style)
        return strip.adjust_cell_length(width, style)

    def _landing(self, place: int, direction: int) -> int:
        """The nearest line in that direction where the cursor may stand, else in the other."""
        for step in (direction, -direction):
            at = place
            while 0 <= at < self._count:
                if self._passable(at):
                    return at
                at += step
        return place

    def _reveal(self) -> None:
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if not self._count or height < 1:
            return
        if self.cursor < top or self.cursor >= top + height:
            below = self.cursor - height + 1 if self.cursor >= top + height else self.cursor
            self.scroll_to(y=below, animate=False, immediate=True)
