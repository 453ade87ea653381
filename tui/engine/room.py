"""Where a worker would draw, in which precision, and how much memory is free there. No torch.

The same decisions as `worker.placement`, which asks torch: that takes seconds, and a list of models
must not.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec

from tui.domain.text import clean
from tui.engine.devices import device_names
from tui.engine.gpus import gpus, is_part_chosen
from tui.engine.hardware import cpu_has_amx, free_memory, resident_bytes
from tui.engine.model_messages import Gpu
from tui.store.settings import Settings


@dataclass(frozen=True)
class Room:
    """A device and its free memory."""

    device: str
    """As a person names it."""
    free: int
    """Bytes."""
    precision: str
    """`float32`, `bfloat16`, `float16` or `float8`."""
    memory: int
    """Bytes that are free beside the processor: the same where nothing else draws."""
    on_gpu: bool = False
    is_known: bool = True
    """Whether it is known how much is free."""
    images: int = 1
    """Images that are denoised together."""


def room_for(
    settings: Settings, own: Collection[int] = (), held: Mapping[str, int] | None = None
) -> tuple[Room, tuple[Gpu, ...]]:
    """The room on the device that the settings choose, and all GPUs.

    Args:
        settings: device, precision and batch size.
        own: process ids of our own workers: what they hold is free for the next model.
        held: what they say that they hold of each GPU, for where the driver does not.
    """
    memory = free_memory() + sum(map(resident_bytes, own))
    found = tuple(_with_ours(gpu, held or {}) for gpu in gpus(own))
    gpu = _chosen(settings.device, found)
    wished = settings.precision
    if not found and is_part_chosen() and "cpu" not in device_names(settings.device, 1):
        # Only GPUs that have bfloat16 can be parted.
        precision = "bfloat16" if wished == "auto" else wished
        part = "a part of a GPU whose size is not known"
        images = settings.batch_size
        return Room(part, 0, precision, memory, on_gpu=True, is_known=False, images=images), found
    if gpu is None:
        usual = "bfloat16" if cpu_has_amx() else "float32"
        precision = usual if wished == "auto" else wished
        return Room("CPU", memory, precision, memory, images=settings.batch_size), found
    # bfloat16 needs compute capability 8; a driver that does not say is a new one.
    usual = "float16" if (0, 0) < gpu.capability < (8, 0) else "bfloat16"
    precision = usual if wished == "auto" else wished
    name = clean(f"GPU {gpu.index}, {gpu.name}")
    room = Room(
        name,
        gpu.free,
        precision,
        memory,
        on_gpu=True,
        is_known=gpu.total > 0,
        images=settings.batch_size,
    )
    return room, found


def _with_ours(gpu: Gpu, held: Mapping[str, int]) -> Gpu:
    """With the memory of our workers free where the driver did not tell which of it is theirs.

    In a container it names processes by the host's ids, among which ours are not found.
    """
    if any(user.ours and user.memory for user in gpu.users):
        return gpu
    free = min(gpu.total, gpu.free + held.get(f"cuda:{gpu.index}", 0))
    return msgspec.structs.replace(gpu, free=free)


def _chosen(device: str, found: tuple[Gpu, ...]) -> Gpu | None:
    """The GPU of a setting; None for the processor, or where there is no such GPU.

    Of several it is the one with the least free memory, for each holds a whole model.
    """
    names = device_names(device, len(found))
    if "cpu" in names or not found:
        return None
    if device in ("auto", "cuda"):
        return max(found, key=lambda gpu: gpu.free)
    named = (gpu for gpu in found if f"cuda:{gpu.index}" in names)
    return min(named, key=lambda gpu: gpu.free, default=None)
