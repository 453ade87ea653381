"""How this program shows pictures in this terminal: what its widgets ask."""

import secrets
from typing import Any

from PIL import Image
from rich.style import Style
from textual.app import App
from textual.strip import Strip

from tui.terminal import blocks, kitty
from tui.terminal.choosing import ALLOW_LINE, Choice, Kind
from tui.terminal.driver import TerminalDriver
from tui.terminal.fitting import fitted
from tui.terminal.glyphs import GLYPH_SETS
from tui.terminal.pace import Pace
from tui.terminal.remembered import Remembered
from tui.terminal.strips import block_strips, text_strips
from tui.terminal.uploads import Uploads

_BYTES_PER_CELL = 30
"""About what a cell of two colours takes on the line."""


class Pictures:
    """One for the program; without a terminal, as in tests, it draws blocks in full colour."""

    def __init__(
        self, choice: Choice | None = None, *, blocks: str = "quadrants", bytes_per_second: int = 0
    ) -> None:
        """`blocks` names a set of glyphs; 0 bytes a second is no limit."""
        self.choice = choice or Choice()
        self.pace = Pace(bytes_per_second)
        self.uploads: Uploads | None = None
        """Pictures in the terminal's memory; None where that has none."""
        self.remembered = Remembered()
        self.colours = 1 << 24
        """How many there are: 0 is none."""
        self._glyphs = GLYPH_SETS[blocks]
        self._driver: TerminalDriver | None = None

    @property
    def kind(self) -> Kind:
        """How pictures are shown."""
        if self.choice.kind in ("kitty", "sixel") and self._driver is None:
            return "blocks"
        return self.choice.kind

    @property
    def hint(self) -> str:
        """What a person should know who could have sharp pictures by one line."""
        if self.choice.do != ALLOW_LINE:
            return ""
        return f"{self.choice.why}: {ALLOW_LINE}, and open Keepers again; or choose images = blocks"

    def connect(self, app: App[Any]) -> None:
        """Use the terminal of an app that has begun to run."""
        driver = app._driver
        if isinstance(driver, TerminalDriver):
            self._driver = driver
            self.pace.backlog = lambda: driver.backlog
            system = app.console.color_system
            self.colours = {"truecolor": 1 << 24, "256": 256}.get(system or "", 0)
            if self.choice.kind == "kitty":
                base = 0
                if self.choice.exact_colours:
                    # Another program in the same terminal will hardly have the same upper bits.
                    base = secrets.randbelow(0xFFFE) + 1 << 8
                driver.number_base = base
                self.uploads = Uploads(
                    driver.write, self.pace, in_tmux=self.choice.in_tmux, base=base
                )
                driver.farewell = self.uploads.farewell
        if app.no_color:
            self.colours = 0

    def draw_again(self) -> None:
        """Send everything again, to a terminal that is empty then."""
        if self.uploads is not None:
            self.uploads.forget()
        if self._driver is not None:
            self._driver.write("\x1b[2J")

    def write(self, text: str) -> None:
        """Send something of a picture's to the terminal."""
        if self._driver is not None:
            self._driver.write(text)
            self.pace.spend(len(text))

    def cells_of(self, size: tuple[int, int], columns: int, rows: int) -> tuple[int, int]:
        """The most cells, of those there are, that a picture of that size fills."""
        most = kitty.LARGEST
        return fitted(size, min(columns, most), min(rows, most), self.choice.cell)

    def pixels_of(self, cells: tuple[int, int]) -> tuple[int, int]:
        """Width and height in pixels of that many columns and rows."""
        return cells[0] * self.choice.cell[0], cells[1] * self.choice.cell[1]

    def block_lines(
        self, picture: Image.Image, width: int, height: int, *, style: Style, dark: bool
    ) -> list[Strip]:
        """The lines of a widget of that many cells with the picture, mode RGB, in its middle.

        Args:
            picture: what is shown.
            width: columns of the widget.
            height: rows of the widget.
            style: of the text in it, for shades.
            dark: whether its background is dark.
        """
        columns, rows = self.cells_of(picture.size, width, height)
        top = (height - rows) // 2
        if not self.colours:
            texts = blocks.shades(picture, columns, rows, dark=dark)
            return text_strips(texts, columns, width, top, height, style)
        cells = blocks.fit(picture, columns, rows, self._glyphs)
        if self.colours == 256:
            cells = blocks.in_256_colours(cells)
        self.pace.spend(columns * rows * _BYTES_PER_CELL)
        return block_strips(cells, width, top, height)
