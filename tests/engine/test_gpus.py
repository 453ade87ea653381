"""What is told of GPUs; a program in the place of nvidia-smi says what the real one says."""

import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tui.engine import gpus as engine_gpus
from tui.engine.gpus import _by_program, _visible, gpus
from tui.engine.hardware import free_memory
from tui.engine.room import room_for
from tui.store.settings import Settings
from tui.workflow.models import gpu_lines

_SAYS = """#!/bin/sh
case "$1" in
  --query-gpu=*)
    echo "0, GPU-aaa, NVIDIA H100 80GB HBM3, 1000, 81559, 9.0"
    echo "1, GPU-bbb, Tesla \x1b[2JV100, 30000, 32768, 7.0"
    echo "broken line";;
  *)
    echo "GPU-aaa, {pid}, 70000"
    echo "GPU-aaa, 999999999, 9000"
    echo "GPU-bbb, 1, [N/A]";;
esac
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "nvidia-smi"
    file.write_text(_SAYS.replace("{pid}", str(os.getpid())))
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.usefixtures("program")
def test_the_driver_tells_what_is_free_and_who_holds_the_rest() -> None:
    first, second = [listed.gpu for listed in _by_program(())]
    assert (first.free, first.capability) == (1000 * 2**20, (9, 0))
    mine, gone = first.users
    assert (mine.pid, mine.memory, mine.ours) == (os.getpid(), 70000 * 2**20, False)
    assert mine.program
    assert gone.owner == ""
    assert second.name == "Tesla [2JV100"
    assert second.users[0].memory is None


@pytest.mark.usefixtures("program")
def test_what_our_own_worker_holds_is_free_for_the_next_model() -> None:
    first = _by_program((os.getpid(),))[0].gpu
    assert first.free == 71000 * 2**20
    assert first.users[0].ours


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("chosen", "names"),
    [(None, "HV"), ("", ""), ("1", "V"), ("1,0", "VH"), ("GPU-b", "V"), ("0,7,1", "H"), ("-1", "")],
)
def test_cuda_visible_devices_is_respected(chosen: str | None, names: str) -> None:
    found = _visible(_by_program(()), chosen)
    assert "".join("H" if "H100" in gpu.name else "V" for gpu in found) == names
    assert [gpu.index for gpu in found] == list(range(len(names)))


@pytest.mark.skipif("+cpu" not in version("torch"), reason="this torch draws on GPUs")
@pytest.mark.usefixtures("program")
def test_a_torch_for_processors_has_no_gpu() -> None:
    assert gpus() == ()


_GB = 2**30
_MEMORY = {"V": (30 * _GB, 32 * _GB), "H/1": (9 * _GB, 10 * _GB), "H/5": (39 * _GB, 40 * _GB)}
"""Free and all of it; of the GPU that is cut into parts nobody may ask."""


@pytest.fixture
def parted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver's library where the first of two GPUs has two parts, in the slots 1 and 5."""
    import pynvml

    def parts(handle: str) -> int:
        if handle == "V":
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
        return 7

    def part(handle: str, slot: int) -> str:
        if slot not in (1, 5):
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)
        return f"{handle}/{slot}"

    def memory(handle: str) -> SimpleNamespace:
        if handle not in _MEMORY:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NO_PERMISSION)
        free, total = _MEMORY[handle]
        return SimpleNamespace(free=free, total=total)

    says: dict[str, Callable[..., Any]] = {
        "Init": lambda: None,
        "Shutdown": lambda: None,
        "DeviceGetCount": lambda: 2,
        "DeviceGetHandleByIndex": lambda index: "HV"[index],
        "DeviceGetMigMode": lambda handle: [int(parts(handle) > 0), 0],
        "DeviceGetMaxMigDeviceCount": parts,
        "DeviceGetMigDeviceHandleByIndex": part,
        "DeviceGetGpuInstanceId": lambda handle: int(handle[-1]),
        "DeviceGetComputeInstanceId": lambda handle: 0,
        "DeviceGetUUID": lambda handle: f"{'MIG' if '/' in handle else 'GPU'}-{handle}",
        "DeviceGetMemoryInfo": memory,
        "DeviceGetComputeRunningProcesses": lambda handle: [
            SimpleNamespace(pid=os.getpid(), usedGpuMemory=_GB)
        ],
        "DeviceGetCudaComputeCapability": lambda handle: {"H": (9, 0), "V": (7, 0)}[handle],
        "DeviceGetName": lambda handle: handle,
    }
    for name, said in says.items():
        monkeypatch.setattr(pynvml, f"nvml{name}", said)
    monkeypatch.setattr(engine_gpus, "_torch_has_cuda", lambda: True)


@pytest.mark.usefixtures("parted")
@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (None, ["V"]),
        ("0", ["H/1"]),
        ("1", ["V"]),
        ("GPU-V", ["V"]),
        ("GPU-H", ["H/1"]),
        ("MIG-H/5", ["H/5"]),
        ("MIG-GPU-H/5/0", ["H/5"]),
        ("MIG-H/5,MIG-H/1", ["H/5"]),
        ("MIG-other", []),
    ],
)
def test_a_part_of_a_gpu_has_a_size_of_its_own(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, names: list[str]
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    found = gpus((os.getpid(),))
    assert [gpu.name for gpu in found] == names
    for index, gpu in enumerate(found):
        free, total = _MEMORY[gpu.name]
        assert (gpu.index, gpu.free, gpu.total) == (index, free + _GB, total)
        assert gpu.capability == ((7, 0) if gpu.name == "V" else (9, 0))
        assert gpu.users[0].ours


@pytest.mark.usefixtures("parted")
def test_what_fits_into_a_part_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-H/1")
    room, _listed = room_for(Settings())
    assert (room.device, room.is_known, room.free) == ("GPU 0, H/1", True, 9 * _GB)
    # Another driver's name for a part that it does not list.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-other")
    assert not room_for(Settings())[0].is_known


@pytest.mark.usefixtures("parted")
def test_a_gpu_that_has_no_memory_of_its_own_is_there_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pynvml

    def memory(_handle: str) -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)

    monkeypatch.setattr(pynvml, "nvmlDeviceGetMemoryInfo", memory)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    room, listed = room_for(Settings())
    assert (room.device, room.on_gpu, room.is_known) == ("GPU 0, V", True, False)
    assert gpu_lines(listed)[0].startswith("GPU 0 V, whose memory the driver does not tell: ")


def test_without_a_driver_its_library_says_nothing() -> None:
    from tui.engine.gpus import _by_library

    assert _by_library(()) is None or _by_library(())


def test_some_memory_is_free() -> None:
    assert 2**20 < free_memory() < 2**50
