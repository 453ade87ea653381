"""The worker's class in this process, with a network that claims to have no memory left."""

import io
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tui.engine.frames import read_frame_blocking
from tui.engine.models import local_model
from tui.engine.worker.loop import Worker
from tui.engine.worker_messages import (
    BatchDone,
    BatchFailed,
    FromWorker,
    ModelLoaded,
    RunBatch,
    SlotPixels,
    SteppedDown,
    decode_from_worker,
)

from .helpers import request
from .tiny_models import SIDE


class Outgoing(io.BytesIO):
    """What the worker says; remembers whether the model still lived at each message."""

    model: "weakref.ref[Any] | None" = None

    def __init__(self) -> None:
        super().__init__()
        self.alive: list[bool] = []

    def write(self, data: Any) -> int:
        self.alive.append(self.model is not None and self.model() is not None)
        return super().write(data)

    def said(self) -> list[tuple[FromWorker, bytes]]:
        stream, found = io.BytesIO(self.getvalue()), []
        while (frame := read_frame_blocking(stream)) is not None:
            found.append((decode_from_worker(frame[0]), frame[1]))
        self.seek(0)
        self.truncate()
        return found


@pytest.fixture
def outgoing() -> Outgoing:
    return Outgoing()


def order(
    model: Path, number: int, *, seeds: tuple[int, ...] = (1, 2), side: int = SIDE, **rest: Any
) -> RunBatch:
    """A batch, all of whose slots are wanted."""
    return RunBatch(
        batch=number,
        intent=request(1, width=side, height=side, model=str(model)).intent,
        seeds=seeds,
        wanted=tuple(range(len(seeds))),
        model=local_model(str(model)),
        device="cpu",
        precision="float32",
        threads=1,
        previews=False,
        **rest,
    )


def full_once() -> Callable[..., None]:
    """A hook that has no memory the first time."""
    asked: list[bool] = []

    def check(*_: object) -> None:
        asked.append(True)
        if len(asked) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory")

    return check


def spoiled(worker: Worker, error: Exception) -> tuple["weakref.ref[Any]", Any]:
    """Have the network raise it; a weak reference to it, and the hook to undo it with."""

    def fail(*_: object) -> None:
        raise error.with_traceback(None)

    assert worker.model is not None
    network = worker.model.denoiser
    assert network is not None
    return weakref.ref(network), network.register_forward_pre_hook(fail)


def test_a_batch_that_does_not_fit_is_explained_and_the_next_one_drawn(
    outgoing: Outgoing, tiny_model: Path
) -> None:
    worker = Worker(io.BytesIO(), outgoing)
    threads = torch.get_num_threads()
    try:
        worker.handle(order(tiny_model, 1))
        undisturbed = outgoing.said()
        assert [type(message) for message, _ in undisturbed[-3:]] == [SlotPixels] * 2 + [BatchDone]

        outgoing.model, _ = spoiled(worker, torch.OutOfMemoryError("CUDA out of memory"))
        worker.handle(order(tiny_model, 2))
        (down, _), (failed, _) = outgoing.said()
        assert isinstance(down, SteppedDown)
        assert isinstance(failed, BatchFailed)
        assert failed.sentence == (
            f"there is no memory for one image of 64 × 64 by {tiny_model}; it ran out while "
            "drawing: draw smaller ones, end what else uses the device, or choose a smaller model"
        )
        assert not outgoing.alive[-1], "the memory was free before anybody was told"

        worker.handle(order(tiny_model, 3))
        after = outgoing.said()
        assert any(isinstance(message, ModelLoaded) for message, _ in after)
        pixels = [
            [blob for message, blob in said if isinstance(message, SlotPixels)]
            for said in (undisturbed, after)
        ]
        assert pixels[0] == pixels[1]
        assert all(pixels[0])
    finally:
        torch.set_num_threads(threads)


def test_an_error_of_a_library_ends_the_batch_and_not_the_worker(
    outgoing: Outgoing, tiny_model: Path
) -> None:
    worker = Worker(io.BytesIO(), outgoing)
    threads = torch.get_num_threads()
    try:
        worker.handle(order(tiny_model, 1))

        _, hook = spoiled(worker, RuntimeError("\x1b[31mno\nway"))
        outgoing.said()
        worker.handle(order(tiny_model, 2))
        ((failed, _),) = outgoing.said()
        assert isinstance(failed, BatchFailed)
        assert failed.sentence.startswith("the model could not draw this: RuntimeError: ")
        assert failed.sentence.isprintable()
        hook.remove()
        worker.handle(order(tiny_model, 3))
        assert isinstance(outgoing.said()[-1][0], BatchDone)
    finally:
        torch.set_num_threads(threads)
