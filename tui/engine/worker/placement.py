"""Which device draws, and in which precision."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import torch

from tui.engine.gpus import gpus
from tui.engine.hardware import cpu_has_amx, cpu_name
from tui.engine.worker.float8 import FLOAT8

DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


class PlacementError(RuntimeError):
    """The wished device or precision is not to be had; the message is for the person."""


class NoDeviceError(PlacementError):
    """The wished device is not here; another one may be."""


@dataclass(frozen=True)
class Placement:
    """A device and a precision."""

    device: str
    """As torch names it."""
    name: str
    """As its maker names it."""
    precision: str
    """A key of `DTYPES`, or `float8`, in which only the denoiser's weights are kept."""

    @property
    def dtype(self) -> torch.dtype:
        """What is computed in, as torch's type."""
        if self.precision == FLOAT8:
            return DTYPES[_usual_precision(self.device)]
        return DTYPES[self.precision]


def place(device: str, precision: str) -> Placement:
    """The placement for two settings, `auto` included.

    Raises:
        NoDeviceError: no such device here.
        PlacementError: no such precision.
    """
    chosen = _freest_gpu() if device == "auto" else _named(device)
    if precision not in ("auto", *DTYPES, FLOAT8):
        raise PlacementError(
            f"“{precision}” is no precision: choose auto, float32, bfloat16, float16 or float8"
        )
    if chosen != "cpu":
        # What a library puts on a GPU without naming one is not to take memory of another worker's.
        torch.cuda.set_device(chosen)
    name = cpu_name() if chosen == "cpu" else torch.cuda.get_device_name(chosen)
    wished = _usual_precision(chosen) if precision == "auto" else precision
    return Placement(chosen, name, wished)


def gpu_count() -> int:
    """The GPUs that torch can use: those that `CUDA_VISIBLE_DEVICES` leaves, from `cuda:0` on."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def _named(device: str) -> str:
    if device == "cpu":
        return device
    count = gpu_count()
    if device == "cuda" and count:
        return _freest_gpu()
    if device.removeprefix("cuda:").isdigit() and int(device.removeprefix("cuda:")) < count:
        return device
    has = f"{count} GPU(s), counted from cuda:0" if count else "no GPU that torch can use"
    raise NoDeviceError(
        f"the device “{device}” is not here: this machine has {has}; "
        "set device to auto or cpu in config.toml"
    )


def _freest_gpu() -> str:
    """The GPU with the most free memory, or the CPU where there is none: servers are shared."""
    count = gpu_count()
    if count < 2:
        return "cuda:0" if count else "cpu"
    free = _free_memory(count)
    return f"cuda:{max(free, key=lambda index: free[index], default=0)}"


def _free_memory(count: int) -> dict[int, int]:
    """Bytes that are free on each GPU, by its number; one that refuses to say is left out."""
    # The driver is asked, not CUDA: that would hold a context, some 400 MB, on each of them for as
    # long as this process lives.
    listed = gpus((os.getpid(),))
    if len(listed) == count:
        return {gpu.index: gpu.free for gpu in listed}
    free = {}
    for index in range(count):
        # One that is full, or another process's alone, has no room for the context either.
        with contextlib.suppress(RuntimeError):
            free[index] = torch.cuda.mem_get_info(index)[0]
    return free


def _usual_precision(device: str) -> str:
    return _cpu_precision() if device == "cpu" else _gpu_precision(device)


def _cpu_precision() -> str:
    # Without AMX, bfloat16 on a CPU is emulated and 20 times slower than float32.
    return "bfloat16" if cpu_has_amx(Path("/proc/cpuinfo")) else "float32"


def _gpu_precision(device: str) -> str:
    # bfloat16 needs compute capability 8; older cards emulate it slowly.
    major, _minor = torch.cuda.get_device_capability(device)
    return "bfloat16" if major >= 8 else "float16"
