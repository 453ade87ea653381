"""Looking closely: one picture as large as the terminal, or two of them in step."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import bindings
from tui.domain.text import clean
from tui.screens.frame import FrameScreen
from tui.screens.shown_file import FileScreen
from tui.widgets.image_view import ZOOMS, ImageView
from tui.widgets.pair_view import PairView, Shown

__all__ = ["LookScreen", "Shown", "TwoUpScreen"]

_FOOTER = (
    ("zoom", "closer"),
    ("copy-path", "copy path"),
    ("open-outside", "open outside"),
    ("back", "back"),
)


class LookScreen(FileScreen, FrameScreen):
    """One of several pictures; h l go to the next while the whole is seen, and pan while not."""

    PLACE = "look"
    BINDINGS = bindings("look")
    FOOTER = _FOOTER
    DEFAULT_CSS = """
    LookScreen .caption { height: auto; max-height: 2; }
    """

    def __init__(self, pictures: Sequence[Shown], current: int = 0) -> None:
        super().__init__()
        self._pictures, self._current = list(pictures), current

    def body(self) -> Iterable[Widget]:
        """The picture and its line."""
        yield ImageView(self._pictures[self._current].path)
        yield Static(classes="caption")

    def coach(self) -> str:
        """What the keys do here."""
        return "z closer, and out again · h j k l move · q back"

    def on_mount(self) -> None:
        """Say what it is."""
        self._say()

    def on_resize(self) -> None:
        """The path is cut to the width."""
        self._say()

    def action_zoom(self) -> None:
        """The next closer look; after the closest, back to where one came from."""
        view = self.query_one(ImageView)
        if view.zoom == ZOOMS[-1]:
            self.action_back()
            return
        view.zoom_in()
        self._say()

    def action_left(self) -> None:
        """The picture before, or more to the left."""
        self._move(-1, 0)

    def action_right(self) -> None:
        """The next picture, or more to the right."""
        self._move(1, 0)

    def action_up(self) -> None:
        """More of the upper part."""
        self._move(0, -1)

    def action_down(self) -> None:
        """More of the lower part."""
        self._move(0, 1)

    def shown_file(self) -> Path | None:
        """The picture's that is looked at."""
        return self._pictures[self._current].path

    def _move(self, right: int, down: int) -> None:
        view = self.query_one(ImageView)
        if view.zoom > 1:
            view.pan(right, down)
        elif 0 <= self._current + right < len(self._pictures) and right:
            self._current += right
            view.show_path(self._pictures[self._current].path)
        self._say()

    def _say(self) -> None:
        shown, view = self._pictures[self._current], self.query_one(ImageView)
        of = f"{self._current + 1} of {len(self._pictures)} · " if len(self._pictures) > 1 else ""
        closer = f"{view.zoom_words} · " if view.zoom > 1 else ""
        words = clean(f"{of}{closer}{shown.says}", limit=400)
        text = Text(f" {words}\n", no_wrap=True, overflow="ellipsis")
        path, room = clean(str(shown.path), limit=1000), max(10, self.size.width - 3)
        # The end of a path tells more than its beginning.
        text.append(f" {path if len(path) <= room else '…' + path[1 - room :]}", style="dim")
        self.query_one(".caption", Static).update(text)


class TwoUpScreen(FileScreen, FrameScreen):
    """Two pictures beside each other; zoom and movement go for both."""

    PLACE = "look"
    BINDINGS = bindings("look")
    FOOTER = _FOOTER

    def __init__(self, left: Shown, right: Shown) -> None:
        super().__init__()
        self._left, self._right = left, right

    def body(self) -> Iterable[Widget]:
        """The pair."""
        yield PairView()

    def coach(self) -> str:
        """What the keys do, and how far the two differ."""
        pair = self.query(PairView)
        found = pair.first().measured if pair else None
        how = f"{found.in_words()}, {found.where} · " if found is not None else ""
        return f"{how}z closer, and out again · h j k l move · q back"

    def on_mount(self) -> None:
        """Show both."""
        self.query_one(PairView).show(self._left, self._right)

    def on_pair_view_measured(self) -> None:
        """Say how far they differ."""
        self.refresh_frame()

    def action_zoom(self) -> None:
        """The next closer look; after the closest, back to where one came from."""
        views = self.query_one(PairView).views
        if views[0].zoom == ZOOMS[-1]:
            self.action_back()
            return
        for view in views:
            view.zoom_in()

    def action_left(self) -> None:
        """More to the left."""
        self._pan(-1, 0)

    def action_right(self) -> None:
        """More to the right."""
        self._pan(1, 0)

    def action_up(self) -> None:
        """More of the upper part."""
        self._pan(0, -1)

    def action_down(self) -> None:
        """More of the lower part."""
        self._pan(0, 1)

    def shown_file(self) -> Path | None:
        """The right picture's."""
        return self._right.path

    def _pan(self, right: int, down: int) -> None:
        for view in self.query_one(PairView).views:
            view.pan(right, down)
