"""`python -m tui.engine`: serve the home that the environment names, in the foreground."""

import sys

from tui.engine.foreground import run_engine

if __name__ == "__main__":
    sys.exit(run_engine())
