"""Run an engine in this process: for containers, job schedulers, tests, and the supervisor."""

import asyncio
import logging
import sys

from tui.engine.server import Engine
from tui.store.errors import StoreError
from tui.store.paths import find_home, private_umask
from tui.store.settings import load_settings


def run_engine(*, on_demand: bool = False) -> int:
    """Serve until stopped; the exit code.

    Args:
        on_demand: whether it is started because somebody needs an engine, and may be replaced
            while nobody does.

    0 after a clean end, 2 with a sentence on standard error for what a person can mend, 3 where
    another engine serves this home already.
    """
    private_umask()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s engine %(name)s %(message)s")
    try:
        home = find_home()
        home.create()
        engine = Engine(home, load_settings(home), on_demand=on_demand)
        return 0 if asyncio.run(engine.run()) else 3
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        return 2
