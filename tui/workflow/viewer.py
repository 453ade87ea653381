"""Which program of the person's own opens a picture."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui.domain.text import clean


class ViewerError(ValueError):
    """There is none; the message says what to do."""


@dataclass(frozen=True)
class Viewer:
    """A program that shows one picture."""

    command: tuple[str, ...]
    """With the picture's path."""
    in_terminal: bool
    """Whether it may need the terminal; else it opens a window by itself."""


def viewer_for(setting: str, environment: Mapping[str, str], path: Path) -> Viewer:
    """The viewer that was set, or the desktop's where there is one.

    Args:
        setting: `viewer` in `config.toml`, such as `timg` or `feh --scale-down {}`.
        environment: tells whether windows can be opened.
        path: of the picture; it takes the place of `{}`, or comes last.

    Raises:
        ViewerError: no viewer is set, and no window can be opened.
    """
    if setting:
        words = shlex.split(setting)
        if "{}" in words:
            words = [str(path) if word == "{}" else word for word in words]
        else:
            words.append(str(path))
        return Viewer(tuple(words), in_terminal=True)
    if environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY"):
        return Viewer(("xdg-open", str(path)), in_terminal=False)
    raise ViewerError(
        'No viewer is set: put viewer = "timg" (or chafa, feh, …) into config.toml; y copies the '
        "path."
    )


def not_opened(viewer: Viewer, error: OSError) -> str:
    """What to say where it could not be started."""
    return (
        f"{clean(viewer.command[0], limit=100)} could not be started "
        f'({clean(str(error.strerror or error), limit=200)}): set viewer = "…" in config.toml.'
    )
