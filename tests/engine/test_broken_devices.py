"""GPUs that break off; networks and workers that say so stand in for them."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
import torch

from tui.domain.versioned import to_json
from tui.engine.job_run import JobRun
from tui.engine.staff import Staff
from tui.engine.worker.breaking import why_broken
from tui.engine.worker.loading import LoadingError
from tui.engine.worker.loop import Worker
from tui.engine.worker_messages import BatchFailed, FromWorker, RunBatch, ToWorker
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import open_store

from .helpers import PROJECT, request
from .test_ladder import caused
from .test_out_of_memory import Outgoing, order, outgoing, spoiled
from .test_races import ScriptedWorker

__all__ = ["outgoing"]

ILLEGAL = "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be async"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RuntimeError(ILLEGAL), "an illegal memory access was encountered"),
        (RuntimeError("CUDA error: device-side assert triggered"), "device-side assert triggered"),
        (RuntimeError("CUDA error: unspecified launch failure"), "unspecified launch failure"),
        (
            RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublas`"),
            "CUBLAS_STATUS_EXECUTION_FAILED when calling `cublas`",
        ),
        (
            RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
            "CUDNN_STATUS_EXECUTION_FAILED",
        ),
        (
            RuntimeError("Triton Error [CUDA]: an illegal memory access was encountered"),
            "an illegal memory access was encountered",
        ),
        (
            caused(LoadingError("the model cannot be read"), RuntimeError(ILLEGAL)),
            "an illegal memory access was encountered",
        ),
        (RuntimeError("CUDA error: out of memory"), ""),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), ""),
        (torch.OutOfMemoryError("CUDA out of memory"), ""),
        (RuntimeError("shapes do not match"), ""),
        (ValueError("a prompt about a CUDA error"), ""),
    ],
    ids=str,
)
def test_a_broken_device_is_told_from_other_errors(error: Exception, why: str) -> None:
    assert why_broken(error) == why


@pytest.mark.skipif(not hasattr(torch, "AcceleratorError"), reason="torch has no such type yet")
def test_torch_s_own_error_needs_no_words_but_memory_s() -> None:
    error: Any = torch.AcceleratorError
    assert why_broken(error("misaligned address")) == "misaligned address"
    assert why_broken(error("CUDA error: out of memory")) == ""


def test_the_worker_says_that_its_device_is_broken_and_touches_it_no_more(
    outgoing: Outgoing, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(io.BytesIO(), outgoing)
    threads = torch.get_num_threads()
    try:
        worker.handle(order(tiny_model, 1))
        spoiled(worker, RuntimeError(ILLEGAL))
        outgoing.said()

        def refuse() -> None:
            raise RuntimeError(ILLEGAL)

        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "empty_cache", refuse)
        worker.handle(order(tiny_model, 2))
        ((failed, _),) = outgoing.said()
        assert failed == BatchFailed(
            2,
            "the GPU reported “an illegal memory access was encountered”: the worker starts anew; "
            "try again, and choose another device or model if it comes back",
            device_broken=True,
        )
    finally:
        torch.set_num_threads(threads)


class BreakingWorker(ScriptedWorker):
    """Fails at its first batch, and would at all that follow."""

    def __init__(self, pid: int) -> None:
        super().__init__(waits=False)
        self.pid = pid

    async def send(self, message: ToWorker) -> None:
        self.heard.append(message)
        if isinstance(message, RunBatch):
            says: FromWorker = BatchFailed(message.batch, "the GPU reported", device_broken=True)
            self._events.put_nowait((says, b""))


class BreakingPool:
    """The first so many workers break."""

    def __init__(self, breaking: int) -> None:
        self.started: list[ScriptedWorker] = []
        self._breaking = breaking

    async def start_worker(self) -> ScriptedWorker:
        breaks = len(self.started) < self._breaking
        worker = BreakingWorker(len(self.started)) if breaks else ScriptedWorker(waits=False)
        self.started.append(worker)
        return worker


async def test_a_worker_with_a_broken_device_fails_its_batch_and_is_replaced(home: Home) -> None:
    pool = BreakingPool(1)
    staff = Staff(pool)
    with open_store(home) as store:
        states = []
        for seed in (1, 2):
            job = store.jobs.add(PROJECT, to_json(request(seed)))
            states.append(await JobRun(store, Settings(), staff, lambda *_, **__: None, job).run())
            now = store.jobs.get(job.id)
            assert (now.deaths, now.error) == (0, "the GPU reported" if seed == 1 else "")
        assert states == [JobState.FAILED, JobState.DONE]
    assert [worker.alive for worker in pool.started] == [False, True]


async def test_another_device_takes_over_from_a_broken_one(home: Home) -> None:
    pool = BreakingPool(1)
    staff = Staff(pool, "cuda:0,cuda:1")
    with open_store(home) as store:
        job = store.jobs.add(PROJECT, to_json(request(1, 2, 3, batch_size=1)))
        run = JobRun(store, Settings(), staff, lambda *_, **__: None, job)
        assert await asyncio.wait_for(run.run(), 60) is JobState.DONE
        assert len(store.images.for_job(job.id)) == 3
    assert [worker.alive for worker in pool.started] == [False, True]
    assert [post.pid for post in staff.posts] == [None, 1]
