"""`python -m tests.benchmarks [NAME …]`: run all benchmarks, or those named."""

import sys

from tests.benchmarks import core, interface, overhead

BENCHMARKS = {"core": core.run, "interface": interface.run, "overhead": overhead.run}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
