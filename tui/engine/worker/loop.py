"""The worker's life: read batches from the pipe, draw them, send pixels back.

The main thread computes; a second one reads the pipe, so that a cancel is seen within a step and
the worker is gone the moment its engine is.
"""

import contextlib
import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

import msgspec
import torch

from tui.domain.text import clean
from tui.engine.frames import FrameError, frame, read_frame_blocking
from tui.engine.worker.branching import BranchError
from tui.engine.worker.breaking import why_broken
from tui.engine.worker.compiling import why_not_compiled
from tui.engine.worker.drawing import StoppedError
from tui.engine.worker.effort import Effort, NoMemoryError
from tui.engine.worker.ladder import Offload
from tui.engine.worker.loading import LoadingError, Model, load
from tui.engine.worker.missing import missing_in_words
from tui.engine.worker.placement import (
    NoDeviceError,
    Placement,
    PlacementError,
    gpu_count,
    place,
)
from tui.engine.worker.remembering import Remembered
from tui.engine.worker.running_out import give_back, give_cache_back, held, ran_out
from tui.engine.worker.schedulers import SchedulerError
from tui.engine.worker.upscaling import enlarge
from tui.engine.worker_messages import (
    BatchDone,
    BatchFailed,
    BatchStep,
    BatchStopped,
    CancelBatch,
    ModelLoaded,
    ModelLoading,
    RunBatch,
    SlotPixels,
    SlotPreview,
    SteppedDown,
    WorkerReady,
    WorkerSays,
    decode_to_worker,
)
from tui.imaging.errors import ImagingError

_log = logging.getLogger(__name__)

LULL = 1.0
"""Seconds without a batch after which a job is taken to be over: its own follow within them."""

_IN_WORDS = (LoadingError, PlacementError, SchedulerError, BranchError, ImagingError)
"""Errors whose message is for the person."""


class Worker:
    """Draws batches one after the other and keeps the last model loaded."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._sending = threading.Lock()
        self._batches: queue.SimpleQueue[RunBatch] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self.model: Model | None = None
        """The one that is loaded."""
        self._own_threads = torch.get_num_threads()
        self._remembered: dict[str, Remembered] = {}

    def run(self) -> None:
        """Draw until the engine closes the pipe."""
        threading.Thread(target=self._read, daemon=True).start()
        self._send(WorkerReady(gpu_count()))
        while True:
            self.handle(self._next())

    def handle(self, batch: RunBatch) -> None:
        """Draw one batch, whatever goes wrong, and say how it ended."""
        lets_go = False
        try:
            self._draw(batch)
        except StoppedError:
            end: BatchStopped | BatchFailed = BatchStopped(batch.batch)
        except NoDeviceError as error:
            end = BatchFailed(batch.batch, clean(str(error), limit=600), no_device=True)
        except NoMemoryError as error:
            lets_go = True
            end = BatchFailed(batch.batch, clean(str(error), limit=600))
        except Exception as error:  # noqa: BLE001 - a library's error ends the batch, not the worker
            _log.exception("batch %s", batch.batch)
            end = _failed(batch.batch, error)
            # A device that is broken gives nothing back, and says so with another error.
            lets_go = not end.device_broken and self._is_spoiled_by(error)
        else:
            return
        if lets_go:
            # Not before: inside the block above the traceback still holds the model.
            self._forget_model()
        self._send(end)

    def _next(self) -> RunBatch:
        """The next batch; while there is none, others may have what the last one needed."""
        with contextlib.suppress(queue.Empty):
            return self._batches.get(timeout=LULL)
        give_cache_back()
        return self._batches.get()

    def _draw(self, batch: RunBatch) -> None:
        begun = time.monotonic()
        if batch.batch in self._cancelled:
            raise StoppedError
        torch.set_num_threads(batch.threads or max(1, self._own_threads // batch.sharing))
        placement = self._placement(batch)
        if batch.model.enlarges:
            self._enlarge(batch, placement)
            return
        effort = Effort(
            batch,
            placement,
            self._remembered.setdefault(batch.memory, _remembered(batch.memory)),
            on_step=lambda step, steps: self._send(BatchStep(batch.batch, step, steps)),
            on_preview=lambda slot, step, steps, jpeg: self._send(
                SlotPreview(batch.batch, slot, step, steps), jpeg
            ),
            says=lambda text: self._send(WorkerSays(batch.batch, text)),
            stopped=lambda: batch.batch in self._cancelled,
        )
        if effort.foreseen:
            self._send(SteppedDown(batch.batch, effort.foreseen))
        while not effort.is_done:
            try:
                self._draw_missing(batch, placement, effort)
            except Exception as error:
                compiles = self.model is not None and bool(self.model.compiled.by)
                why = why_not_compiled(error) if compiles and not ran_out(error) else ""
                if not (why or ran_out(error)):
                    raise
                # Not the error itself: who keeps the record would keep the model.
                _log.warning("batch %s: %s", batch.batch, str(error))
            else:
                break
            # Not before: inside the block above the traceback still holds what it ran out with.
            if why and self.model is not None:
                sentence = effort.go_uncompiled(self.model, why)
            else:
                sentence = effort.step_down(self.model)
            self._send(SteppedDown(batch.batch, sentence))
        effort.remember()
        seconds = time.monotonic() - begun
        self._send(BatchDone(batch.batch, seconds, held(placement.device)))
        try:
            effort.keep()
        except Exception:  # noqa: BLE001 - the batch is done: what a branch misses is made again
            _log.exception("latents of batch %s are not kept", batch.batch)

    def _enlarge(self, batch: RunBatch, placement: Placement) -> None:
        begun = time.monotonic()
        enlarge(
            batch,
            placement,
            send=self._send,
            stopped=lambda: batch.batch in self._cancelled,
            make_room=self._make_room,
        )
        seconds = time.monotonic() - begun
        self._send(BatchDone(batch.batch, seconds, held(placement.device)))

    def _make_room(self) -> bool:
        """Put the model away that is loaded, if there is one."""
        if self.model is None:
            return False
        self._forget_model()
        return True

    def _draw_missing(self, batch: RunBatch, placement: Placement, effort: Effort) -> None:
        model = self._loaded(batch, placement, effort.thrift.offload)
        for slot, pixels, recipe, seconds in effort.slots(model):
            height, width = pixels.shape[:2]
            found = SlotPixels(batch.batch, slot, recipe, width, height, seconds)
            self._send(found, pixels.tobytes())

    def _placement(self, batch: RunBatch) -> Placement:
        device = batch.device
        if self.model is not None:
            now = self.model.placement.device
            # The freest GPU is another one once our own model sits on the first.
            if device == "auto" or (device == "cuda" and now.startswith(device)):
                device = now
        return place(device, batch.precision)

    def _loaded(self, batch: RunBatch, placement: Placement, offload: Offload) -> Model:
        model, wished = self.model, (batch.model, placement, offload)
        if model is not None and (model.place, model.placement, model.offload) == wished:
            return model
        del model
        self._forget_model()
        self._send(ModelLoading(batch.batch))
        begun = time.monotonic()
        self.model = loaded = load(batch.model, placement, offload)
        self._send(
            ModelLoaded(
                batch.batch,
                time.monotonic() - begun,
                placement.name,
                placement.precision,
                placement.device,
                held(placement.device),
            )
        )
        return loaded

    def _is_spoiled_by(self, error: Exception) -> bool:
        """Whether the model is better loaded again after an error."""
        if isinstance(error, _IN_WORDS):
            # A part that could not be put on may have left an offloaded model without its hooks.
            return self.model is not None and bool(self.model.offload)
        return ran_out(error)

    def _forget_model(self) -> None:
        self.model = None
        give_back()

    def _read(self) -> None:
        try:
            while (found := read_frame_blocking(self._incoming)) is not None:
                message = decode_to_worker(found[0])
                if isinstance(message, CancelBatch):
                    self._cancelled.add(message.batch)
                else:
                    self._batches.put(message)
        except (FrameError, OSError, msgspec.DecodeError):
            _log.exception("the engine's pipe broke")
        # Without an engine nobody can be told of a result: give the device back at once.
        os._exit(0)

    def _send(self, message: msgspec.Struct, blob: bytes = b"") -> None:
        data = frame(msgspec.json.encode(message), blob)
        try:
            with self._sending:
                self._outgoing.write(data)
                self._outgoing.flush()
        except OSError:
            os._exit(0)


def _failed(batch: int, error: Exception) -> BatchFailed:
    """What is said of an error, and whether the device can still be drawn on."""
    if why := why_broken(error):
        sentence = (
            f"the GPU reported “{why}”: the worker starts anew; try again, "
            "and choose another device or model if it comes back"
        )
        return BatchFailed(batch, sentence, device_broken=True)
    if isinstance(error, _IN_WORDS):
        return BatchFailed(batch, clean(str(error), limit=600))
    if needed := missing_in_words(error):
        return BatchFailed(batch, f"the model {needed}")
    said = clean(f"{type(error).__name__}: {error}", limit=600)
    return BatchFailed(batch, f"the model could not draw this: {said}")


def _remembered(path: str) -> Remembered:
    return Remembered(Path(path) if path else None)


def run() -> None:
    """Serve on standard input and output until the engine closes them."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s worker %(name)s %(message)s")
    # Libraries print; what they print must not land among the frames.
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    import diffusers.utils.logging
    import transformers.utils.logging

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    Worker(sys.stdin.buffer, outgoing).run()
