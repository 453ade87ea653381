"""The one widget that shows a picture: fitted, zoomed, panned, tinted by an overlay."""

from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text
from textual import work
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.text import clean
from tui.imaging.errors import ImagingError
from tui.imaging.pixels import Levels, open_picture
from tui.terminal.halfcells import fitted, half_cells

ZOOMS = (1, 2, 4, 8)
TINT = np.array((255, 60, 60), np.float32)
"""Colour of the overlay; the shape, not the colour, carries the meaning."""


class ImageView(Widget):
    """A picture in half blocks; `show` and `show_path` may be called at any time."""

    DEFAULT_CSS = """
    ImageView { width: 1fr; height: 1fr; }
    """

    zoom: reactive[int] = reactive(1)
    """1 fits the whole picture; 2, 4, 8 show a part of it."""

    def __init__(
        self, path: Path | str | None = None, *, id: str | None = None, classes: str = ""
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._picture: Image.Image | None = None
        self._overlay: Levels | None = None
        self._centre = (0.5, 0.5)
        self._says = ""
        self._drawn: tuple[object, RenderableType] | None = None
        self._version = 0
        self._path = Path(path) if path else None

    def on_mount(self) -> None:
        """Read the picture once there is somewhere to show it."""
        if self._path is not None:
            self.show_path(self._path)

    @property
    def picture(self) -> Image.Image | None:
        """What is shown, whole."""
        return self._picture

    def show(self, picture: Image.Image | None, says: str = "") -> None:
        """Show a picture, or a word where there is none."""
        self._picture, self._says = picture, says
        self._version += 1
        self.refresh()

    def show_path(self, path: Path | str) -> None:
        """Show a file; it is read off the event loop."""
        self._path = Path(path)
        self._read(self._path)

    def tint(self, overlay: Levels | None) -> None:
        """Tint the picture where the overlay, height × width of uint8, is not 0."""
        self._overlay = overlay
        self._version += 1
        self.refresh()

    def pan(self, right: int, down: int) -> None:
        """Move the zoomed part by eighths of what is seen."""
        step = 0.125 / self.zoom * 2
        x, y = self._centre
        self._centre = (min(1.0, max(0.0, x + right * step)), min(1.0, max(0.0, y + down * step)))
        self._version += 1
        self.refresh()

    def zoom_in(self) -> None:
        """The next closer look; after the closest, the whole picture again."""
        self.zoom = ZOOMS[(ZOOMS.index(self.zoom) + 1) % len(ZOOMS)]

    def shown_box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the part that is seen, in picture pixels."""
        if self._picture is None:
            return 0, 0, 0, 0
        width, height = self._picture.size
        w, h = max(1, width // self.zoom), max(1, height // self.zoom)
        left = round(min(max(self._centre[0] * width - w / 2, 0), width - w))
        top = round(min(max(self._centre[1] * height - h / 2, 0), height - h))
        return left, top, left + w, top + h

    def render(self) -> RenderableType:
        """The picture as cells, centred; kept until something changes."""
        columns, rows = self.size
        if self._picture is None or columns < 1 or rows < 1:
            return Text(self._says, justify="center")
        key = (self._version, self.zoom, columns, rows)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, self._cells(columns, rows))
        return self._drawn[1]

    def _cells(self, columns: int, rows: int) -> RenderableType:
        part = self._tinted().crop(self.shown_box())
        wide, tall = fitted(part.size, columns, rows)
        left, top = (columns - wide) // 2, (rows - tall) // 2
        return Group(Padding(half_cells(part, wide, tall), (top, 0, 0, left), expand=False))

    def _tinted(self) -> Image.Image:
        assert self._picture is not None
        if self._overlay is None or self._overlay.shape != self._picture.size[::-1]:
            return self._picture
        alpha = (self._overlay.astype(np.float32) / 255 * 0.5)[..., None]
        base = np.asarray(self._picture.convert("RGB"), np.float32)
        return Image.fromarray((base * (1 - alpha) + TINT * alpha).astype(np.uint8))

    @work(thread=True, exclusive=True, exit_on_error=False, group="read-picture")
    def _read(self, path: Path) -> None:
        try:
            picture, says = open_picture(path), ""
        except ImagingError as error:
            picture, says = None, clean(str(error), limit=200)
        if path == self._path:
            self.app.call_from_thread(self.show, picture, says)


def caption(text: str) -> Content:
    """Foreign text as a caption: harmless, and never read as markup."""
    return Content(clean(text, limit=200))
