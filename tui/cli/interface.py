"""`keepers` alone: open the interface."""

import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.cli.errors import Sentence

if TYPE_CHECKING:
    from tui.store.settings import Settings
    from tui.terminal.choosing import Choice, Choosing


def open_interface(images: str | None = None) -> None:
    """Run the interface until the person leaves it.

    Args:
        images: how pictures are to be shown; None leaves it to environment and settings.

    Raises:
        Sentence: there is no terminal to run in, or KEEPERS_IMAGES makes no sense.
        StoreError: the home cannot be used.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Sentence(
            "the interface needs a terminal: connect with “ssh -t”, or use “keepers generate”"
        )
    from tui.store.paths import find_home, private_umask
    from tui.store.settings import load_settings

    private_umask()
    home = find_home()
    settings = load_settings(home)
    with choosing(images, settings) as asked:
        # Loading takes as long as most terminals take to answer.
        from tui.app import KeepersApp
        from tui.store.errors import StoreError
        from tui.store.keeping_safe import note_down
        from tui.store.store import open_store
        from tui.tidying import tidying

        with open_store(home) as store, tidying() as tidy:
            begun = time.time()
            try:
                KeepersApp(store, settings, chosen(asked), tidy).run()
            finally:
                # What was said since the last batch is in no project's file yet.
                with suppress(StoreError):
                    note_down(store, since=begun)


def choosing(images: str | None, settings: "Settings") -> "Choosing":
    """Begin to find out how pictures are shown.

    Raises:
        Sentence: KEEPERS_IMAGES makes no sense.
    """
    from tui.terminal.choosing import Choosing, wanted

    try:
        return Choosing(wanted(images, os.environ, settings.images))
    except ValueError as error:
        raise Sentence(str(error)) from error


def chosen(asked: "Choosing") -> "Choice":
    """How pictures are shown; the keyboard is free afterwards."""
    from tui.terminal.driver import expect_answers

    choice = asked.choice()
    if choice.answers_due:
        expect_answers()
    if choice.colourful:
        os.environ.setdefault("COLORTERM", "truecolor")
    return choice
