"""`keepers tour`: the seven steps, played in a home that is thrown away."""

import asyncio
import os
import sys
import tempfile
import time

import click

from tui.cli.errors import Sentence
from tui.store.paths import HOME_VARIABLE, Home, find_home, private_umask


@click.command()
@click.pass_context
def tour(ctx: click.Context) -> None:
    """Play the seven steps on the starter model; any key hands it to you."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Sentence("the tour needs a terminal: connect with “ssh -t”")
    from tui.cli.interface import choosing, chosen
    from tui.store.settings import Settings

    private_umask()
    # What the engine still writes while the folder goes is of no use to anybody.
    with (
        tempfile.TemporaryDirectory(prefix="keepers-tour-", ignore_cleanup_errors=True) as folder,
        choosing(ctx.find_root().params["images"], Settings()) as asked,
    ):
        from tui.store.store import open_store
        from tui.tour import TourApp

        before = os.environ.get(HOME_VARIABLE)
        os.environ[HOME_VARIABLE] = folder
        home = find_home()
        try:
            # Settings of its own: the script presses the keys as they come.
            with open_store(home) as store:
                TourApp(store, Settings(), choice=chosen(asked)).run()
        finally:
            asyncio.run(_end_engine(home))
            del os.environ[HOME_VARIABLE]
            if before is not None:
                os.environ[HOME_VARIABLE] = before


async def _end_engine(home: Home) -> None:
    """Stop the engine, also one that has been started and does not answer yet."""
    from tui.engine.supervisor import START_SECONDS, stop_engine

    end = time.monotonic() + START_SECONDS
    # The log is there from the moment in which an engine is started.
    while home.engine_log.exists() and time.monotonic() < end:
        if await stop_engine(home):
            return
        await asyncio.sleep(0.1)
