"""Memory that runs out at each stage: the worker goes on with less, and remembers it.

The parts of a real pipeline claim to have no memory left, by a rule that stands for a device's
size. The processor has no memory beside its own, so for offloading it plays a second device,
under another of its names.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace

from tui.domain.adjustments import SLICED, TILED
from tui.engine.fit import weights_in
from tui.engine.worker import effort, previews
from tui.engine.worker.ladder import Offload
from tui.engine.worker.loading import Model
from tui.engine.worker.loop import Worker
from tui.engine.worker.placement import Placement
from tui.engine.worker.remembering import Remembered
from tui.engine.worker_messages import (
    BatchDone,
    BatchFailed,
    BatchStep,
    ModelLoaded,
    RunBatch,
    SlotPixels,
    SlotPreview,
    SteppedDown,
)

from .test_out_of_memory import Outgoing, full_once, order
from .tiny_models import SIDE, save_tiny_flux

pytestmark = pytest.mark.usefixtures("threads_as_before")

FULL = "CUDA out of memory"
SEEDS = (1, 2, 3, 4)
Drawn = dict[int, tuple[SlotPixels, bytes]]


class SecondDevice(Worker):
    """Takes the processor for a device that models can be offloaded from."""

    def _placement(self, batch: RunBatch) -> Placement:
        return Placement("cpu:0", "second", "float32")


class SmallDevice(SecondDevice):
    """No whole model fits there."""

    def _loaded(self, batch: RunBatch, placement: Placement, offload: Offload) -> Model:
        if not offload:
            raise torch.OutOfMemoryError(FULL)
        return super()._loaded(batch, placement, offload)


class Bench:
    """A worker, and what it says about each batch."""

    def __init__(self, kind: type[Worker] = Worker) -> None:
        self._outgoing = Outgoing()
        self.worker = kind(io.BytesIO(), self._outgoing)
        self.steps: list[tuple[int, int]] = []
        self.loads = self.previews = 0

    def draw(self, batch: RunBatch) -> tuple[Drawn, list[str], Any]:
        """Slots, the sentences about memory, and how it ended."""
        self.worker.handle(batch)
        said = self._outgoing.said()
        messages = [message for message, _ in said]
        self.steps = [(it.step, it.steps) for it in messages if isinstance(it, BatchStep)]
        self.loads = sum(isinstance(it, ModelLoaded) for it in messages)
        self.previews = sum(isinstance(it, SlotPreview) for it in messages)
        slots = [(it, blob) for it, blob in said if isinstance(it, SlotPixels)]
        assert len({slot.slot for slot, _ in slots}) == len(slots), "nothing is sent twice"
        sentences = [it.sentence for it in messages if isinstance(it, SteppedDown)]
        return {slot.slot: (slot, blob) for slot, blob in slots}, sentences, messages[-1]

    @property
    def pipe(self) -> Any:
        assert self.worker.model is not None
        return self.worker.model.pipe


def full_beyond(most: int) -> Callable[..., None]:
    """A hook for a module that has memory for so many images, twice for the guidance."""

    def check(_module: Any, given: Any, named: dict[str, Any]) -> None:
        tensors = [x for x in (*given, *named.values()) if isinstance(x, torch.Tensor)]
        if max(len(x) for x in tensors if x.ndim) > most:
            raise torch.OutOfMemoryError(FULL)

    return check


def shape(drawn: Drawn) -> dict[int, tuple[int, int, int]]:
    """For each slot what decides its pixels: seed, batch size, place in it."""
    return {
        slot: (found.recipe.intent.seed, found.recipe.batch_size, found.recipe.slot)
        for slot, (found, _) in drawn.items()
    }


def test_fewer_at_once_are_what_a_smaller_batch_would_have_been(tiny_model: Path) -> None:
    bench = Bench()
    halves = [
        bench.draw(order(tiny_model, number, seeds=seeds))[0]
        for number, seeds in enumerate((SEEDS[:2], SEEDS[2:]))
    ]
    calls: list[int] = []
    check = full_beyond(2 * 2)

    def mid_denoise(module: Any, given: Any, named: dict[str, Any]) -> None:
        calls.append(1)
        if len(calls) > 1:
            check(module, given, named)

    bench.pipe.unet.register_forward_pre_hook(mid_denoise, with_kwargs=True)
    drawn, sentences, end = bench.draw(order(tiny_model, 3, seeds=SEEDS))
    assert isinstance(end, BatchDone)
    assert sentences == [
        "memory ran out while drawing: going on with 2 images at a time, which takes longer"
    ]
    assert shape(drawn) == {0: (1, 2, 0), 1: (2, 2, 1), 2: (3, 2, 0), 3: (4, 2, 1)}
    assert all(not slot.recipe.adjustments for slot, _ in drawn.values())
    assert [drawn[slot][1] for slot in range(4)] == [
        half[slot][1] for half in halves for slot in range(2)
    ]
    steps = bench.steps[1:]
    total = steps[0][1]
    assert steps == [(step, total) for step in range(1, total + 1)], "counted over both parts"


def test_where_one_image_is_too_many_it_is_said_once(tiny_model: Path) -> None:
    bench = Bench()
    bench.draw(order(tiny_model, 1))
    bench.pipe.unet.register_forward_pre_hook(full_beyond(1), with_kwargs=True)
    drawn, sentences, end = bench.draw(order(tiny_model, 2, seeds=SEEDS))
    assert isinstance(end, BatchFailed)
    assert end.sentence.startswith("there is no memory for one image of 64 × 64 by ")
    assert not drawn
    assert len(sentences) == 2


def test_what_reads_the_prompt_is_given_fewer_prompts(tiny_model: Path) -> None:
    bench = Bench()
    bench.draw(order(tiny_model, 1))
    bench.pipe.text_encoder.register_forward_pre_hook(full_beyond(1), with_kwargs=True)
    drawn, sentences, end = bench.draw(order(tiny_model, 2, seeds=SEEDS))
    assert isinstance(end, BatchDone)
    assert sentences == [
        (
            "memory ran out before the first step: "
            "going on with 2 images at a time, which takes longer"
        ),
        (
            "memory ran out before the first step: "
            "going on with one image at a time, which takes longer"
        ),
    ]
    assert set(shape(drawn).values()) == {(seed, 1, 0) for seed in SEEDS}


def spoil_decoder(vae: Any, *, spared: int) -> None:
    """Whole pictures of twice the size do not fit, beyond the first few; tiles do."""
    whole: list[int] = []

    def check(_module: Any, given: Any) -> None:
        if given[0].shape[-1] > SIDE // 2:
            whole.append(1)
            if len(whole) > spared:
                raise torch.OutOfMemoryError(FULL)

    vae.decoder.register_forward_pre_hook(check)


def test_only_the_decoding_is_done_again_in_tiles(tiny_model: Path) -> None:
    bench = Bench()
    plain, _, _ = bench.draw(order(tiny_model, 1, side=2 * SIDE))
    asked: list[int] = []
    bench.pipe.unet.register_forward_pre_hook(lambda *_: asked.append(1))
    bench.draw(order(tiny_model, 2, side=2 * SIDE))
    usual = len(asked)
    asked.clear()

    spoil_decoder(bench.pipe.vae, spared=1)
    drawn, sentences, end = bench.draw(order(tiny_model, 3, side=2 * SIDE))
    assert isinstance(end, BatchDone)
    assert sentences == [
        (
            "memory ran out while decoding: "
            "going on in tiles, which is slower and changes the pixels a little"
        )
    ]
    assert len(asked) == usual, "what was denoised is not denoised again"
    assert [drawn[slot][0].recipe.adjustments for slot in (0, 1)] == [(), (TILED,)]
    assert drawn[0][1] == plain[0][1]
    assert drawn[1][1] != plain[1][1], "so it has to be marked"
    assert drawn[1][0].recipe.intent.key == plain[1][0].recipe.intent.key

    rerun = order(tiny_model, 4, side=2 * SIDE, adjustments=(TILED,))
    again, sentences, _ = bench.draw(rerun)
    assert sentences == []
    assert again[1] == (replace(drawn[1][0], batch=4, seconds=again[1][0].seconds), drawn[1][1])


def test_a_rerun_is_drawn_as_its_recipe_says_whatever_is_remembered(
    tiny_model: Path, tmp_path: Path
) -> None:
    memory = str(tmp_path / "memory.json")
    bench = Bench()
    job = order(tiny_model, 1, side=2 * SIDE, memory=memory)
    plain, _, _ = bench.draw(job)
    spoil_decoder(bench.pipe.vae, spared=0)
    tiled, _, _ = bench.draw(replace(job, batch=2))

    bench = Bench()
    found, sentences, _ = bench.draw(replace(job, batch=3))
    assert sentences == []
    assert [blob for _, blob in found.values()] == [blob for _, blob in tiled.values()]
    again, sentences, _ = bench.draw(replace(job, batch=4, adjustments=()))
    assert sentences == []
    assert [blob for _, blob in again.values()] == [blob for _, blob in plain.values()]


def test_a_family_that_decodes_by_itself_is_sliced_and_tiled(tmp_path: Path) -> None:
    flux = save_tiny_flux(tmp_path / "flux")
    bench = Bench()
    bench.draw(order(flux, 1))
    bench.pipe.vae.decoder.register_forward_pre_hook(full_beyond(1), with_kwargs=True)
    drawn, sentences, end = bench.draw(order(flux, 2))
    assert isinstance(end, BatchDone), end
    assert [sentence[:30] for sentence in sentences] == ["memory ran out while decoding:"]
    assert {slot.recipe.adjustments for slot, _ in drawn.values()} == {(SLICED,)}
    assert shape(drawn) == {0: (1, 2, 0), 1: (2, 2, 1)}


def test_the_next_worker_begins_where_this_one_ended(tiny_model: Path, tmp_path: Path) -> None:
    memory = str(tmp_path / "memory.json")
    job = order(tiny_model, 1, seeds=SEEDS, memory=memory)
    bench = Bench()
    bench.draw(order(tiny_model, 0))
    bench.pipe.unet.register_forward_pre_hook(full_beyond(2 * 2), with_kwargs=True)
    first, sentences, _ = bench.draw(job)
    assert len(sentences) == 1
    second, sentences, _ = bench.draw(replace(job, batch=2))
    assert sentences == []

    bench = Bench()
    third, sentences, _ = bench.draw(replace(job, batch=3))
    assert sentences == []
    assert shape(first) == shape(second) == shape(third)
    assert {size for _, size, _ in shape(first).values()} == {2}
    smaller, _, _ = bench.draw(order(tiny_model, 4, seeds=SEEDS[:3], memory=memory))
    assert {size for _, size, _ in shape(smaller).values()} == {3}, "that may well fit"


def test_what_is_missing_alone_is_drawn(tiny_model: Path) -> None:
    """As after a death, when two images of four are there."""
    bench = Bench()
    bench.draw(order(tiny_model, 1))
    bench.pipe.unet.register_forward_pre_hook(full_beyond(2 * 1), with_kwargs=True)
    job = replace(order(tiny_model, 2, seeds=SEEDS), wanted=(1, 3))
    drawn, _, _ = bench.draw(job)
    assert shape(drawn) == {1: (2, 1, 0), 3: (4, 1, 0)}


def test_after_one_image_at_a_time_the_model_leaves_the_device(tiny_model: Path) -> None:
    bench = Bench(SecondDevice)
    plain = Bench().draw(order(tiny_model, 1, seeds=(2,)))[0]
    bench.draw(order(tiny_model, 1))
    network = bench.pipe.unet

    def check(*_: object) -> None:
        if not any(hasattr(part, "_diffusers_hook") for part in network.modules()):
            raise torch.OutOfMemoryError(FULL)

    network.register_forward_pre_hook(check)
    drawn, sentences, end = bench.draw(order(tiny_model, 2))
    assert isinstance(end, BatchDone)
    assert sentences == [
        "memory ran out while drawing: going on with one image at a time, which takes longer",
        (
            "memory ran out while drawing: "
            "only the part of the model that computes is on the device now: slower"
        ),
        (
            "memory ran out while drawing: "
            "only the layer of the model that computes is on the device now: much slower"
        ),
    ]
    assert bench.loads == 0, "it is not read from disk for that"
    assert drawn[1][1] == plain[0][1]
    assert drawn[1][0].recipe.adjustments == ()


def test_a_model_that_does_not_fit_is_loaded_part_by_part_at_any_size(
    tiny_model: Path, tmp_path: Path
) -> None:
    memory = str(tmp_path / "memory.json")
    plain, _, _ = Bench(SecondDevice).draw(order(tiny_model, 1))
    drawn, sentences, end = Bench(SmallDevice).draw(order(tiny_model, 1, memory=memory))
    assert isinstance(end, BatchDone)
    assert sentences == [
        (
            "memory ran out while loading the model: "
            "only the part of the model that computes is on the device now: slower"
        )
    ]
    assert [blob for _, blob in drawn.values()] == [blob for _, blob in plain.values()]

    bench = Bench(SmallDevice)
    _, sentences, end = bench.draw(order(tiny_model, 2, side=2 * SIDE, memory=memory))
    assert isinstance(end, BatchDone)
    assert sentences == []
    assert bench.worker.model is not None
    assert bench.worker.model.offload is Offload.PARTS


def with_room(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(effort, "room", lambda device: size)


def offload_of(bench: Bench) -> Offload:
    assert bench.worker.model is not None
    return bench.worker.model.offload


def test_what_is_plainly_too_large_is_not_tried_whole(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _, _ = Bench().draw(order(tiny_model, 1))
    weights, memory = sum(weights_in(tiny_model, "float32")), str(tmp_path / "memory.json")
    job = order(tiny_model, 1, memory=memory)
    with_room(monkeypatch, weights - 1)
    bench = Bench(SecondDevice)
    drawn, sentences, end = bench.draw(job)
    assert isinstance(end, BatchDone)
    assert sentences == [
        (
            "the model is larger than the memory that is free on second: "
            "only the part of it that computes is on the device: slower"
        )
    ]
    assert (offload_of(bench), bench.loads) == (Offload.PARTS, 1)
    assert [blob for _, blob in drawn.values()] == [blob for _, blob in plain.values()]
    assert all(not slot.recipe.adjustments for slot, _ in drawn.values())
    assert bench.draw(replace(job, batch=2))[1] == [], "it is said once"
    assert (offload_of(bench), bench.loads) == (Offload.PARTS, 0)

    with_room(monkeypatch, 2 * weights)
    assert bench.draw(replace(job, batch=3))[1] == [], "the others have left"
    assert offload_of(bench) is Offload.NONE


def test_where_one_part_is_too_large_it_goes_by_layers_at_once(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one image at a time would be tried first, and remembered, which helps nothing."""
    plain, _, _ = Bench().draw(order(tiny_model, 1))
    with_room(monkeypatch, max(weights_in(tiny_model, "float32")))
    bench = Bench(SecondDevice)
    drawn, sentences, end = bench.draw(order(tiny_model, 1))
    assert isinstance(end, BatchDone)
    assert sentences == [
        (
            "a part of the model alone is larger than the memory that is free on second: "
            "only the layer of it that computes is on the device: much slower"
        )
    ]
    assert (offload_of(bench), bench.loads) == (Offload.LAYERS, 1)
    assert [blob for _, blob in drawn.values()] == [blob for _, blob in plain.values()]


def test_what_may_fit_is_tried_whole(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = sum(weights_in(tiny_model, "float32"))
    assert weights == 2 * sum(weights_in(tiny_model, "bfloat16"))
    # As large as the weights; unknown, as for the processor; a model that nobody can measure.
    for size, folder in ((weights, tiny_model), (0, tiny_model), (1, tiny_model.parent)):
        with_room(monkeypatch, size)
        job = order(tiny_model, 1)
        placement = Placement("cpu:0", "second", "float32")
        begun = begin(replace(job, model=replace(job.model, folder=str(folder))), placement)
        assert (begun.thrift.offload, begun.foreseen) == (Offload.NONE, "")
    with_room(monkeypatch, 1)
    assert not begin(order(tiny_model, 1), Placement("cpu", "first", "float32")).foreseen


def begin(job: RunBatch, placement: Placement) -> effort.Effort:
    """How a batch would be begun where nothing is remembered."""
    return effort.Effort(
        job,
        placement,
        Remembered(None),
        on_step=lambda *_: None,
        on_preview=lambda *_: None,
        says=lambda _: None,
        stopped=lambda: False,
    )


def test_on_the_processor_loading_has_no_other_way(tiny_model: Path) -> None:
    class Full(Worker):
        def _loaded(self, batch: RunBatch, placement: Placement, offload: Offload) -> Model:
            raise MemoryError

    _, sentences, end = Bench(Full).draw(order(tiny_model, 1))
    assert sentences == []
    assert end == BatchFailed(
        1,
        f"{tiny_model} does not fit into the device's memory: end what else uses that, "
        "or choose a smaller model",
    )


def test_memory_that_runs_out_for_one_preview_costs_that_one(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.engine.worker.drawing._PREVIEW_SECONDS", 0.0)
    check, fit = full_once(), previews.fit_factors

    def fitted(model: Any) -> torch.Tensor:
        check()
        return fit(model)

    monkeypatch.setattr(previews, "fit_factors", fitted)
    bench = Bench()
    _, _, end = bench.draw(replace(order(tiny_model, 1), previews=True))
    assert isinstance(end, BatchDone)
    assert bench.previews, "those after it are there"
