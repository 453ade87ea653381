"""`python -m tests.benchmarks [NAME …]`: run all benchmarks, or those named.

`python -m tests.benchmarks overhead --help` tells what that one can be asked for.
"""

import sys

from tests.benchmarks import (
    branch,
    core,
    effects,
    evidence,
    inpaint,
    interface,
    library,
    light_edits,
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
    "inpaint": inpaint.run,
    "interface": interface.run,
    "library": library.run,
    "light-edits": light_edits.run,
    "masking": masking.run,
    "memory": memory.run,
    "overhead": overhead.run,
    "pictures": pictures.run,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["overhead"]:
        overhead.run(*sys.argv[2:])
    else:
        for name in sys.argv[1:] or BENCHMARKS:
            BENCHMARKS[name]()
