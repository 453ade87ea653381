"""tmux with its defaults on a pseudo-terminal: raw bytes go in, the pane's text comes out."""

import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable
from types import TracebackType

from tests.pseudo_terminal import run_in_terminal

DEADLINE = 90.0
"""Seconds to wait for something to be shown; a busy machine is slow."""


class TmuxTerminal:
    """A person's terminal with tmux in it, running one program."""

    def __init__(self, command: list[str], env: dict[str, str], *, columns: int, rows: int) -> None:
        self._name = f"keepers-{secrets.token_hex(4)}"
        tmux = ["tmux", "-L", self._name, "-f", "/dev/null", "new-session", *command]
        self.pid, self._fd = run_in_terminal(tmux, env, columns=columns, rows=rows)
        threading.Thread(target=self._drain, daemon=True).start()

    def __enter__(self) -> "TmuxTerminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tmux("kill-server")
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def send(self, keys: bytes) -> None:
        """Type raw bytes, as a keyboard would send them."""
        os.write(self._fd, keys)

    def screen(self) -> str:
        """What the pane shows."""
        return self._tmux("capture-pane", "-p")

    def colours(self) -> str:
        """The same with its colours."""
        return self._tmux("capture-pane", "-p", "-e")

    def wait_for_colours(self, wanted: str) -> None:
        """Wait until the pane looks exactly so."""
        self._wait(self.colours, lambda seen: seen == wanted, f"it does not look so:\n{wanted}")

    def wait_for(self, *texts: str) -> str:
        """Wait until all of these are on the screen, and return it."""
        return self._wait(
            self.screen, lambda seen: all(text in seen for text in texts), f"{texts} did not appear"
        )

    def wait_without(self, text: str) -> None:
        """Wait until a text is no longer on the screen."""
        self._wait(self.screen, lambda seen: text not in seen, f"{text} stays")

    def _wait(self, look: Callable[[], str], fits: Callable[[str], bool], trouble: str) -> str:
        end = time.monotonic() + DEADLINE
        while not fits(seen := look()):
            assert time.monotonic() < end, f"{trouble}:\n{seen}"
            self._pause()
        return seen

    def wait_until_gone(self) -> None:
        """Wait until the program has ended, and tmux with it."""
        end = time.monotonic() + DEADLINE
        while self._tmux("list-sessions"):
            assert time.monotonic() < end, f"still running:\n{self.screen()}"
            self._pause()

    def _tmux(self, *arguments: str) -> str:
        process = subprocess.run(
            ["tmux", "-L", self._name, *arguments], capture_output=True, text=True
        )
        return process.stdout

    def _pause(self) -> None:
        # Only the distance between two looks at the screen; nothing is assumed of it.
        threading.Event().wait(0.05)

    def _drain(self) -> None:
        try:
            while os.read(self._fd, 65536):
                pass
        except OSError:
            pass
