"""The home that a command works in."""

import contextlib
import os
import shutil
from pathlib import Path

from tui.engine.discovery import check_host, socket_path
from tui.store.errors import StoreError
from tui.store.paths import HOME_VARIABLE, Home, find_home, private_umask
from tui.store.settings import Settings, load_settings
from tui.store.store import open_store

PROJECT = "cli"
"""Everything drawn from the command line is one project."""

LEAST_ROOM = 2 * 2**20
"""Bytes of free disk below which nothing is begun."""


def pin_home() -> None:
    """Make a relative `KEEPERS_HOME` absolute, since an engine runs in another folder."""
    if chosen := os.environ.get(HOME_VARIABLE):
        # One that leads nowhere is explained by the command that needs it.
        with contextlib.suppress(RuntimeError, OSError):
            os.environ[HOME_VARIABLE] = str(Path(chosen).expanduser().absolute())


def look_home() -> tuple[Home, Settings]:
    """The home with its settings; nothing is made.

    Raises:
        StoreError: it leads nowhere, or its settings cannot be used.
    """
    home = find_home()
    return home, load_settings(home)


def make_home(home: Home) -> None:
    """Make its folders, its database, and the command line's project.

    Raises:
        StoreError: it cannot be written, has no room for anything, or no engine can serve it.
    """
    private_umask()
    with open_store(home) as store:
        store.projects.ensure(PROJECT, "Command line")
    check_host(home)
    socket_path(home)
    # An engine on a full disk could not even write down why it cannot start.
    free = shutil.disk_usage(home.data).free
    if free < LEAST_ROOM:
        raise StoreError(
            f"the disk that holds {home.data} is full ({free / 2**20:.1f} MB free): "
            "free some space there, or set KEEPERS_HOME to another disk"
        )
