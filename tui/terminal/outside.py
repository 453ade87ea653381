"""Other programs in the same terminal, while ours stands aside."""

import subprocess
from collections.abc import Sequence

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
    with app.suspend():
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


def _wait() -> None:
    print("\nenter: back to Keepers ", end="", flush=True)  # noqa: T201
    try:
        input()
    except (EOFError, KeyboardInterrupt):
        return
