"""How pictures are shown: an explicit choice wins, then tmux is asked, then the terminal."""

import fcntl
import os
import re
import struct
import termios
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from tui.domain.text import clean
from tui.terminal.fitting import CELL_PIXELS
from tui.terminal.questions import Answers, Questions
from tui.terminal.tmux import Tmux, ask_tmux, in_tmux

Kind = Literal["kitty", "sixel", "blocks", "none"]
KINDS: tuple[Kind, ...] = get_args(Kind)
AUTO = "auto"
VARIABLE = "KEEPERS_IMAGES"

_MUTE = re.compile(r"|dumb|unknown|linux|screen.*|tmux.*|vt\d.*|cons.*|eterm.*|emacs.*|ansi")
"""Terminal types that cannot show more than blocks, or print the questions."""
_KITTY = re.compile(r"kitty\((\d+)\.(\d+)", re.IGNORECASE)
_PLACEHOLDERS_SINCE = (0, 28)
_GHOSTTY = re.compile(r"ghostty", re.IGNORECASE)
_COLOURFUL = re.compile(r"kitty|ghostty|foot|wezterm|iterm2|konsole|contour", re.IGNORECASE)
"""Terminals with 24-bit colour, which COLORTERM does not say over SSH."""

ALLOW_LINE = "tmux set -p allow-passthrough on"


@dataclass(frozen=True)
class Choice:
    """How pictures are shown, and why."""

    kind: Kind = "blocks"
    why: str = "asked for"
    do: str = ""
    """One line that would make it better; empty if nothing would."""
    cell: tuple[int, int] = CELL_PIXELS
    """Width and height of a cell in pixels."""
    in_tmux: bool = False
    exact_colours: bool = True
    """Whether 24-bit colours reach the terminal; if not, kitty's numbers end at 255."""
    colourful: bool = False
    """Whether the terminal is known to have 24-bit colour, whatever COLORTERM says."""
    answers_due: bool = False
    """Whether answers to questions may still arrive among the keys."""


class Choosing:
    """Begins when it is made, and may ask the terminal; `choice` waits for what it answers.

    What lies between takes no longer for it: an answer over a slow line needs as long as the
    interface takes to be loaded.
    """

    def __init__(self, wanted: str, environ: Mapping[str, str] = os.environ) -> None:
        """`wanted` is one of `KINDS`, or `auto`."""
        self._wanted, self._term = wanted, environ.get("TERM", "")
        self._screen = "STY" in environ
        self._questions: Questions | None = None
        if self.asks_terminal:
            try:
                self._questions = Questions(0, 1)
            except OSError:
                self._questions = None

    @property
    def asks_terminal(self) -> bool:
        """Whether the terminal has to be asked: only where nobody else knows."""
        if self._wanted in KINDS or in_tmux() or self._screen:
            return False
        return _MUTE.fullmatch(self._term) is None and os.isatty(0) and os.isatty(1)

    def choice(self) -> Choice:
        """How pictures are shown."""
        if self._questions is not None:
            questions, self._questions = self._questions, None
            return by_answers(questions.answers(), cell_by_system())
        if self._wanted in ("blocks", "none"):
            return Choice(cast("Kind", self._wanted))
        if in_tmux():
            tmux = ask_tmux()
            found = by_tmux(tmux)
            if self._wanted == AUTO:
                return found
            kind = cast("Kind", self._wanted)
            do = ALLOW_LINE if tmux is not None and not tmux.passes_through else ""
            return replace(found, kind=kind, why="asked for", do=do)
        if self._wanted != AUTO:
            return Choice(cast("Kind", self._wanted), cell=cell_by_system())
        if self._screen:
            return Choice(why="screen keeps pictures from the terminal", do="use tmux instead")
        if self._term.startswith(("screen", "tmux")):
            return Choice(
                why="the terminal is a tmux on another machine, which keeps pictures to itself",
                do="connect from outside tmux, or run tmux on this machine",
            )
        return Choice(why=f"a terminal of the type “{clean(self._term)}” has nothing sharper")

    def __enter__(self) -> "Choosing":
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave the terminal as it was, also if nobody has asked for the choice."""
        if self._questions is not None:
            # What still comes would be typed into the shell.
            self._questions.answers()


def wanted(option: str | None, environ: Mapping[str, str], setting: str) -> str:
    """What was asked for: by the option, else by the environment, else by the setting.

    Raises:
        ValueError: the environment names something else.
    """
    named = option or environ.get(VARIABLE, "") or setting
    if named not in (*KINDS, AUTO):
        raise ValueError(f"{VARIABLE} is “{clean(named)}”: give {', '.join(KINDS)} or {AUTO}")
    return named


def by_answers(said: Answers, cell: tuple[int, int]) -> Choice:
    """The choice outside tmux, from what the terminal answered."""
    name = clean(said.name)
    found = Choice(
        cell=said.cell if all(said.cell) else cell,
        colourful=_COLOURFUL.search(name) is not None,
        answers_due=True,
    )
    if said.kitty and has_placeholders(name):
        return replace(found, kind="kitty", why=f"{name} keeps pictures as text")
    if name.lower().startswith("tmux"):
        return replace(
            found,
            why=f"the terminal is a {name} on another machine, which keeps pictures to itself",
            do="connect from outside tmux, or run tmux on this machine",
        )
    if said.sixel:
        return replace(found, kind="sixel", why=f"{name or 'the terminal'} draws sixels")
    if not said.complete:
        return replace(
            found,
            why="the terminal did not answer in time",
            do=f"export {VARIABLE}=kitty if it is kitty or Ghostty",
        )
    if _KITTY.search(name):
        return replace(
            found, why=f"{name} has no Unicode placeholders", do="kitty 0.28 and later have them"
        )
    return replace(
        found,
        why=f"{name or 'the terminal'} has neither kitty's placeholders nor sixels",
        do="kitty, Ghostty, foot or WezTerm show pictures sharp",
    )


def by_tmux(tmux: Tmux | None) -> Choice:
    """The choice inside tmux, from what tmux knows of the terminal around it."""
    if tmux is None:
        return Choice(why="tmux does not answer", in_tmux=True)
    found = Choice(
        cell=tmux.cell if all(tmux.cell) else CELL_PIXELS,
        in_tmux=True,
        exact_colours=tmux.exact_colours,
        colourful=tmux.exact_colours,
    )
    name = clean(tmux.name)
    rgb = "" if tmux.exact_colours else f"tmux set -as terminal-features ',{clean(tmux.term)}:RGB'"
    if has_placeholders(name):
        if tmux.passes_through:
            return replace(
                found, kind="kitty", why=f"{name} around tmux keeps pictures as text", do=rgb
            )
        return replace(
            found,
            why=f"tmux keeps sharp pictures from {name}",
            do=ALLOW_LINE,
        )
    why = f"{name or 'the terminal'} around tmux has no placeholders; tmux loses sixels"
    return replace(found, why=why, do=rgb if _COLOURFUL.search(name) else "")


def has_placeholders(name: str) -> bool:
    """Whether the terminal of this name is known to show pictures as text."""
    if found := _KITTY.search(name):
        return (int(found.group(1)), int(found.group(2))) >= _PLACEHOLDERS_SINCE
    return _GHOSTTY.search(name) is not None


def cell_by_system() -> tuple[int, int]:
    """Pixels of a cell as the system knows them, without asking the terminal."""
    try:
        size = fcntl.ioctl(1, termios.TIOCGWINSZ, b"\0" * 8)
    except OSError:
        return CELL_PIXELS
    rows, columns, width, height = struct.unpack("HHHH", size)
    if not (rows and columns and width and height):
        return CELL_PIXELS
    return width // columns, height // rows
