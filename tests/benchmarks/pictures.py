"""Bytes and milliseconds of pictures: one of 1024² at 80 × 40 cells, and a grid of 3 × 3.

Beside our own: textual-image's renderables and widgets, and chafa and timg where they are
installed. How near blocks come to the picture is measured at 800 × 800 pixels; chafa's other glyphs
are drawn by a font.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console

from tests.terminal.outer import OuterTerminal
from tui.imaging.pixels import Levels
from tui.terminal import kitty
from tui.terminal.blocks import fit
from tui.terminal.glyphs import GLYPH_SETS
from tui.terminal.sixel import sixels
from tui.terminal.strips import block_strips

CELLS, CELL = (80, 40), (10, 20)
ROUNDS = 5
QUIET = 2.0
"""Seconds without a byte after which a terminal has got all of it; sixels take long to make."""
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
ROOT = Path(__file__).parent.parent.parent
Values = npt.NDArray[np.float64]
_CONSOLE = Console(color_system="truecolor", force_terminal=True, width=200)


def run() -> None:
    """Print the figures."""
    picture = photograph()
    truth = np.asarray(picture.resize((800, 800), Image.Resampling.BOX))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.png"
        picture.save(file)
        print("one picture of 1024² in 80 × 40 cells           bytes      ms     PSNR   SSIM")
        for name, glyphs in GLYPH_SETS.items():
            cells = fit(picture, *CELLS, glyphs)

            def drawn(glyphs: object = glyphs) -> str:
                strips = block_strips(fit(picture, *CELLS, glyphs), 80, 0, 40)  # type: ignore[arg-type]
                return "\n".join(strip.render(_CONSOLE) for strip in strips)

            pixels = Image.fromarray(cells.as_pixels()).resize((800, 800), Image.Resampling.NEAREST)
            _tell(f"blocks, {name}", drawn, _near(np.asarray(pixels), truth))
        _tell("kitty, first time", lambda: _upload(picture))
        _tell(
            "kitty, placed again", lambda: kitty.with_numbers("\n".join(kitty.cells(40, *CELLS)), 0)
        )
        _tell("sixel", lambda: sixels(picture, *CELLS, CELL))
        _others(picture, file, truth)
        _grids(Path(folder), picture)


def photograph() -> Image.Image:
    """A photograph where one is installed, enlarged; else waves."""
    import textual_image

    found = Path(textual_image.__file__).parent / "gracehopper.jpg"
    if found.exists():
        return Image.open(found).convert("RGB").resize((1024, 1024), Image.Resampling.LANCZOS)
    from tests.terminal.conftest import painting

    return painting(1, 1024)


def _upload(picture: Image.Image) -> str:
    png = kitty.png(picture, (800, 800))
    sent = "".join(kitty.upload(40, png, *CELLS, in_tmux=False))
    return sent + kitty.with_numbers("\n".join(kitty.cells(40, *CELLS)), 0)


def _tell(name: str, make: Callable[[], str], near: str = "") -> None:
    made, times = make(), []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        make()
        times.append(time.perf_counter() - begun)
    print(f"{name:44} {len(made.encode()):10} {min(times) * 1e3:7.1f} {near}")


def _near(shown: Levels, truth: Levels) -> str:
    error = ((shown.astype(float) - truth) ** 2).mean()
    return f"{10 * np.log10(255**2 / error):8.2f} {_ssim(shown, truth):6.3f}"


def _ssim(a: Levels, b: Levels) -> float:
    """Structural similarity of the lightness, Gaussian window of 1.5 pixels."""
    x, y = (cv2.cvtColor(c, cv2.COLOR_RGB2GRAY).astype(np.float64) for c in (a, b))

    def mean(values: Values) -> Values:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float64)

    mx, my = mean(x), mean(y)
    vx, vy, both = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    one, two = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    found = (2 * mx * my + one) * (2 * both + two) / ((mx**2 + my**2 + one) * (vx + vy + two))
    return float(found.mean())


def _others(picture: Image.Image, file: Path, truth: Levels) -> None:
    from textual_image.renderable.halfcell import Image as Halfcell

    def half() -> str:
        with _CONSOLE.capture() as captured:
            _CONSOLE.print(Halfcell(picture, width=80, height=40))
        return captured.get()

    _tell("textual-image, half cells", half)
    size = ["-s", "80x40", "--stretch", "-f", "symbols", "-c", "full", "--animate", "off"]
    programs = {
        "chafa, its default symbols": ["chafa", *size],
        "chafa, quadrants": ["chafa", *size, "--symbols", "quad+half+solid+space"],
        "timg, quarters": ["timg", "-pq", "-g80x40", "-U"],
    }
    for name, command in programs.items():
        if shutil.which(command[0]) is None:
            print(f"{name:44} not installed")
            continue

        def made(command: list[str] = command) -> str:
            return subprocess.run([*command, file], capture_output=True, text=True).stdout

        near = _near(_painted(made()), truth) if command[0] == "chafa" and FONT.exists() else ""
        _tell(name, made, near)


def _painted(text: str) -> Levels:
    """Terminal text as it would be seen: 800 × 800 pixels."""
    font = ImageFont.truetype(str(FONT), 17)
    canvas = np.zeros((800, 800, 3))
    front = back = np.zeros(3)
    row = column = 0
    for codes, sign in re.findall(r"\x1b\[([\d;?]*)[A-Za-z]|([^\x1b])", text):
        if sign == "\n":
            row, column = row + 1, 0
        elif sign and row < 40 and column < 80:
            weight = _glyph(sign, font)[..., None]
            place = np.s_[row * 20 : row * 20 + 20, column * 10 : column * 10 + 10]
            canvas[place] = front * weight + back * (1 - weight)
            column += 1
        elif codes is not None and not sign:
            numbers = [int(n) for n in codes.split(";") if n.isdigit()]
            while numbers:
                code, *numbers = numbers
                if code in (38, 48) and numbers[:1] == [2]:
                    colour, numbers = np.array(numbers[1:4]), numbers[4:]
                    front, back = (colour, back) if code == 38 else (front, colour)
                elif code == 7:
                    front, back = back, front
                elif code == 0:
                    front = back = np.zeros(3)
    return np.asarray(np.clip(canvas + 0.5, 0, 255), np.uint8)


def _glyph(sign: str, font: ImageFont.FreeTypeFont) -> Values:
    """How much of each pixel of a cell a character covers."""
    eighth, elements = ord(sign) - 0x2580, GLYPH_SETS["quadrants"]
    cell: Values = np.zeros((20, 10))
    if 1 <= eighth <= 8:
        cell[round(20 - eighth * 2.5) :] = 1
    elif 9 <= eighth <= 15:
        cell[:, : round((16 - eighth) * 1.25)] = 1
    elif sign in elements.glyphs:
        pattern = elements.patterns[elements.glyphs.index(sign)]
        parts = [pattern >> part & 1 for part in range(elements.parts)]
        drawn = Image.fromarray(np.array(parts, np.uint8).reshape(elements.rows, elements.columns))
        cell = np.asarray(drawn.resize((10, 20), Image.Resampling.NEAREST), np.float64)
    else:
        drawn = Image.new("L", (10, 20))
        ImageDraw.Draw(drawn).text((0, 0), sign, fill=255, font=font)
        cell = np.asarray(drawn, np.float64) / 255
    return cell


_THEIRS = """
import sys
from textual.app import App
from textual.containers import Grid, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static
import textual_image.renderable
from textual_image.widget import {widget} as View
class Pane(Vertical, can_focus=True):
    DEFAULT_CSS = "Pane {{ border: round gray; }} Pane:focus {{ border: double white; }}"
class Question(ModalScreen):
    BINDINGS = [("m", "dismiss", "")]
    def compose(self):
        yield Static("a question")
class Wall(App):
    CSS = "Grid {{ grid-size: 3; }} Static {{ height: 1; }}"
    BINDINGS = [("s", "status", ""), ("m", "ask", ""), ("q", "quit", "")]
    def compose(self):
        yield Static("status 0")
        with Grid():
            for file in sys.argv[1:]:
                with Pane():
                    yield View(file)
    def action_status(self):
        self.query_one(Static).update("status 1")
    def action_ask(self):
        self.push_screen(Question())
Wall().run()
"""


def _grids(folder: Path, picture: Image.Image) -> None:
    files = [str(folder / f"{n}.png") for n in range(9)]
    for number, file in enumerate(files):
        picture.rotate(number * 3).save(file)
    print("\n3 × 3 pictures of 1024² in 160 × 48 cells; first paint is from the program's start")
    print(f"{'':32}first paint          focus move           status               modal screen")
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import tests.terminal.wall as w; w.main()"
    )
    ours = [sys.executable, "-c", program, str(folder / "keys"), json.dumps({}), *files]
    for kind in ("kitty", "sixel", "blocks"):
        _grid(f"ours, {kind}", ours, {"KEEPERS_IMAGES": kind})
    for widget in ("TGPImage", "SixelImage", "HalfcellImage"):
        code = _THEIRS.format(widget=widget)
        command = [sys.executable, "-W", "ignore", "-c", code, *files]
        _grid(f"textual-image, {widget}", command, {})


def _grid(name: str, command: list[str], env: dict[str, str]) -> None:
    env = env | {"COLORTERM": "truecolor"}
    with OuterTerminal(command, size=(160, 48), env=env) as terminal:
        figures = [_cost(terminal, b"")]
        _cost(terminal, b"\t")  # the first one only gives the focus
        figures += [_cost(terminal, keys) for keys in (b"\t", b"s", b"m")]
        shown = "  ".join(f"{count / 1000:7.1f} KB {ms:5.0f} ms" for count, ms in figures)
        print(f"{name:30} {shown}")


def _cost(terminal: OuterTerminal, keys: bytes) -> tuple[int, float]:
    """Bytes, and milliseconds to the last of them."""
    before = terminal.press(keys) if keys else 0
    begun = last = time.perf_counter()
    seen = before
    while time.perf_counter() - last < (QUIET if keys else 2 * QUIET):
        time.sleep(0.005)
        if len(terminal.bytes) != seen:
            seen, last = len(terminal.bytes), time.perf_counter()
    return seen - before, (last - begun) * 1e3
