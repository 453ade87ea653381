"""`python -m tui.engine`: serve the home that the environment names, until nobody needs it."""

import sys

from tui.engine.foreground import run_engine

if __name__ == "__main__":
    sys.exit(run_engine(on_demand=True))
