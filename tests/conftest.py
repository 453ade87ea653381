"""What holds for all tests."""

import os

# Line editing, which pytest loads, puts a terminal's size into the environment of its processes.
# Programs believe it more than the terminal that a test plays.
for _name in ("COLUMNS", "LINES"):
    os.unsetenv(_name)
    os.environ.pop(_name, None)
