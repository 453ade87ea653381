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


def free_memory() -> int:
    """Memory that a new process could have, in bytes; 0 where the system does not say.

    Where a container or a job has a limit of its own (cgroup), what is left of it counts if that
    is less; files that are only cached are given back when memory is wanted.
    """
    free = 0
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            free = int(line.split()[1]) * 1024
    own = next((line[3:] for line in _lines(Path("/proc/self/cgroup")) if line[:3] == "0::"), "/")
    group = Path("/sys/fs/cgroup") / own.lstrip("/")
    limit, used = _lines(group / "memory.max"), _lines(group / "memory.current")
    if not (limit and used and limit[0].isdigit() and used[0].isdigit()):
        return free
    cached = (line.split()[1] for line in _lines(group / "memory.stat") if "inactive_file" in line)
    left = int(limit[0]) - int(used[0]) + sum(int(size) for size in cached)
    return max(0, min(free, left))


def boot_id() -> str:
    """What tells this boot of the machine from the one before; empty where unknown."""
    return next(iter(_lines(Path("/proc/sys/kernel/random/boot_id"))), "")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
