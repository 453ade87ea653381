"""`python -m tui` is `keepers`."""

from tui.cli.main import main

if __name__ == "__main__":
    main()
