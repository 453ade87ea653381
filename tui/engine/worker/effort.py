"""One batch drawn with as much memory as there is: in parts, in tiles, with less of the model."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from tui.domain.adjustments import ADJUSTMENTS
from tui.domain.recipe import Recipe
from tui.engine.fit import weights_in
from tui.engine.worker.drawing import Drawing
from tui.engine.worker.ladder import (
    Means,
    Offload,
    Stage,
    Thrift,
    end_in_words,
    step_down,
    step_in_words,
    too_large_in_words,
)
from tui.engine.worker.loading import Model
from tui.engine.worker.offloading import apply_offload, offloads_of
from tui.engine.worker.placement import Placement
from tui.engine.worker.remembering import Remembered
from tui.engine.worker.running_out import give_back, room
from tui.engine.worker.tiling import set_tiling
from tui.engine.worker_messages import RunBatch


class NoMemoryError(RuntimeError):
    """Nothing is left to be stepped down; the message is for the person."""


class Effort:
    """What of a batch is missing, and how sparingly it is being drawn."""

    def __init__(
        self,
        batch: RunBatch,
        placement: Placement,
        remembered: Remembered,
        *,
        on_step: Callable[[int, int], None],
        on_preview: Callable[[int, int, int, bytes], None],
        says: Callable[[str], None],
        stopped: Callable[[], bool],
    ) -> None:
        """Args: those of `Drawing`; steps are counted over all parts.

        `says` is told in words what takes its time, or is not done.
        """
        self._batch, self._placement, self._remembered = batch, placement, remembered
        self._says = says
        self._on_step, self._on_preview, self._stopped = on_step, on_preview, stopped
        self._missing = set(batch.wanted)
        self._drawing: Drawing | None = None
        self._drawn: list[Drawing] = []
        count, now = len(batch.seeds), room(placement.device)
        # A model that does not fit by itself does not do so at any size.
        self._model_began = remembered.begin(self._key(sized=False), count, now)
        self._model_needs = self._model_began.offload
        self._began = remembered.begin(self._key(sized=True), count, now)
        self.foreseen = ""
        """What is done sparingly before memory runs out, in words; mostly nothing."""
        if not max(self._model_needs, self._began.offload):
            self._model_needs = self._foreseen_offload(now)
        if self._model_needs is not self._model_began.offload:
            self.foreseen = too_large_in_words(placement.name, self._model_needs)
        thrift = self._began
        if batch.adjustments is not None:
            # Where less is at a time and how it is decoded is seen in the pixels.
            thrift = Thrift(bool({*batch.adjustments} & {*ADJUSTMENTS}), 0, thrift.offload)
        self.thrift = replace(thrift, offload=max(thrift.offload, self._model_needs))
        """How sparingly."""

    @property
    def is_done(self) -> bool:
        """Whether all wanted slots were taken."""
        return not self._missing

    def slots(self, model: Model) -> Iterator[tuple[int, np.ndarray[Any, Any], Recipe, float]]:
        """What is missing, as `Drawing.slots` has it; a slot is drawn again until it was taken."""
        model.wear(self._batch.loras, self._batch.vae)
        model.mend_vae()
        self._compile(model)
        set_tiling(model.vae, on=self.thrift.tiled)
        for start, order in self._parts():
            drawing = self._going_on(order) or self._fresh(model, start, order)
            self._drawing = drawing
            for slot, pixels, recipe, seconds in drawing.slots(order.wanted):
                yield start + slot, pixels, recipe, seconds
                self._missing.discard(start + slot)
            self._drawn.append(drawing)
            self._drawing = None

    def step_down(self, model: Model | None) -> str:
        """Take one rung that can help, after memory ran out; what that means, in words.

        Call it outside the `except` block.

        Args:
            model: the one that is loaded; None where loading failed.

        Raises:
            NoMemoryError: there is none.
        """
        drawing, stage, before = self._drawing, Stage.LOAD, self.thrift
        pipe = None if model is None else model.pipe
        means = Means(len(self._batch.seeds), offloads_of(pipe, self._placement.device))
        del pipe
        if drawing is not None:
            stage, means = drawing.stage, drawing.means(means.count)
            if not drawing.is_denoised:
                self._drawing = None
        del drawing
        give_back()
        after = step_down(before, stage, means)
        if after is None:
            raise NoMemoryError(self._end(stage))
        self.thrift = after
        if after.offload is not before.offload:
            if model is None:
                self._model_needs = after.offload
            if model is not None:
                # What moves the layers would be put around what is compiled, and go with it.
                model.compiled.take_off()
                apply_offload(model.pipe, self._placement.device, after.offload)
                model.offload = after.offload
                give_back()
        return step_in_words(before, after, stage)

    def go_uncompiled(self, model: Model, why: str) -> str:
        """Draw on without a compiler, after it failed; what that means, in words.

        Call it outside the `except` block.

        Args:
            model: the one that is loaded.
            why: what the compiler said.
        """
        self._drawing = None
        sentence = model.compiled.give_up(why)
        give_back()
        return sentence

    def remember(self) -> None:
        """Have the next batch of this kind begin as this one ended; a rerun is not of its kind."""
        if self._batch.adjustments is not None:
            return
        now = room(self._placement.device)
        needs = Thrift(offload=self._model_needs)
        self._remembered.note(self._key(sized=False), self._model_began, needs, now)
        own = self.thrift
        if own.offload is self._model_needs:
            own = replace(own, offload=Offload.NONE)
        self._remembered.note(self._key(sized=True), self._began, own, now)

    def keep(self) -> None:
        """Put on disk what branches of these images could begin with."""
        for drawing in self._drawn:
            drawing.keep()

    def _compile(self, model: Model) -> None:
        batch = self._batch
        shape = (
            (batch.intent.width, batch.intent.height, bool(batch.mask)),
            (len(batch.seeds), self.thrift.at_once),
            tuple((lora.sha256, lora.weight) for lora in batch.loras),
        )
        by_layers = model.offload is Offload.LAYERS
        said = model.compiled.wear(model.denoiser, batch.compiled, by_layers=by_layers, shape=shape)
        if said:
            self._says(said)

    def _parts(self) -> Iterator[tuple[int, RunBatch]]:
        """First slot and order of each part of which something is missing."""
        seeds = self._batch.seeds
        most = self.thrift.at_once or len(seeds)
        for start in range(0, len(seeds), most):
            part = seeds[start : start + most]
            wanted = tuple(slot for slot in range(len(part)) if start + slot in self._missing)
            if wanted:
                yield start, replace(self._batch, seeds=part, wanted=wanted)

    def _going_on(self, order: RunBatch) -> Drawing | None:
        """The drawing that only could not be decoded."""
        drawing = self._drawing
        return drawing if drawing is not None and drawing.batch.seeds == order.seeds else None

    def _fresh(self, model: Model, start: int, order: RunBatch) -> Drawing:
        most = self.thrift.at_once or len(self._batch.seeds)
        part, parts = start // most, -(-len(self._batch.seeds) // most)
        return Drawing(
            model,
            order,
            on_step=lambda step, steps: self._on_step(part * steps + step, parts * steps),
            on_preview=lambda slot, step, steps, jpeg: self._on_preview(
                start + slot, step, steps, jpeg
            ),
            stopped=self._stopped,
        )

    def _foreseen_offload(self, room_now: int) -> Offload:
        """What the weights alone ask for on a device with so much room: others may be on it too."""
        if not room_now or not offloads_of(None, self._placement.device):
            return Offload.NONE
        parts = weights_in(Path(self._batch.model.folder), self._placement.precision)
        if sum(parts) <= room_now:
            return Offload.NONE
        return Offload.PARTS if max(parts) < room_now else Offload.LAYERS

    def _key(self, *, sized: bool) -> str:
        """A name for all that decides how much memory is needed."""
        batch, placement = self._batch, self._placement
        parts: list[object] = [
            batch.model.reference,
            batch.model.revision,
            placement.precision,
            placement.device,
            placement.name,
        ]
        if sized:
            area = batch.intent.width * batch.intent.height
            parts += [area * len(batch.seeds), bool(batch.init_image), bool(batch.mask)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _end(self, stage: Stage) -> str:
        batch = self._batch
        return end_in_words(
            batch.model.reference,
            (batch.intent.width, batch.intent.height),
            stage,
            together=self.thrift.at_once or len(batch.seeds),
            keeps_all=not self.thrift.offload,
        )
