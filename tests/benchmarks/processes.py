"""What the kernel says of a process."""

import os
import re
from pathlib import Path


def peak_bytes(pid: int) -> int:
    """Most bytes that were resident at once."""
    return _kibibytes(pid, "VmHWM") << 10


def resident_bytes(pid: int) -> int:
    """Bytes that are resident now."""
    return _kibibytes(pid, "VmRSS") << 10


def processor_seconds(pid: int) -> float:
    """Seconds of all processors that it has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kibibytes(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
