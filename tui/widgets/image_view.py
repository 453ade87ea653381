"""The one widget that shows a picture: fitted, zoomed, panned, tinted by an overlay."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from rich.text import Text
from textual import work
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.domain.text import clean
from tui.imaging.errors import ImagingError
from tui.imaging.pixels import Levels, open_picture
from tui.terminal.pictures import Pictures
from tui.terminal.strips import blank
from tui.widgets.placeholders import Placeholders
from tui.widgets.seen import Seen
from tui.widgets.sixel_layer import SixelLayer

ZOOMS = (1, 2, 4, 8)
_ROOM = 1.1
"""How much more than a box is seen of each side, at least, when it is looked at."""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """The lines that were shown last."""

    key: object
    picture: Image.Image
    size: tuple[int, int]
    lines: list[Strip]


class ImageView(Widget):
    """A picture, as sharp as the terminal can; `show`, `show_path` may be called at any time."""

    DEFAULT_CSS = """
    ImageView { width: 1fr; height: 1fr; }
    """

    zoom: reactive[float] = reactive(1)
    """1 fits the whole picture; more shows a part of it."""

    def __init__(
        self, path: Path | str | None = None, *, id: str | None = None, classes: str = ""
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._picture: Image.Image | None = None
        self._overlay: Levels | None = None
        self._centre = (0.5, 0.5)
        self._says = ""
        self._drawn: _Drawn | None = None
        self._version = 0
        self._live = False
        self._path = Path(path) if path else None
        self._placeholders = Placeholders(self)
        self._sixels = SixelLayer(self)

    def on_mount(self) -> None:
        """Read the picture once there is somewhere to show it."""
        if self._path is not None:
            self.show_path(self._path)

    def on_unmount(self) -> None:
        """The terminal may forget what was shown here."""
        self._placeholders.let_go()

    @property
    def pictures(self) -> Pictures:
        """How this program shows pictures."""
        found = getattr(self.app, "pictures", None)
        assert isinstance(found, Pictures)
        return found

    @property
    def pixels_across(self) -> int:
        """How many pixels of a picture can be told apart from its left to its right."""
        cell = self.pictures.choice.cell[0] if self.pictures.kind in ("kitty", "sixel") else 2
        return round(self.zoom * max(1, self.size.width) * cell)

    @property
    def picture(self) -> Image.Image | None:
        """What is shown, whole."""
        return self._picture

    @property
    def seen(self) -> Seen | None:
        """What is to be drawn now."""
        if self._picture is None:
            return None
        return Seen(self._picture, self.shown_box(), self._overlay)

    @property
    def look(self) -> tuple[object, ...]:
        """Changes with everything that changes how the picture looks, but for its cells."""
        return self._version, self.zoom

    @property
    def wants_sharp(self) -> bool:
        """Whether the terminal's own graphics are worth it; not for what is about to change."""
        return not self._live

    def show(self, picture: Image.Image | None, says: str = "", *, live: bool = False) -> None:
        """Show a picture, or a word where there is none; `live` says that more are to come."""
        self._picture, self._says, self._live = picture, says, live
        if picture is None:
            self._placeholders.let_go()
        self._version += 1
        self.refresh()

    def show_path(self, path: Path | str) -> None:
        """Show a file; it is read off the event loop."""
        self._path = Path(path)
        self._read(self._path)

    def show_word(self, says: str) -> None:
        """Show a word, harmless, where there is no picture; a file being read no longer counts."""
        self._path = None
        self.show(None, clean(says, limit=200))

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
        closer = {*ZOOMS, self._one_to_one()}
        self.zoom = min((zoom for zoom in closer if zoom > self.zoom), default=1)

    @property
    def zoom_words(self) -> str:
        """How close the look is: `2×`, or `1:1`."""
        return "1:1" if self.zoom > 1 and self.zoom == self._one_to_one() else f"{self.zoom:g}×"

    def _one_to_one(self) -> float:
        """The zoom that shows a pixel as one of the terminal's; 1 where none does, or all do."""
        if self._picture is None or self.pictures.kind not in ("kitty", "sixel"):
            return 1
        cells = self.pictures.cells_of(self._picture.size, self.size.width, self.size.height)
        found = self._picture.width / max(1, self.pictures.pixels_of(cells)[0])
        return found if 1 < found < ZOOMS[-1] else 1

    def look_at(self, box: tuple[int, int, int, int]) -> None:
        """Look at a box, in picture pixels, as closely as it allows with a little room around."""
        if self._picture is None:
            return
        left, top, right, bottom = box
        width, height = self._picture.size
        self._centre = ((left + right) / 2 / width, (top + bottom) / 2 / height)
        needed = max((right - left) / width, (bottom - top) / height, 1e-9) * _ROOM
        self.zoom = max((zoom for zoom in ZOOMS if zoom * needed <= 1), default=1)
        self._version += 1
        self.refresh()

    def shown_box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the part that is seen, in picture pixels."""
        if self._picture is None:
            return 0, 0, 0, 0
        width, height = self._picture.size
        w, h = max(1, round(width / self.zoom)), max(1, round(height / self.zoom))
        left = round(min(max(self._centre[0] * width - w / 2, 0), width - w))
        top = round(min(max(self._centre[1] * height - h / 2, 0), height - h))
        return left, top, left + w, top + h

    def picture_changed(self) -> None:
        """The terminal has the picture now, or has lost it."""
        if self.is_mounted:
            self.refresh()

    def render(self) -> Text:
        """A word where there is no picture."""
        if self._picture is not None:
            width, height = self._picture.size
            return Text(f"picture of {width} × {height}", justify="center")
        return Text(self._says, justify="center")

    def render_line(self, y: int) -> Strip:
        """A line of the picture, which is drawn once and kept until something changes."""
        seen = self.seen
        width, height = self.size
        if seen is None or self.pictures.kind == "none" or width < 1 or height < 1:
            return super().render_line(y)
        lines = self._lines(seen, width, height)
        return lines[y] if y < len(lines) else blank(width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines that are about to be written."""
        lines = super().render_lines(crop)
        if self._picture is not None and self.pictures.kind == "sixel":
            self._sixels.touched()
        return lines

    def _lines(self, seen: Seen, width: int, height: int) -> list[Strip]:
        key = (*self.look, width, height)
        if self.pictures.kind == "kitty":
            if not self.wants_sharp:
                self._placeholders.let_go()
            elif (lines := self._placeholders.lines(key, seen)) is not None:
                self._drawn = _Drawn("sharp", seen.picture, (width, height), lines)
                return lines
            elif not self._placeholders.is_late:
                return self._meanwhile(seen.picture, width, height)
        blocks = ("blocks", key)
        if self._drawn is None or self._drawn.key != blocks:
            lines = self.draw(seen, width, height)
            self._drawn = _Drawn(blocks, seen.picture, (width, height), lines)
        return self._drawn.lines

    def _meanwhile(self, picture: Image.Image, width: int, height: int) -> list[Strip]:
        """Another part of the same picture stays until its successor is there."""
        drawn = self._drawn
        if drawn is not None and drawn.picture is picture and drawn.size == (width, height):
            return drawn.lines
        return []

    def draw(self, seen: Seen, width: int, height: int) -> list[Strip]:
        """The lines of the view in blocks."""
        return self.pictures.block_lines(
            seen.part(),
            width,
            height,
            style=self.visual_style.rich_style,
            dark=self.app.current_theme.dark,
        )

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
