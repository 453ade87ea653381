import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from msgspec.structs import replace

from tui.engine.model_messages import Gpu
from tui.engine.supervisor import connect
from tui.engine.worker import placement
from tui.engine.worker.loop import Worker
from tui.engine.worker.placement import Placement, PlacementError, place
from tui.engine.worker.probe import probe
from tui.engine.worker.running_out import held
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.settings import SettingsError, load_settings

from .helpers import assert_kept, processes, request, run, status
from .test_out_of_memory import Outgoing, order


async def test_a_gpu_that_is_not_there_is_explained(make_home: Callable[..., Home]) -> None:
    home = make_home(device="cuda:777")
    client = await connect(home)
    view, _ = await run(home, request(1))
    assert view.state is JobState.FAILED
    assert view.error.startswith("the device “cuda:777” is not here: this machine has ")
    assert view.error.endswith("; set device to auto or cpu in config.toml")
    assert (await status(client)).worker_pid in processes(home), "the worker lives on"
    await client.close()


@pytest.mark.parametrize("device", ["tpu", "cuda:", "cuda:-1", "cuda:x", ""])
def test_a_device_nobody_has(device: str) -> None:
    with pytest.raises(PlacementError, match="set device to auto or cpu"):
        place(device, "auto")


def test_a_precision_nobody_has(make_home: Callable[..., Home]) -> None:
    with pytest.raises(PlacementError, match="choose auto, float32"):
        place("cpu", "float7")
    with pytest.raises(SettingsError, match='"precision" is "float7": give'):
        load_settings(make_home(precision="float7"))


async def test_the_precision_of_a_job_goes_before_the_settings(warm: Home) -> None:
    view, _ = await run(warm, request(501, precision="float32", threads=1, again=True))
    assert_kept(warm, view, (501,))
    refused, _ = await run(warm, request(501, precision="float7", again=True))
    assert (
        refused.error
        == "“float7” is no precision: choose auto, float32, bfloat16, float16 or float8"
    )


class FakeGpus:
    """What torch and the driver say of GPUs that are not here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *free: int | None) -> None:
        self.free = free
        self.listed: tuple[Gpu, ...] = ()
        """By the driver."""
        self.opened: list[int] = []
        """Those on which a context was wanted."""
        monkeypatch.setattr(placement, "gpus", lambda own: self.listed)
        for name, says in (
            ("is_available", lambda: True),
            ("device_count", lambda: len(free)),
            ("mem_get_info", self._mem_get_info),
            ("set_device", lambda device: None),
            ("get_device_name", lambda device: f"GPU {device}"),
            ("get_device_capability", lambda device: (9, 0)),
        ):
            monkeypatch.setattr(torch.cuda, name, says)

    def _mem_get_info(self, index: int) -> tuple[int, int]:
        self.opened.append(index)
        if (free := self.free[index]) is None:
            raise RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be")
        return free, 100


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_gpus_are_compared_without_a_context_on_each(
    monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    fake = FakeGpus(monkeypatch, 1, 1, 1)
    fake.listed = tuple(
        Gpu(index=index, name="H100", free=free, total=100)
        for index, free in enumerate((20, 70, 10))
    )
    assert place(device, "auto").device == "cuda:1"
    assert fake.opened == []


@pytest.mark.parametrize(
    ("free", "chosen"),
    [((20, None, 70), "cuda:2"), ((None, 5), "cuda:1"), ((None, None), "cuda:0")],
)
def test_a_gpu_that_refuses_is_no_end_of_the_others(
    monkeypatch: pytest.MonkeyPatch, free: tuple[int | None, ...], chosen: str
) -> None:
    fake = FakeGpus(monkeypatch, *free)
    assert place("auto", "auto").device == chosen
    assert fake.opened == list(range(len(free)))


def test_one_gpu_is_compared_with_none(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeGpus(monkeypatch, None)
    assert place("auto", "auto").device == "cuda:0"
    assert fake.opened == []


def test_the_doctor_hears_of_every_gpu_and_of_those_that_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    FakeGpus(monkeypatch, 20, None)
    assert json.loads(probe())["gpus"] == [
        {"name": "GPU 0", "free": 20, "total": 100},
        {"name": "GPU 1", "refuses": "CUDA error: out of memory"},
    ]


@pytest.mark.parametrize(
    ("device", "now", "then"),
    [
        ("auto", "cuda:0", "cuda:0"),
        ("cuda", "cuda:0", "cuda:0"),
        ("cuda", "cpu", "cuda:1"),
        ("auto", "cpu", "cpu"),
        ("cuda:1", "cuda:0", "cuda:1"),
    ],
)
def test_a_loaded_model_stays_where_it_is_when_another_gpu_is_freer(
    monkeypatch: pytest.MonkeyPatch, tiny_model: Path, device: str, now: str, then: str
) -> None:
    FakeGpus(monkeypatch, 10, 70)
    worker = Worker(io.BytesIO(), Outgoing())
    loaded: Any = SimpleNamespace(placement=Placement(now, "", "float32"))
    worker.model = loaded
    batch = replace(order(tiny_model, 1), device=device)
    assert worker._placement(batch).device == then


@pytest.mark.parametrize(("device", "bytes_held"), [("cuda:1", 7), ("cpu", 0)])
def test_a_worker_tells_what_it_holds_of_a_gpu_and_nothing_of_a_processor(
    monkeypatch: pytest.MonkeyPatch, device: str, bytes_held: int
) -> None:
    monkeypatch.setattr(torch.cuda, "memory_allocated", {"cuda:1": 7}.__getitem__)
    assert held(device) == bytes_held
