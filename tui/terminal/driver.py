"""Textual's driver for a terminal, made to outlive that terminal."""

from typing import IO, Any, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class LastingFile:
    """A terminal to write to; once it is gone, what is written is dropped.

    Textual writes from a thread of its own, fed by a queue of 30 writes. An error there ends the
    thread, the queue fills, and the program waits for room in it for ever.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._is_gone = False

    def write(self, text: str) -> int:
        """Write text, as far as there is somebody to read it."""
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


class TerminalDriver(LinuxDriver):
    """Writes to a terminal that may be closed at any moment."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        assert self._file is not None  # the command has seen a terminal
        self._file = cast("Any", LastingFile(self._file))
