"""What the command line prints: results on standard output, sentences on standard error.

Either may be a terminal, a file, a full disk, a pipe that nobody reads, or closed.
"""

import errno
import os
import sys
from typing import NoReturn

import click

from tui.domain.text import clean

BROKEN_PIPE = 141
"""Exit code where nobody reads the results any more, as shells have it for SIGPIPE."""


def say(text: str) -> None:
    """Lines of our own words, and of foreign ones that are clean, on standard output.

    Raises:
        Sentence: they cannot be written.
        click.exceptions.Exit: nobody reads them.
    """
    if sys.stdout is not None:
        _write(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def say_path(path: str) -> None:
    """A path on standard output: as it is for a program, harmless for a terminal.

    Raises:
        Sentence: it cannot be written.
        click.exceptions.Exit: nobody reads it.
    """
    if sys.stdout is None:
        return
    if sys.stdout.isatty():
        say(harmless(path))
    else:
        _write(os.fsencode(path))


def tell(sentence: str) -> None:
    """One sentence on standard error; that nobody can read it is no reason to fail."""
    whisper(f"keepers: {clean(sentence, limit=2_000)}\n")


def whisper(text: str) -> None:
    """Clean text on standard error, as it is; that nobody can read it is no reason to fail."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        discard(2)


def harmless(text: str) -> str:
    """The text as it is where nothing in it can drive a terminal, else cleaned."""
    cleaned = clean(text)
    return text if text.isprintable() and cleaned == " ".join(text.split()) else cleaned


def _write(line: bytes) -> None:
    sys.stdout.flush()
    try:
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
    except OSError as error:
        _refused(error)


def _refused(error: OSError) -> NoReturn:
    from tui.cli.errors import Sentence

    discard(1)
    if error.errno == errno.EPIPE:
        raise click.exceptions.Exit(BROKEN_PIPE) from error
    raise Sentence(
        f"the result could not be written to standard output ({error.strerror}): "
        "free some space there; what was drawn is kept"
    ) from error


def discard(descriptor: int) -> None:
    """Let what is still in a buffer go nowhere, or Python would complain when it leaves."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
