"""`keepers` alone: open the interface."""

import sys

from tui.cli.errors import Sentence


def open_interface() -> None:
    """Run the interface until the person leaves it.

    Raises:
        Sentence: there is no terminal to run in.
        StoreError: the home cannot be used.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Sentence(
            "the interface needs a terminal: connect with “ssh -t”, or use “keepers generate”"
        )
    from tui.app import KeepersApp
    from tui.store.paths import find_home, private_umask
    from tui.store.settings import load_settings
    from tui.store.store import open_store

    private_umask()
    home = find_home()
    settings = load_settings(home)
    with open_store(home) as store:
        KeepersApp(store, settings).run()
