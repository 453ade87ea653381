"""How a file on this machine gets to the one a person sits at, and where an export should go."""

import getpass
import os
import shlex
import socket
from pathlib import Path

from tui.domain.text import clean
from tui.store.ids import slug
from tui.store.projects import Project


def fetch_line(path: Path) -> str:
    """The command that copies a file to the person's own machine, typed there."""
    connection = os.environ.get("SSH_CONNECTION", "").split()
    # The address by which they came is one that their machine can reach.
    host = connection[2] if len(connection) == 4 else socket.gethostname()
    host = f"[{host}]" if ":" in host else host
    return f"scp {shlex.quote(f'{_user()}@{host}:{path}')} ."


def short(path: Path) -> str:
    """A path as a person reads it: `~` for their home, harmless."""
    home = str(Path.home())
    text = str(path)
    return clean(f"~{text[len(home) :]}" if text.startswith(f"{home}/") else text, limit=1_000)


def suggested_target(project: Project, suffix: str, folder: Path | None = None) -> str:
    """A path to export to, in the folder Keepers was started in if that can be written.

    Args:
        project: whose name the file gets.
        suffix: with the dot.
        folder: where to, instead.
    """
    folder = folder or _here()
    return short(folder / f"{slug(project.name)}{suffix}")


def with_suffix(target: str, suffix: str, known: tuple[str, ...]) -> str:
    """The path for another format; a suffix that is none of the known stays."""
    path = Path(target)
    if path.suffix.lower() not in known or path.suffix.lower() == suffix:
        return target
    return target[: -len(path.suffix)] + suffix


def _here() -> Path:
    try:
        folder = Path.cwd()
    except OSError:
        # The folder was deleted under the program.
        return Path.home()
    return folder if os.access(folder, os.W_OK) else Path.home()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # Containers run under numbers that have no name.
        return "you"
