"""A program on a pseudo-terminal of a given size, with an environment that says nothing else."""

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Mapping, Sequence

_OURS = ("TMUX", "KEEPERS")
"""Beginnings of the variables that would tell the program where the tests run."""


def run_in_terminal(
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    columns: int,
    rows: int,
    cell: tuple[int, int] = (0, 0),
) -> tuple[int, int]:
    """Start a program; returns its process and the file descriptor of the terminal's other side.

    Args:
        command: found in PATH.
        env: added to what the tests' own environment has; a variable without a text is left out.
        columns: of the terminal.
        rows: of the terminal.
        cell: pixels of a cell, width and height.
    """
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_OURS)}
    kept |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **env}
    kept = {name: text for name, text in kept.items() if text}
    ready, told = os.pipe()
    pid, fd = pty.fork()
    if pid == 0:
        os.close(told)
        os.read(ready, 1)  # until the size is set
        os.execvpe(command[0], list(command), kept)
    os.close(ready)
    shape = struct.pack("HHHH", rows, columns, columns * cell[0], rows * cell[1])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, shape)
    os.write(told, b"1")
    os.close(told)
    return pid, fd
