"""The GPUs of this machine, what of them is free and who holds the rest. No torch.

Asked of the driver through nvidia-ml-py where that is installed (the extra `gpu`), else of
`nvidia-smi`, which comes with the driver. A machine without either has no GPU that could be used.
"""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import msgspec

from tui.domain.text import clean
from tui.engine.model_messages import Gpu, GpuUser

_PATIENCE = 10
"""Seconds that nvidia-smi may take."""
_MIB = 2**20


def gpus(own: Collection[int] = ()) -> tuple[Gpu, ...]:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves, in CUDA's numbers; none for a torch without CUDA.

    Args:
        own: process ids of our own workers, whose memory counts as free.
    """
    if not _torch_has_cuda():
        return ()
    found = _by_library(own) if find_spec("pynvml") else None
    if found is None:
        found = _by_program(own)
    return _visible(found, os.environ.get("CUDA_VISIBLE_DEVICES"))


def is_part_chosen() -> bool:
    """Whether CUDA_VISIBLE_DEVICES leaves a part of a GPU (MIG), of which `gpus` tells nothing."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return chosen.strip().startswith("MIG-") and _torch_has_cuda()


def _torch_has_cuda() -> bool:
    """Wheels for processors alone say so in their version."""
    try:
        return "+cpu" not in version("torch")
    except PackageNotFoundError:
        return False


def _visible(found: list[tuple[str, Gpu]], chosen: str | None) -> tuple[Gpu, ...]:
    """Those of the variable in its order: numbers, or the beginnings of their long names."""
    if chosen is None:
        return tuple(gpu for _uuid, gpu in found)
    picked: list[Gpu] = []
    for wish in (part.strip() for part in chosen.split(",")):
        # CUDA itself stops at the first that it does not know.
        fitting = [
            gpu for uuid, gpu in found if wish == str(gpu.index) or (wish and uuid.startswith(wish))
        ]
        if not fitting:
            break
        picked.append(msgspec.structs.replace(fitting[0], index=len(picked)))
    return tuple(picked)


def _by_library(own: Collection[int]) -> list[tuple[str, Gpu]] | None:
    """As the driver tells its library; None where it cannot be asked."""
    import pynvml

    found = []
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        for index in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
            users: list[GpuUser] = []
            with contextlib.suppress(pynvml.NVMLError):
                users = [
                    _user(process.pid, process.usedGpuMemory, own)
                    for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
                ]
            capability = (0, 0)
            with contextlib.suppress(pynvml.NVMLError):
                capability = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
            name = pynvml.nvmlDeviceGetName(handle)
            gpu = _gpu(index, name, (memory.free, memory.total), capability, users)
            found.append((str(pynvml.nvmlDeviceGetUUID(handle)), gpu))
    except pynvml.NVMLError:
        return None
    finally:
        with contextlib.suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()
    return found


def _by_program(own: Collection[int]) -> list[tuple[str, Gpu]]:
    """As nvidia-smi tells it; nothing where there is none."""
    rows = _asked("--query-gpu=index,uuid,name,memory.free,memory.total,compute_cap")
    held = _asked("--query-compute-apps=gpu_uuid,pid,used_memory") if rows else []
    found = []
    for row in rows:
        with contextlib.suppress(ValueError):
            index, uuid, name, free, total, capability = row
            major, _, minor = capability.partition(".")
            users = [
                _user(int(pid), int(used) * _MIB if used.isdigit() else None, own)
                for where, pid, used in (each for each in held if len(each) == 3)
                if where == uuid
            ]
            room = (int(free) * _MIB, int(total) * _MIB)
            found.append((uuid, _gpu(int(index), name, room, (int(major), int(minor)), users)))
    return found


def _asked(query: str) -> list[list[str]]:
    try:
        process = subprocess.run(
            ["nvidia-smi", query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if process.returncode:
        return []
    return [[cell.strip() for cell in line.split(",")] for line in process.stdout.splitlines()]


def _gpu(
    index: int,
    name: str,
    room: tuple[int, int],
    capability: tuple[int, int],
    users: list[GpuUser],
) -> Gpu:
    free, total = room
    ours = sum(user.memory or 0 for user in users if user.ours)
    return Gpu(
        index=index,
        name=clean(name, limit=80),
        free=min(total, free + ours),
        total=total,
        capability=capability,
        users=tuple(sorted(users, key=lambda user: -(user.memory or 0))),
    )


def _user(pid: int, memory: int | None, own: Collection[int]) -> GpuUser:
    folder = Path(f"/proc/{pid}")
    owner = program = ""
    # Processes of other containers have no folder here.
    with contextlib.suppress(OSError, KeyError):
        owner = pwd.getpwuid(folder.stat().st_uid).pw_name
    with contextlib.suppress(OSError):
        program = (folder / "comm").read_text(errors="replace")
    return GpuUser(
        pid=pid,
        owner=clean(owner, limit=40),
        program=clean(program, limit=40),
        memory=memory,
        ours=pid in own,
    )
