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
from typing import Any, NamedTuple

import msgspec

from tui.domain.text import clean
from tui.engine.model_messages import Gpu, GpuUser

_PATIENCE = 10
"""Seconds that nvidia-smi may take."""
_MIB = 2**20


class Listed(NamedTuple):
    """A GPU, or a part of one (MIG), as the driver lists it."""

    names: tuple[str, ...]
    """The long names by which CUDA_VISIBLE_DEVICES may choose it."""
    gpu: Gpu
    """Its number is the whole GPU's."""
    is_part: bool = False


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
    """Whether CUDA_VISIBLE_DEVICES leaves a part of a GPU (MIG), which `gpus` may not know."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return chosen.strip().startswith("MIG-") and _torch_has_cuda()


def _torch_has_cuda() -> bool:
    """Wheels for processors alone say so in their version."""
    try:
        return "+cpu" not in version("torch")
    except PackageNotFoundError:
        return False


def _visible(found: list[Listed], chosen: str | None) -> tuple[Gpu, ...]:
    """Those of the variable in its order: numbers, or the beginnings of their long names."""
    picked: list[Listed] = []
    if chosen is None:
        picked = [each for each in found if not each.is_part] or found[:1]
    for wish in (part.strip() for part in (chosen or "").split(",")):
        # CUDA itself stops at the first that it does not know, and counts one part at most.
        fitting = [each for each in found if _is_meant(wish, each)]
        if not fitting or any(each.is_part for each in picked):
            break
        picked.append(fitting[0])
    return tuple(
        msgspec.structs.replace(each.gpu, index=index) for index, each in enumerate(picked)
    )


def _is_meant(wish: str, listed: Listed) -> bool:
    named = (name.startswith(wish) for name in listed.names)
    return wish == str(listed.gpu.index) or (wish != "" and any(named))


def _by_library(own: Collection[int]) -> list[Listed] | None:
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
            if _is_parted(handle):
                # On the whole nothing is drawn, and not everybody may ask what is free of it.
                found += _parts(index, handle, own)
            else:
                names = (str(pynvml.nvmlDeviceGetUUID(handle)),)
                found.append(Listed(names, _asked_of(index, handle, handle, own)))
    except pynvml.NVMLError:
        return None
    finally:
        with contextlib.suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()
    return found


def _is_parted(handle: Any) -> bool:
    """Whether a GPU is cut into parts; drivers and GPUs that know of none say no."""
    import pynvml

    try:
        now, _pending = pynvml.nvmlDeviceGetMigMode(handle)
    except pynvml.NVMLError:
        return False
    return bool(now == pynvml.NVML_DEVICE_MIG_ENABLE)


def _parts(index: int, whole: Any, own: Collection[int]) -> list[Listed]:
    """The parts of a GPU that this process may use."""
    import pynvml

    uuid, found = str(pynvml.nvmlDeviceGetUUID(whole)), []
    for number in range(pynvml.nvmlDeviceGetMaxMigDeviceCount(whole)):
        # There may be fewer, and some may be another container's.
        with contextlib.suppress(pynvml.NVMLError):
            part = pynvml.nvmlDeviceGetMigDeviceHandleByIndex(whole, number)
            gpu, names = _asked_of(index, part, whole, own), [str(pynvml.nvmlDeviceGetUUID(part))]
            with contextlib.suppress(pynvml.NVMLError):
                instance = pynvml.nvmlDeviceGetGpuInstanceId(part)
                compute = pynvml.nvmlDeviceGetComputeInstanceId(part)
                # Before they had names of their own.
                names.append(f"MIG-{uuid}/{instance}/{compute}")
            found.append(Listed((*names, uuid), gpu, is_part=True))
    return found


def _asked_of(index: int, handle: Any, whole: Any, own: Collection[int]) -> Gpu:
    """What the driver says of a GPU or a part.

    Args:
        index: number of the whole.
        handle: the library's, of what is asked about.
        whole: the same, or that of the GPU whose part it is.
        own: process ids of our own workers.

    Raises:
        pynvml.NVMLError: it does not say how much is free.
    """
    import pynvml

    room = (0, 0)
    # A GPU that shares the processor's memory has none of its own to tell of.
    with contextlib.suppress(pynvml.NVMLError_NotSupported):
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        room = (memory.free, memory.total)
    users: list[GpuUser] = []
    with contextlib.suppress(pynvml.NVMLError):
        users = [
            _user(process.pid, process.usedGpuMemory, own)
            for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
        ]
    capability = (0, 0)
    with contextlib.suppress(pynvml.NVMLError):
        capability = pynvml.nvmlDeviceGetCudaComputeCapability(whole)
    name = pynvml.nvmlDeviceGetName(handle)
    return _gpu(index, name, room, capability, users)


def _by_program(own: Collection[int]) -> list[Listed]:
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
            told = free.isdigit() and total.isdigit()
            room = (int(free) * _MIB, int(total) * _MIB) if told else (0, 0)
            gpu = _gpu(int(index), name, room, (int(major), int(minor)), users)
            found.append(Listed((uuid,), gpu))
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
