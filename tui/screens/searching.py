"""A list that is narrowed as one types; what is found comes from the disk, off the event loop."""

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.frame import FrameScreen
from tui.widgets.field import Field


class SearchingScreen(FrameScreen):
    """A screen with a field `#search`, a list, and `#empty` for when nothing is in it."""

    def __init__(self) -> None:
        super().__init__()
        self._trouble = ""
        """What went wrong, or was just done; the coach's line says it."""

    @property
    def _list(self) -> Widget:
        """What has the keys while nobody types."""
        raise NotImplementedError

    def _find(self, words: str) -> object:
        """Search in the background, and show what was found for these words."""
        raise NotImplementedError

    @property
    def _search(self) -> Field:
        return self.query_one("#search", Field)

    def action_search(self) -> None:
        """Narrow by words."""
        self._search.start_typing()

    @on(Field.Changed, "#search")
    def narrow(self, event: Field.Changed) -> None:
        """Every letter narrows."""
        self._find(event.value)

    @on(Field.Left, "#search")
    def end_search(self) -> None:
        """The words stand; the keys belong to what was found."""
        self.back_to_list()

    def back_to_list(self) -> None:
        """The list has the keys again."""
        self._list.focus()

    def action_back(self) -> None:
        """First from a search to all, then back where the person was."""
        if self._search.value:
            self._search.value = ""
            self._find("")
        else:
            super().action_back()

    def _is_wanted(self, words: str) -> bool:
        """Whether these words are still searched for: after another letter another search is."""
        return self.is_mounted and words == self._search.value

    def _show_empty(self, nothing: str) -> None:
        """Say why the list is empty; with no sentence it is not."""
        self.set_class(bool(nothing), "-empty")
        self.query_one("#empty", Static).update(Content(nothing))

    def _failed(self, trouble: str) -> None:
        self._trouble = trouble
        self.refresh_frame()
