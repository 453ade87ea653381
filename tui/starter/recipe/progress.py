"""How far a step is, how fast it goes and when it will be done: one line on standard error."""

import sys
import time

import click

_EVERY_TERMINAL, _EVERY_FILE = 1.0, 30.0
"""Seconds between two lines; in a file each line stays."""


def say(text: str) -> None:
    """One line for the person."""
    click.echo(text, err=True)


def quieten() -> None:
    """Let the libraries be silent about loading and saving, and about what they do not know."""
    import diffusers.utils.logging
    import transformers.utils.logging

    for logging in (diffusers.utils.logging, transformers.utils.logging):
        logging.set_verbosity_error()
        logging.disable_progress_bar()


def span(seconds: float) -> str:
    """A time to wait, such as `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


class Progress:
    """Tells of one step.

    Args:
        step: Its name.
        unit: What is counted, such as `icons`.
    """

    def __init__(self, step: str, unit: str) -> None:
        self._step, self._unit = step, unit
        self._start = self._told = time.monotonic()
        self._here: tuple[float, int] | None = None
        self._terminal = sys.stderr.isatty()

    def tell(self, part: float, count: int, more: str = "") -> None:
        """Say how far it is, if it is time to.

        Args:
            part: What is done of the whole, from 0 to 1.
            count: What was counted since the program started.
            more: Words to put behind it.
        """
        now = time.monotonic()
        # Time left goes by what this run did: an earlier one may have been on another machine.
        if self._here is None:
            self._here, self._start = (part, count), now
        every = _EVERY_TERMINAL if self._terminal else _EVERY_FILE
        if now - self._told < every:
            return
        self._told = now
        gone, (first, before) = now - self._start, self._here
        speed = (count - before) / gone if gone else 0.0
        left = span(gone * (1 - part) / (part - first)) if part > first else "?"
        line = f"{self._step}  {part:4.0%} · {speed:.1f} {self._unit}/s · {left} left"
        line = f"{line} · {more}" if more else line
        click.echo(f"\r{line:<78}" if self._terminal else line, nl=not self._terminal, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self._terminal:
            click.echo(err=True)
