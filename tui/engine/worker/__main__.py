"""`python -m tui.engine.worker`: draw what comes over the pipe, or answer `--probe`."""

import gc
import sys


def main() -> None:
    """Import torch and diffusers, then do what was asked for."""
    # Millions of objects come with them that never go: to look through them again and again, while
    # they come and after every batch, takes a fifth of the start.
    gc.disable()
    from tui.engine.worker.loop import run
    from tui.engine.worker.probe import probe

    gc.freeze()
    gc.enable()
    if sys.argv[1:] == ["--probe"]:
        sys.stdout.write(probe())
    else:
        run()


if __name__ == "__main__":
    main()
