"""One batch drawn by a pipeline: steps, previews, cancelling, pixels."""

import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
import torch

from tui.domain.branch import Branch, branch_steps
from tui.domain.intent import Intent
from tui.domain.recipe import Recipe, Route
from tui.engine.worker.branching import Midway, ReachedError, Start, Stepping
from tui.engine.worker.decoding import at_size, decodes_apart, pixels_of
from tui.engine.worker.finite import check_finite
from tui.engine.worker.guidance import guidance_arguments
from tui.engine.worker.known_latents import KnownLatents
from tui.engine.worker.ladder import Means, Stage
from tui.engine.worker.loading import Model
from tui.engine.worker.means import means_of
from tui.engine.worker.midways import Midways
from tui.engine.worker.networks import give_scheduler, stages_of
from tui.engine.worker.previews import fit_ahead, preview_jpegs
from tui.engine.worker.recipes import recipe_of
from tui.engine.worker.repainting import Repaint
from tui.engine.worker.schedulers import fresh_scheduler
from tui.engine.worker.signatures import accepted_by, only_changes, reference_arguments
from tui.engine.worker.step_cache import StepCache
from tui.engine.worker.words import Words
from tui.engine.worker_messages import RunBatch
from tui.imaging.pixels import open_picture

_PREVIEW_SECONDS = 0.25
"""Least time between two previews; more often than the eye asks for would only cost."""


class StoppedError(Exception):
    """Raised inside the pipeline when the batch was cancelled."""


class Drawing:
    """Draws one batch; the callbacks are called from within the pipeline's loop."""

    def __init__(
        self,
        model: Model,
        batch: RunBatch,
        *,
        on_step: Callable[[int, int], None],
        on_preview: Callable[[int, int, int, bytes], None],
        stopped: Callable[[], bool],
    ) -> None:
        self.model, self.batch = model, batch
        self._on_step, self._on_preview, self._stopped = on_step, on_preview, stopped
        self._last_preview = time.monotonic()
        self.route = model.route(init_image=bool(batch.init_image), mask=bool(batch.mask))
        self.pipe = model.pipeline(self.route)
        give_scheduler(self.pipe, fresh_scheduler(model.scheduler, batch.intent.scheduler))
        self.repaint = Repaint.open(model, batch) if batch.mask else None
        model.check_size(self._size, whole=self.repaint is None)
        self._accepted = accepted_by(type(self.pipe))
        self._known: KnownLatents | None = None
        """The picture to start from, where the pipeline does not see to all of it."""
        self._words = Words(model, batch, self.pipe)
        self._compiler = model.compiled.by
        self._midways = Midways(model, batch, self.pipe, self._words, self._compiler)
        self._output: Any = None
        self._share = 0.0
        self.stage = Stage.ENCODE
        """Where it is, or where it failed."""

    @property
    def is_denoised(self) -> bool:
        """Whether only the decoding is left, so that `slots` can be called again."""
        return self._output is not None

    def means(self, count: int) -> Means:
        """What could be done where memory runs out, for a batch of so many images."""
        part = len(self.batch.seeds)
        return means_of(self.model, self.pipe, self.route, size=self._size, part=part, count=count)

    def slots(
        self, wanted: Collection[int] | None = None
    ) -> Iterator[tuple[int, np.ndarray[Any, Any], Recipe, float]]:
        """Slots as they are decoded; what was denoised before is not denoised again.

        Yields slot, height × width × 3 of uint8, recipe, and seconds: its share of the
        denoising and its own decoding.

        Args:
            wanted: some of the batch's own; None for all of these.

        Raises:
            StoppedError: the batch was cancelled.
            torch.OutOfMemoryError: and whatever else the pipeline raises.
        """
        wanted = self.batch.wanted if wanted is None else wanted
        if self._output is None:
            begun = time.monotonic()
            self._output = self._run(self.batch.intent)
            self._share = (time.monotonic() - begun) / len(wanted)
        self.stage, precision = Stage.DECODE, self.model.placement.precision
        try:
            for slot in wanted:
                if self._stopped():
                    raise StoppedError
                begun = time.monotonic()
                pixels = at_size(pixels_of(self.pipe, self._output, slot, precision), self._size)
                if self.repaint is not None:
                    pixels = self.repaint.stitched(pixels)
                yield slot, pixels, self._recipe(slot), self._share + time.monotonic() - begun
        finally:
            # Where parts take turns on the device, the autoencoder would lie beside the next.
            self.model.pipe.maybe_free_model_hooks()
        # Other parts of the batch may need its place.
        self._output = None

    def keep(self) -> None:
        """Put on disk what branches of these images could begin with."""
        self._midways.keep()

    def _run(self, intent: Intent, until: int = 0) -> Any:
        """The pipeline's images; None where it was to stop after the step `until`."""
        begin: Midway | Start | None = self._begin(intent)
        self.stage = Stage.ENCODE
        scheduler = fresh_scheduler(self.model.scheduler, intent.scheduler)
        give_scheduler(self.pipe, scheduler)
        arguments = self._arguments(intent)
        denoiser, order = self.model.denoiser, int(getattr(scheduler, "order", 1))
        if self._starts_midway:
            begin = self._start(scheduler, order)
        self._cache = StepCache(denoiser, intent, begins_after=0 if begin is None else begin.calls)
        keep = {step * order: step for step in self._branch_steps(intent, until)}
        stepping = Stepping(
            scheduler,
            denoiser,
            arguments["generator"],
            self.model.blanks,
            begin=begin,
            keep=keep,
            until=until * order,
            after=self._after_step,
        )
        fit_ahead(self.model, wanted=self.batch.previews)
        hooks = [
            module.register_forward_pre_hook(self._asks_denoiser, prepend=True)
            for module in self.model.networks
        ]
        try:
            with self._cache, stepping, self.model.encodings.remembering(self.pipe):
                # The first field, whatever a family calls it.
                return self.pipe(**arguments)[0]
        except ReachedError:
            return None
        finally:
            for hook in hooks:
                hook.remove()
            # The first one's: it hooked the modules that all of them share.
            self.model.pipe.maybe_free_model_hooks()
            for calls, midway in stepping.kept.items():
                self._midways.add(intent.begun(keep[calls]), midway)

    def _begin(self, intent: Intent) -> Midway | None:
        """What a branch begins with: kept, or computed by the parent's own first steps.

        Both are the same to the bit: the parent is drawn in this batch's own shape and slots.
        """
        parent = intent.beginning
        if parent is None:
            return None
        assert isinstance(intent.branch, Branch)
        found = self._midways.find(intent.branch)
        if found is None:
            self._run(parent, intent.branch.step)
            found = self._midways.find(intent.branch)
        assert found is not None
        return found

    @property
    def _starts_midway(self) -> bool:
        """Whether the pipeline knows nothing of the picture that it is to start from."""
        return self.route is not Route.TEXT_TO_IMAGE and "strength" not in self._accepted

    def _start(self, scheduler: Any, order: int) -> Start | None:
        """The beginning that `strength` asks for; None where all of it is drawn."""
        intent, known = self.batch.intent, self._known
        assert known is not None
        left_out = intent.steps - int(intent.steps * (intent.strength or 1.0))
        if not left_out:
            return None
        calls = left_out * order
        return Start(calls, lambda latents: known.begun(scheduler, latents, calls))

    def _branch_steps(self, intent: Intent, until: int) -> list[int]:
        """The steps of this drawing that are worth keeping."""
        if self.route is not Route.TEXT_TO_IMAGE:
            return []
        begun = intent.branch.step if isinstance(intent.branch, Branch) else 0
        wanted = branch_steps(intent.steps) if self.batch.latents else ()
        return sorted({until, *(step for step in wanted if begun < step)} - {0})

    def _arguments(self, intent: Intent) -> dict[str, Any]:
        count, words = len(self.batch.seeds), self._words.arguments(intent)
        arguments: dict[str, Any] = {
            **words,
            "num_inference_steps": intent.steps,
            "generator": self._generators(intent),
            "output_type": "latent" if decodes_apart(self.pipe) else "pil",
        }
        arguments |= guidance_arguments(self.pipe, self.model, intent)
        # The size that is asked for is drawn, and the words are read as they stand.
        arguments |= {"use_resolution_binning": False, "clean_caption": False}
        width, height = self._size
        arguments |= {"max_area": width * height, "_auto_resize": False}
        arguments |= self._pictures(words, count)
        return {name: value for name, value in arguments.items() if name in self._accepted}

    def _generators(self, intent: Intent) -> list[torch.Generator]:
        """One CPU generator an image: the same noise on every device, in every slot."""
        seeds = list(self.batch.seeds)
        if stages_of(self.pipe) and intent.layers.negative_prompt:
            # A stage that reads the words may read the negatives beside them, with their own noise.
            seeds += [seed ^ 1 for seed in seeds]
        return [torch.Generator().manual_seed(seed) for seed in seeds]

    @property
    def _size(self) -> tuple[int, int]:
        """Width and height that the pipeline draws."""
        if self.repaint is not None:
            return self.repaint.crop.render_size
        return self.batch.intent.width, self.batch.intent.height

    def _pictures(self, words: dict[str, Any], count: int) -> dict[str, Any]:
        width, height = self._size
        arguments: dict[str, Any] = {"width": width, "height": height}
        if self.route is Route.TEXT_TO_IMAGE:
            return arguments
        mask = None
        if self.repaint is not None:
            picture, mask = self.repaint.picture, self.repaint.mask_picture
        else:
            picture = open_picture(self.batch.init_image).resize(self._size)
        if self._starts_midway or self.route is Route.BLEND:
            self._known = KnownLatents(self.model, picture, self.batch.seeds, mask)
        if self._starts_midway:
            if self.route is Route.IMAGE_TO_IMAGE or only_changes(type(self.pipe)):
                arguments |= reference_arguments(type(self.pipe), picture, words, count)
            return arguments
        arguments |= {"image": [picture] * count, "strength": self.batch.intent.strength}
        if self.route is Route.INPAINT:
            arguments["mask_image"] = [mask] * count
        return arguments

    def _asks_denoiser(self, *_: object) -> None:
        self.stage = Stage.DENOISE
        if self._stopped():
            raise StoppedError

    def _after_step(self, step: int, latents: torch.Tensor, timestep: Any) -> torch.Tensor:
        """Told after each step, from 1; the latents that it gives are gone on with."""
        if self._stopped():
            raise StoppedError
        self._cache.stepped(step)
        total = self._total
        if self.route is Route.BLEND and self._known is not None:
            latents = self._known.blended(self.pipe.scheduler, latents, timestep)
        self._on_step(step, total)
        if step >= total:
            check_finite(latents, self.model.placement.precision)
        # Most pipelines decode by themselves after the last one.
        self.stage = Stage.DENOISE if step < total else Stage.DECODE
        now = time.monotonic()
        if self.batch.previews and now - self._last_preview >= _PREVIEW_SECONDS:
            self._last_preview = now
            for slot, jpeg in enumerate(preview_jpegs(self.model, latents, self._size)):
                self._on_preview(slot, step, total, jpeg)
        return latents

    @property
    def _total(self) -> int:
        """Steps that this drawing takes."""
        told = int(getattr(self.pipe, "num_timesteps", 0))
        steps, strength = self.batch.intent.steps, self.batch.intent.strength or 1.0
        is_cut = self.route is not Route.TEXT_TO_IMAGE and "strength" in self._accepted
        return told or (int(steps * strength) if is_cut else steps)

    def _recipe(self, slot: int) -> Recipe:
        return recipe_of(
            self.model,
            self.batch,
            self.pipe,
            self.route,
            self._words,
            compiler=self._compiler,
            size=self._size,
            slot=slot,
        )
