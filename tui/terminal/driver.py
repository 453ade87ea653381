"""Textual's driver for a terminal, made to outlive that terminal and to show pictures in it."""

from collections.abc import Callable, Iterable
from typing import IO, Any, cast

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.terminal.kitty import with_numbers
from tui.terminal.questions import without_answers


class LastingFile:
    """A terminal to write to; once it is gone, what is written is dropped.

    Textual writes from a thread of its own, fed by a queue of 30 writes. An error there ends the
    thread, the queue fills, and the program waits for room in it for ever.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._is_gone = False
        self.taken = 0
        """Characters that the terminal has taken, or never will."""

    def write(self, text: str) -> int:
        """Write text, as far as there is somebody to read it."""
        try:
            return self._write(text)
        finally:
            self.taken += len(text)

    def _write(self, text: str) -> int:
        if not self._is_gone:
            try:
                return self._file.write(text)
            except (OSError, ValueError):
                self._is_gone = True
        return len(text)

    def flush(self) -> None:
        """Send what was written."""
        if not self._is_gone:
            try:
                self._file.flush()
            except (OSError, ValueError):
                self._is_gone = True

    def fileno(self) -> int:
        """The terminal's file descriptor."""
        return self._file.fileno()


class _WithoutAnswers(XTermParser):
    """Reads keys, and drops answers that come later than they were waited for."""

    expected = False
    """Whether such answers may come."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._begun = ""

    def feed(self, data: str) -> Iterable[Message]:
        """As always, without the answers."""
        if self.expected and data:
            data, self._begun = without_answers(self._begun + data)
            if not data:
                return ()
        return super().feed(data)


class TerminalDriver(LinuxDriver):
    """Writes to a terminal that may be closed at any moment."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        assert self._file is not None  # the command has seen a terminal
        self._lasting = LastingFile(self._file)
        self._file = cast("Any", self._lasting)
        self._handed_over = 0
        self.number_base = 0
        """Upper bits of the numbers that pictures have."""
        self.farewell: Callable[[], str] = str
        """What has to be written before the terminal is left."""

    @property
    def backlog(self) -> int:
        """Characters that were handed over and not yet taken by the terminal."""
        return self._handed_over - self._lasting.taken

    def write(self, data: str) -> None:
        """Hand text to the thread that writes it; placeholder cells get their numbers."""
        data = with_numbers(data, self.number_base)
        self._handed_over += len(data)
        super().write(data)

    def stop_application_mode(self) -> None:
        """Leave nothing behind in the terminal."""
        if self._writer_thread is not None and (text := self.farewell()):
            self.write(text)
        super().stop_application_mode()


def expect_answers() -> None:
    """From now on answers of the terminal's that come among the keys are dropped."""
    _WithoutAnswers.expected = True
    # Textual's driver makes its parser itself, from this name.
    linux_driver.XTermParser = _WithoutAnswers  # type: ignore[attr-defined]
