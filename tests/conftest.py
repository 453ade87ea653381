"""What holds for all tests."""

import os

# Line editing, which pytest loads, puts a terminal's size into the environment of its processes.
# Programs believe it more than the terminal that a test plays.
for _name in ("COLUMNS", "LINES"):
    os.unsetenv(_name)
    os.environ.pop(_name, None)

# Pixels are held against those of bare diffusers on the processor; and a GPU that happens to be in
# the machine may be somebody else's.
os.environ["CUDA_VISIBLE_DEVICES"] = ""
