"""Other programs in the same terminal, while ours stands aside."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from textual.app import App


def run_outside(app: App[object], command: Sequence[str], *, wait: bool = False) -> None:
    """Run a program in the terminal, and come back when it has ended.

    Args:
        app: ours.
        command: the program and its arguments; no shell reads it.
        wait: whether what it wrote stays until enter is pressed.

    Raises:
        OSError: there is no such program.
        SuspendNotSupported: not in this terminal.
    """
    failed = None
    with app.suspend(), _interrupts_for_others():
        # An error must not leave from in here: the terminal would not be taken back.
        try:
            subprocess.run(command)
            if wait:
                _wait()
        except OSError as error:
            failed = error
    if failed is not None:
        raise failed


def start_beside(command: Sequence[str]) -> None:
    """Start a program that has a window of its own, and outlives ours.

    Raises:
        OSError: there is no such program.
    """
    nothing = subprocess.DEVNULL
    subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)


@contextmanager
def _interrupts_for_others() -> Iterator[None]:
    """A ctrl+c in the other program's terminal comes to us, too: it ends only that program.

    With a handler of ours, not ignored: what is ignored would stay so in the other program.
    """
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _wait() -> None:
    print("\nenter: back to Keepers ", end="", flush=True)  # noqa: T201
    with suppress(EOFError):
        input()
