"""Asking the terminal what it is: one batch of questions, the last of which everybody answers.

The answers arrive as if they were typed. So this has to be over before anything else reads keys;
and where a terminal takes too long, `without_answers` keeps what still comes from the keys.
"""

import contextlib
import os
import re
import select
import termios
import time
import tty
from dataclasses import dataclass
from typing import Any

_QUESTIONS = (
    "\x1b[>q"  # its name and version
    "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"  # kitty's graphics
    "\x1b[16t"  # pixels of a cell
    "\x1b[c"  # what it can do; 4 is sixel
    "\x1b[5n"  # is all well: answered by all, and after the others
)
_CLEAN_UP = "\r\x1b[K"
"""Takes away what a terminal that does not know a question has printed of it."""
PATIENCE = 2.0
"""Seconds from the questions to the last answer."""

_NAME = re.compile(rb"\x1bP>\|([^\x1b\x07]*)(?:\x1b\\|\x07)")
_GRAPHICS = re.compile(rb"\x1b_Gi=31[^\x1b;]*;([^\x1b]*)\x1b\\")
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_ABILITIES = re.compile(rb"\x1b\[\?([\d;]*)c")
_LAST = re.compile(rb"\x1b\[[03]n")
_ANSWER = re.compile(
    r"\x1bP>\|[^\x1b\x07]*(?:\x1b\\|\x07)|\x1b_G[^\x1b]*\x1b\\|\x1b\[6;\d+;\d+t"
    r"|\x1b\[\?[\d;]*c|\x1b\[[03]n"
)
_BEGUN = re.compile(
    r"(?:\x1bP>[^\x1b\x07]*\x1b?|\x1b_G[^\x1b]*\x1b?|\x1b\[(?:[036]|6;|\?)[\d;]*)\Z"
)
_LONGEST = 400
"""Characters of an answer of which the end has not come; more are no answer."""


@dataclass(frozen=True)
class Answers:
    """What the terminal said of itself."""

    name: str = ""
    """Such as `kitty(0.42.0)`; empty if it did not say."""
    kitty: bool = False
    """Whether it knows kitty's graphics, of which placeholders are only a part."""
    sixel: bool = False
    cell: tuple[int, int] = (0, 0)
    """Pixels of a cell, width and height; zeros if it did not say."""
    complete: bool = True
    """Whether all answers have come; if not, some may still come."""


class Questions:
    """The questions are sent when this is made; `answers` waits, and puts the terminal back."""

    def __init__(self, keyboard: int, screen: int) -> None:
        """Takes the file descriptors to read from and to write to.

        Raises:
            OSError: this is no terminal, or it is gone.
        """
        self._keyboard, self._screen = keyboard, screen
        try:
            self._before: list[Any] = termios.tcgetattr(keyboard)
            tty.setcbreak(keyboard, termios.TCSANOW)
        except termios.error as error:
            raise OSError(*error.args) from error
        self._begun = time.monotonic()
        os.write(screen, _QUESTIONS.encode())

    def answers(self, patience: float = PATIENCE) -> Answers:
        """What was answered within that many seconds from asking.

        What the person typed meanwhile is lost with the answers; it was typed blindly.
        """
        said = b""
        try:
            end = self._begun + patience
            while not _LAST.search(said):
                left = end - time.monotonic()
                if not select.select([self._keyboard], [], [], max(0.0, left))[0]:
                    break
                said += os.read(self._keyboard, 4096)
            os.write(self._screen, _CLEAN_UP.encode())
        except OSError:
            pass
        finally:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._before)
        return read(said)


def read(said: bytes) -> Answers:
    """What the bytes that came back mean."""
    name, graphics, cell = _NAME.search(said), _GRAPHICS.search(said), _CELL.search(said)
    abilities = _ABILITIES.search(said)
    return Answers(
        name=name.group(1).decode("ascii", "replace") if name else "",
        kitty=graphics is not None and graphics.group(1) == b"OK",
        sixel=abilities is not None and b"4" in abilities.group(1).split(b";"),
        cell=(int(cell.group(2)), int(cell.group(1))) if cell else (0, 0),
        complete=_LAST.search(said) is not None,
    )


def without_answers(text: str) -> tuple[str, str]:
    """Typed text without answers, and the beginning of one whose end has not come."""
    text = _ANSWER.sub("", text)
    begun = _BEGUN.search(text)
    if begun is None or len(begun.group()) > _LONGEST:
        return text, ""
    return text[: begun.start()], begun.group()
