"""One batch drawn by a pipeline: steps, previews, cancelling, pixels."""

import inspect
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tui.domain.branch import Branch, branch_steps
from tui.domain.intent import Intent
from tui.domain.recipe import Recipe, Route
from tui.engine.worker.branching import Midway, ReachedError, Stepping
from tui.engine.worker.decoding import decodes_apart, pixels_of
from tui.engine.worker.kept_latents import KeptLatents, midway_key
from tui.engine.worker.loading import Model
from tui.engine.worker.previews import preview_jpegs
from tui.engine.worker.repainting import KnownLatents, Repaint
from tui.engine.worker.schedulers import fresh_scheduler
from tui.engine.worker.versions import versions
from tui.engine.worker_messages import RunBatch

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
        self._steps = 0
        self.route = model.route(init_image=bool(batch.init_image), mask=bool(batch.mask))
        self.pipe = model.pipeline(self.route)
        self.pipe.scheduler = fresh_scheduler(model.scheduler, batch.intent.scheduler)
        self.repaint = Repaint.open(model, batch) if batch.mask else None
        self._accepted = inspect.signature(type(self.pipe).__call__).parameters
        self._known: KnownLatents | None = None
        self._skipped = 0
        """Steps that another drawing has made."""
        self._latents = KeptLatents(Path(batch.latents), batch.latents_limit)
        self._midways: dict[str, Midway] = {}

    def slots(self) -> Iterator[tuple[int, np.ndarray[Any, Any], Recipe, float]]:
        """The wanted slots as they are decoded.

        Yields slot, height × width × 3 of uint8, recipe, and seconds: its share of the
        denoising and its own decoding.

        Raises:
            StoppedError: the batch was cancelled.
            torch.OutOfMemoryError: and whatever else the pipeline raises.
        """
        begun = time.monotonic()
        output = self._run(self.batch.intent)
        share = (time.monotonic() - begun) / len(self.batch.wanted)
        for slot in self.batch.wanted:
            if self._stopped():
                raise StoppedError
            begun = time.monotonic()
            pixels = pixels_of(self.pipe, output, slot)
            if self.repaint is not None:
                pixels = self.repaint.stitched(pixels)
            yield slot, pixels, self._recipe(slot), share + time.monotonic() - begun

    def keep(self) -> None:
        """Put on disk what branches of these images could begin with."""
        if self.batch.latents:
            for key, midway in self._midways.items():
                self._latents.put(key, midway)

    def _run(self, intent: Intent, until: int = 0) -> Any:
        """The pipeline's images; None where it was to stop after the step `until`."""
        begin = self._begin(intent)
        self.pipe.scheduler = scheduler = fresh_scheduler(self.model.scheduler, intent.scheduler)
        arguments = self._arguments(intent)
        denoiser, order = self.model.denoiser, int(getattr(scheduler, "order", 1))
        self._skipped = begin.calls if begin is not None else 0
        keep = {step * order: step for step in self._branch_steps(intent, until)}
        stepping = Stepping(
            scheduler,
            denoiser,
            arguments["generator"],
            self.model.blanks,
            begin=begin,
            keep=keep,
            until=until * order,
        )
        hooks = [
            module.register_forward_pre_hook(self._stop_check)
            for module in (denoiser,)
            if module is not None
        ]
        try:
            with stepping:
                return self.pipe(**arguments).images
        except ReachedError:
            return None
        finally:
            for hook in hooks:
                hook.remove()
            self.pipe.maybe_free_model_hooks()
            for calls, midway in stepping.kept.items():
                self._midways[self._key(intent.begun(keep[calls]))] = midway

    def _begin(self, intent: Intent) -> Midway | None:
        """What a branch begins with: kept, or computed by the parent's own first steps.

        Both are the same to the bit: the parent is drawn in this batch's own shape and slots.
        """
        parent = intent.beginning
        if parent is None:
            return None
        assert isinstance(intent.branch, Branch)
        key = self._key(intent.branch)
        if self.batch.latents and key not in self._midways:
            found = self._latents.get(key)
            if found is not None:
                return found
        if key not in self._midways:
            self._run(parent, intent.branch.step)
        return self._midways[key]

    def _branch_steps(self, intent: Intent, until: int) -> list[int]:
        """The steps of this drawing that are worth keeping."""
        if self.route is not Route.TEXT_TO_IMAGE:
            return []
        begun = intent.branch.step if isinstance(intent.branch, Branch) else 0
        wanted = branch_steps(intent.steps) if self.batch.latents else ()
        return sorted({until, *(step for step in wanted if begun < step)} - {0})

    def _key(self, branch: Branch) -> str:
        model, pipe = self.model, self.pipe
        return midway_key(
            self.batch,
            branch,
            pipeline=type(pipe).__name__,
            scheduler=type(pipe.scheduler).__name__,
            device=model.placement.name,
            precision=model.placement.precision,
            threads=torch.get_num_threads(),
            versions=versions(),
        )

    def _arguments(self, intent: Intent) -> dict[str, Any]:
        count = len(self.batch.seeds)
        prompt, negative = intent.layers.prompt, intent.layers.negative_prompt
        arguments: dict[str, Any] = {
            "prompt": [prompt] * count,
            "num_inference_steps": intent.steps,
            # One CPU generator an image: the same noise on every device, in every slot.
            "generator": [torch.Generator().manual_seed(seed) for seed in self.batch.seeds],
            "output_type": "latent" if decodes_apart(self.pipe) else "pil",
        }
        if "negative_prompt" in self._accepted:
            arguments["negative_prompt"] = [negative] * count
        guidance = "true_cfg_scale" if "true_cfg_scale" in self._accepted else "guidance_scale"
        if guidance in self._accepted:
            arguments[guidance] = intent.guidance
        arguments |= self._pictures(count)
        if "callback_on_step_end" in self._accepted:
            arguments["callback_on_step_end"] = self._after_step
        return {name: value for name, value in arguments.items() if name in self._accepted}

    def _pictures(self, count: int) -> dict[str, Any]:
        intent = self.batch.intent
        if self.route is Route.TEXT_TO_IMAGE:
            return {"width": intent.width, "height": intent.height}
        repaint = self.repaint
        if repaint is None:
            from tui.imaging.pixels import open_picture

            picture = open_picture(self.batch.init_image).resize((intent.width, intent.height))
            return {"image": [picture] * count, "strength": intent.strength}
        arguments = {"image": [repaint.picture] * count, "strength": intent.strength}
        width, height = repaint.crop.render_size
        arguments |= {"width": width, "height": height}
        if self.route is Route.INPAINT:
            arguments["mask_image"] = [repaint.mask_picture] * count
        else:
            self._known = KnownLatents(self.pipe, repaint, self.batch.seeds)
        return arguments

    def _stop_check(self, *_: object) -> None:
        if self._stopped():
            raise StoppedError

    def _after_step(
        self, pipe: Any, step: int, timestep: Any, values: dict[str, Any]
    ) -> dict[str, Any]:
        if self._stopped():
            raise StoppedError
        total = int(getattr(pipe, "num_timesteps", 0) or self.batch.intent.steps)
        if step + 1 < self._skipped:
            return values
        if self._known is not None:
            values["latents"] = self._known.blended(values["latents"], timestep)
        self._on_step(step + 1, total)
        now = time.monotonic()
        if self.batch.previews and now - self._last_preview >= _PREVIEW_SECONDS:
            self._last_preview = now
            for slot, jpeg in enumerate(preview_jpegs(self.model, values["latents"])):
                self._on_preview(slot, step + 1, total, jpeg)
        return values

    def _recipe(self, slot: int) -> Recipe:
        intent = self.batch.intent.with_seed(self.batch.seeds[slot])
        reads_negatives = "negative_prompt" in self._accepted
        return Recipe(
            intent=intent,
            route=self.route,
            prompt=intent.layers.prompt,
            negative_prompt=intent.layers.negative_prompt if reads_negatives else "",
            pipeline=type(self.pipe).__name__,
            scheduler=type(self.pipe.scheduler).__name__,
            model_revision=self.model.place.revision,
            batch_size=len(self.batch.seeds),
            slot=slot,
            precision=self.model.placement.precision,
            device=self.model.placement.name,
            threads=torch.get_num_threads(),
            versions=versions(),
        )
