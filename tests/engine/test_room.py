"""What is free for the next model, with GPUs and workers that are made believe."""

import msgspec
import pytest

from tui.domain.versioned import to_json
from tui.engine import gpus as engine_gpus
from tui.engine import room
from tui.engine.fit import Shape, fit
from tui.engine.job_run import JobRun
from tui.engine.model_messages import Gpu, GpuUser, ModelPart
from tui.engine.room import room_for
from tui.engine.staff import Staff
from tui.engine.worker_messages import BatchDone, ModelLoaded, RunBatch, ToWorker
from tui.store.jobs import JobState
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.store.store import open_store
from tui.workflow.models import fit_sentence

from .helpers import PROJECT, request
from .test_races import ScriptedPool, ScriptedWorker

SEEN = GpuUser(pid=1, owner="we", program="python", memory=60, ours=True)
OTHER = GpuUser(pid=4711, owner="", program="", memory=60)
"""As a driver names ours to a container."""


@pytest.mark.parametrize(
    ("users", "listed", "free"),
    [
        ((OTHER,), 20, 80),
        ((), 20, 80),
        ((SEEN, OTHER), 70, 70),
        ((GpuUser(pid=1, owner="we", program="python", memory=None, ours=True),), 20, 80),
        ((OTHER,), 90, 100),
    ],
)
def test_our_own_model_is_free_also_where_the_driver_does_not_know_it(
    monkeypatch: pytest.MonkeyPatch, users: tuple[GpuUser, ...], listed: int, free: int
) -> None:
    gpu = Gpu(index=0, name="H100", free=listed, total=100, users=users)
    monkeypatch.setattr(room, "gpus", lambda own: (gpu,))
    found, (told,) = room_for(Settings(), (1,), {"cuda:0": 60, "cuda:1": 7})
    assert found.free == told.free == free
    assert room_for(Settings(), (1,))[0].free == listed


class HoldingWorker(ScriptedWorker):
    """Loads a model on a GPU, and keeps less of it there than it loaded."""

    async def send(self, message: ToWorker) -> None:
        if isinstance(message, RunBatch):
            loaded = ModelLoaded(message.batch, 0.1, "H100", "bfloat16", "cuda:1", 60)
            self._events.put_nowait((loaded, b""))
        await super().send(message)

    def _done(self, batch: int) -> BatchDone:
        return BatchDone(batch, 0.1, 25)


async def test_what_a_warm_model_holds_is_known_until_its_worker_ends(home: Home) -> None:
    staff = Staff(ScriptedPool(HoldingWorker(waits=False)))
    with open_store(home) as store:
        job = store.jobs.add(PROJECT, to_json(request(1)))
        run = JobRun(store, Settings(), staff, lambda *_, **__: None, job)
        assert staff.held == {}
        assert await run.run() is JobState.DONE
    assert staff.held == {"cuda:1": 25}
    await staff.dismiss()
    assert staff.held == {}


@pytest.mark.parametrize("chosen", ["MIG-4e1f", "MIG-GPU-aaa/1/0"])
def test_a_part_of_a_gpu_is_no_processor(monkeypatch: pytest.MonkeyPatch, chosen: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    monkeypatch.setattr(engine_gpus, "_torch_has_cuda", lambda: True)
    found, listed = room_for(Settings())
    assert (found.on_gpu, found.is_known, found.precision, listed) == (True, False, "bfloat16", ())
    parts = (ModelPart("unet", "U", 4 * 10**9, {"F16": 4 * 10**9}),)
    sentence = fit_sentence(fit(parts, Shape(0, 0), found))
    assert sentence.startswith("May fit: about 4.7 GB needed in bfloat16, on a part of a GPU whose")
    on_cpu, _ = room_for(msgspec.structs.replace(Settings(), device="cpu"))
    assert (on_cpu.device, on_cpu.is_known) == ("CPU", True)


def test_without_cuda_a_part_of_a_gpu_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-4e1f")
    monkeypatch.setattr(engine_gpus, "_torch_has_cuda", lambda: False)
    assert room_for(Settings())[0].device == "CPU"
