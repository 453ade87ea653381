"""`python -m tests.benchmarks [NAME …]`: run all benchmarks, or those named."""

import sys

from tests.benchmarks import (
    branch,
    core,
    effects,
    evidence,
    interface,
    library,
    masking,
    memory,
    overhead,
    pictures,
)

BENCHMARKS = {
    "branch": branch.run,
    "core": core.run,
    "effects": effects.run,
    "evidence": evidence.run,
    "interface": interface.run,
    "library": library.run,
    "masking": masking.run,
    "memory": memory.run,
    "overhead": overhead.run,
    "pictures": pictures.run,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
