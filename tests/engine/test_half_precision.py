"""Half precision where an autoencoder of SDXL is made more precise while it is used."""

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace

from tui.engine.worker.latents import encode
from tui.engine.worker.loading import load
from tui.engine.worker.loop import Worker
from tui.engine.worker.placement import Placement
from tui.engine.worker_messages import BatchDone, RunBatch, SlotPixels, SteppedDown

from .test_out_of_memory import Outgoing, full_once, order
from .tiny_models.xl import save_tiny_xl

pytestmark = [
    pytest.mark.usefixtures("threads_as_before"),
    pytest.mark.filterwarnings(
        # Some schedulers use numpy's older ways, and the pipeline one of its own.
        "ignore:__array__ implementation:DeprecationWarning",
        "ignore:.upcast_vae. is deprecated:FutureWarning",
    ),
]


class HalfWorker(Worker):
    """Draws as an older GPU does, on the processor."""

    def _placement(self, batch: RunBatch) -> Placement:
        return Placement("cpu", "a processor", "float16")


def drawn(worker: Worker, outgoing: Outgoing, batch: RunBatch) -> tuple[list[bytes], list[Any]]:
    """The pictures, and all that was said."""
    worker.handle(batch)
    said = outgoing.said()
    return [blob for it, blob in said if isinstance(it, SlotPixels)], [it for it, _ in said]


def test_memory_that_runs_out_while_decoding_leaves_the_model_usable(tmp_path: Path) -> None:
    """The pipeline meant to make its autoencoder less precise again afterwards."""
    job = order(save_tiny_xl(tmp_path / "model"), 1)
    outgoing = Outgoing()
    worker = HalfWorker(io.BytesIO(), outgoing)
    plain, _ = drawn(worker, outgoing, job)
    assert worker.model is not None
    hook = worker.model.vae.decoder.register_forward_pre_hook(full_once())
    tiled, said = drawn(worker, outgoing, replace(job, batch=2))
    hook.remove()
    sentences = [it.sentence for it in said if isinstance(it, SteppedDown)]
    assert len(sentences) == 1
    assert sentences[0].startswith("memory ran out while decoding: going on in tiles")
    assert isinstance(said[-1], BatchDone)
    assert len(tiled) == len(plain) == 2
    again, said = drawn(worker, outgoing, replace(job, batch=3))
    assert isinstance(said[-1], BatchDone)
    assert again == plain
    assert worker.model.vae.dtype is torch.float16


def test_memory_that_runs_out_while_a_picture_is_encoded_does_too(tmp_path: Path) -> None:
    job = order(save_tiny_xl(tmp_path / "model"), 1)
    vae = load(job.model, Placement("cpu", "a processor", "float16")).vae
    made_precise = vae.to

    def full(kind: torch.dtype) -> Any:
        found = made_precise(kind)
        if kind is torch.float32:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return found

    vae.to = full
    with pytest.raises(torch.OutOfMemoryError):
        encode(vae, torch.zeros(1, 3, 64, 64))
    assert vae.dtype is torch.float16
