"""`python -m tui.checks CHECK [PICTURE]`: one check, one line of JSON on standard output."""

from tui.checks.reader import main

main()
