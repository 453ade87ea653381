"""Two pictures beside each other: twins to compare, with blink, and a tint where they differ."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.domain.text import clean
from tui.imaging.errors import ImagingError
from tui.imaging.pixels import open_picture
from tui.widgets.image_view import ImageView
from tui.workflow.effect import Effect, effect

_KEPT = 8
"""Pictures that are kept in memory, to go back and forth between twins."""


@dataclass(frozen=True)
class Shown:
    """A picture and the line above it."""

    path: Path
    says: str


class PairView(Horizontal):
    """Parent at the left, child at the right, anything between them."""

    DEFAULT_CSS = """
    PairView { height: 1fr; }
    PairView .pane { width: 1fr; height: 1fr; }
    PairView .caption { height: 1; }
    """

    @dataclass
    class Measured(Message):
        """Both pictures are there, and their difference is known."""

        pair: tuple[Path, Path]
        effect: Effect

    def __init__(self, *between: Widget, id: str | None = None, measures: bool = True) -> None:
        """`between` stands between the two; `measures` finds how far they differ."""
        super().__init__(id=id)
        self._between, self._measures = between, measures
        self._pair: tuple[Shown | None, Shown | None] = (None, None)
        self._pictures: dict[Path, Image.Image] = {}
        self._effects: dict[tuple[Path, Path], Effect] = {}
        self._missing = ""
        self.blinking = self.tinted = False

    def compose(self) -> ComposeResult:
        """Two panes."""
        with Vertical(classes="pane", id="left-pane"):
            yield Static(classes="caption")
            yield ImageView()
        yield from self._between
        with Vertical(classes="pane", id="right-pane"):
            yield Static(classes="caption")
            yield ImageView()

    @property
    def views(self) -> tuple[ImageView, ImageView]:
        """Left and right picture."""
        left = self.query_one("#left-pane ImageView", ImageView)
        return left, self.query_one("#right-pane ImageView", ImageView)

    @property
    def measured(self) -> Effect | None:
        """The difference of the pair that is shown, once it is known."""
        left, right = self._pair
        return self._effects.get((left.path, right.path)) if left and right else None

    def show(self, left: Shown | None, right: Shown | None, missing: str = "") -> None:
        """Show a pair; `missing` stands where there is no right picture yet."""
        before, self._pair = self._pair, (left, right)
        if (left, right) != before:
            self.blinking = False
        self._missing = missing
        self._paint()
        paths = tuple(shown.path for shown in (left, right) if shown is not None)
        if any(path not in self._pictures for path in paths) or (
            self._measures and left is not None and right is not None and self.measured is None
        ):
            self._read(left, right)

    def preview(self, picture: Image.Image, says: str) -> None:
        """Show at the right how the child looks while it is being drawn."""
        if self._pair[1] is None:
            self._missing = says
            self._caption("#right-pane", says)
            if self.views[1].pictures.pace.has_room:
                self.views[1].show(picture, live=True)

    def toggle_blink(self) -> None:
        """Show parent and child in turn, both at the right."""
        self.blinking = not self.blinking
        self._paint()

    def toggle_tint(self) -> None:
        """Tint the child where it differs, or not."""
        self.tinted = not self.tinted
        self._paint()

    def _paint(self) -> None:
        left, right = self._pair
        views = self.views
        in_turn = left if self.blinking and right is not None else right
        for view, pane, shown in (
            (views[0], "#left-pane", left),
            (views[1], "#right-pane", in_turn),
        ):
            if shown is None:
                says = self._missing if pane == "#right-pane" else ""
                self._caption(pane, says)
                if view.picture is not None or says:
                    view.show(None)
                continue
            sign = ""
            if pane == "#right-pane":
                sign = "⇄ " if self.blinking else "tinted · " if self.tinted else ""
            self._caption(pane, f"{sign}{shown.says}")
            picture = self._pictures.get(shown.path)
            if view.picture is not picture:
                # Until it is read there is none: another one must not stand under these words.
                view.show(picture)
        self._paint_tint(views[1])

    def _paint_tint(self, view: ImageView) -> None:
        found, picture = self.measured, view.picture
        on = self.tinted and not self.blinking and found is not None and picture is not None
        view.tint(found.overlay(picture.size) if on and found and picture else None)

    def _caption(self, pane: str, says: str) -> None:
        text = Text(f" {clean(says, limit=200)}", no_wrap=True, overflow="ellipsis")
        self.query_one(f"{pane} .caption", Static).update(text)

    @work(thread=True, exclusive=True, exit_on_error=False, group="pair")
    def _read(self, left: Shown | None, right: Shown | None) -> None:
        pictures: dict[Path, Image.Image] = {}
        troubles: list[str] = []
        for shown in (left, right):
            if shown is None:
                continue
            try:
                pictures[shown.path] = self._pictures.get(shown.path) or open_picture(shown.path)
            except ImagingError as error:
                troubles.append(clean(str(error), limit=200))
        found = None
        if self._measures and left and right and {left.path, right.path} <= pictures.keys():
            found = effect(pictures[left.path], pictures[right.path])
        self.app.call_from_thread(self._take, (left, right), pictures, found, troubles)

    def _take(
        self,
        pair: tuple[Shown | None, Shown | None],
        pictures: dict[Path, Image.Image],
        found: Effect | None,
        troubles: list[str],
    ) -> None:
        if not self.is_mounted:
            return
        for path, picture in pictures.items():
            # Those that were used last come last, and are kept.
            self._pictures[path] = self._pictures.pop(path, picture)
        for path in list(self._pictures)[:-_KEPT]:
            del self._pictures[path]
        if found is not None and pair[0] and pair[1]:
            self._effects[pair[0].path, pair[1].path] = found
        if pair == self._pair:
            self._paint()
            for trouble in troubles:
                self.notify(trouble, severity="error", markup=False)
            if found is not None and pair[0] and pair[1]:
                self.post_message(self.Measured((pair[0].path, pair[1].path), found))
