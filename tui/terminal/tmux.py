"""What tmux knows of itself and of the terminal around it; only tmux is asked."""

import os
import subprocess
from dataclasses import dataclass

_FORMAT = "|".join(
    f"#{{{name}}}"
    for name in (
        "version",
        "client_termname",
        "client_termtype",
        "client_termfeatures",
        "client_cell_width",
        "client_cell_height",
        "allow-passthrough",
        "client_name",
        "client_created",
        "client_pid",
        "session_attached",
        "window_active",
        "window_zoomed_flag",
        "pane_active",
    )
)
_PATIENCE = 2.0
"""Seconds for tmux to answer; it does so in milliseconds."""


@dataclass(frozen=True)
class Tmux:
    """One answer of tmux's."""

    version: str
    term: str
    """The terminal type around tmux, such as `xterm-256color`."""
    name: str
    """What the terminal around it calls itself, such as `kitty(0.42.0)`; empty if unknown."""
    features: frozenset[str]
    cell: tuple[int, int]
    """Pixels; zeros if unknown."""
    passes_through: bool
    """Whether it hands on what is meant for the terminal around it."""
    client: str
    """Which terminal is attached, since when, and by which process."""
    visible: bool
    """Whether this pane is seen there now."""

    @property
    def exact_colours(self) -> bool:
        """Whether 24-bit colours reach the terminal as they are."""
        return "RGB" in self.features


def in_tmux() -> bool:
    """Whether this program runs inside tmux on this machine."""
    return bool(os.environ.get("TMUX"))


def ask_tmux() -> Tmux | None:
    """What tmux says now; None if it does not."""
    pane = os.environ.get("TMUX_PANE")
    said = run_tmux("display-message", "-p", *(["-t", pane] if pane else []), _FORMAT)
    fields = (said or "").split("|")
    return _read(fields) if len(fields) == _FORMAT.count("|") + 1 else None


def run_tmux(*arguments: str) -> str | None:
    """What a tmux command prints; None if it fails."""
    try:
        process = subprocess.run(
            ["tmux", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return process.stdout.strip() if process.returncode == 0 else None


def wrapped(sequence: str) -> str:
    """A control sequence such that tmux hands it on to the terminal around it."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def _read(fields: list[str]) -> Tmux:
    version, term, name, features, width, height, passing, client, since, pid, *seen = fields
    attached, window, zoomed, pane = seen
    cell = (int(width), int(height)) if width.isdigit() and height.isdigit() else (0, 0)
    # Before 3.3 there was no such option, and everything was handed on.
    old = passing == ""
    hidden = attached in ("", "0") or window == "0" or (zoomed == "1" and pane == "0")
    return Tmux(
        version=version,
        term=term,
        name=name,
        features=frozenset(features.split(",")),
        cell=cell,
        passes_through=old or passing in ("on", "all", "1"),
        # A terminal that comes within the second may get the name of the one that went.
        client=f"{client} {since} {pid}",
        visible=not hidden,
    )
