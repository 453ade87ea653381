"""What a worker gives back while nobody wants anything drawn; a GPU is made believe."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tui.engine.hardware import resident_bytes
from tui.engine.worker import loop
from tui.engine.worker.loop import Worker

from .test_out_of_memory import Outgoing, order


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setattr(loop, "LULL", 0)
    return Worker(io.BytesIO(), Outgoing())


@pytest.fixture
def gives_back(worker: Worker, monkeypatch: pytest.MonkeyPatch, tiny_model: Path) -> list[str]:
    """Each time that the cache is given back; the next batch comes right after."""
    times: list[str] = []

    def empty_cache() -> None:
        times.append("gives back")
        worker._batches.put(order(tiny_model, 2))

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", empty_cache)
    return times


def test_an_idle_worker_gives_a_gpu_s_memory_back(worker: Worker, gives_back: list[str]) -> None:
    assert worker._next().batch == 2
    assert gives_back == ["gives back"]


def test_between_two_batches_of_a_job_memory_is_kept(
    worker: Worker, gives_back: list[str], tiny_model: Path
) -> None:
    worker._batches.put(order(tiny_model, 1))
    assert worker._next().batch == 1
    assert gives_back == []


def test_what_converted_weights_leave_behind_goes_back_to_the_machine(
    worker: Worker, gives_back: list[str]
) -> None:
    before = resident_bytes()
    weights = [torch.ones(25_000) for _ in range(2_000)]
    whole = resident_bytes() - before
    # The C library gives back by itself what nothing lies behind.
    del weights[:-1]
    assert resident_bytes() - before > whole / 2
    assert worker._next().batch == 2
    assert resident_bytes() - before < whole / 2
    assert gives_back


def test_a_gpu_that_broke_off_meanwhile_ends_no_worker(
    worker: Worker, gives_back: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    give_back: Callable[[], None] = torch.cuda.empty_cache

    def broken() -> None:
        give_back()
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(torch.cuda, "empty_cache", broken)
    assert worker._next().batch == 2
    assert gives_back == ["gives back"]
