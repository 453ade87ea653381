"""`python -m tui.engine.worker`: draw what comes over the pipe, or answer `--probe`."""

import sys

from tui.engine.worker.loop import run
from tui.engine.worker.probe import probe

if __name__ == "__main__":
    if sys.argv[1:] == ["--probe"]:
        sys.stdout.write(probe())
    else:
        run()
