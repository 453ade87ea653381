"""Screens whose rows are a list of lines, with the cursor on one of them."""

from tui.screens.frame import FrameScreen
from tui.widgets.line_list import LineList


class ListingScreen(FrameScreen):
    """A screen with one `LineList`, through which the keys move."""

    @property
    def _list(self) -> LineList:
        return self.query_one(LineList)

    def action_down(self) -> None:
        """The next line."""
        self._list.focus()
        self._list.move(1)

    def action_up(self) -> None:
        """The line before."""
        self._list.focus()
        self._list.move(-1)
