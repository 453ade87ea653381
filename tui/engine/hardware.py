"""What the machine is made of, without importing torch."""

from pathlib import Path


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name, or its architecture where the system does not say."""
    for line in _lines(cpuinfo):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    import platform

    return platform.processor() or platform.machine()


def cpu_has_amx(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor multiplies bfloat16 matrices in hardware (Intel AMX)."""
    return any(line.startswith("flags") and "amx_bf16" in line.split() for line in _lines(cpuinfo))


def resident_bytes(pid: int | str = "self") -> int:
    """Memory that a process holds, in bytes; 0 where the system does not say."""
    for line in _lines(Path(f"/proc/{pid}/status")):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def boot_id() -> str:
    """What tells this boot of the machine from the one before; empty where unknown."""
    return next(iter(_lines(Path("/proc/sys/kernel/random/boot_id"))), "")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
