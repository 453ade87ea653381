"""One batch drawn by a pipeline: steps, previews, cancelling, pixels."""

import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tui.domain.recipe import Recipe, Route
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
        intent = batch.intent
        self.route = model.route(init_image=bool(batch.init_image), mask=bool(batch.mask))
        self.pipe = model.pipeline(self.route)
        self.pipe.scheduler = fresh_scheduler(model.scheduler, intent.scheduler)
        self.repaint = Repaint.open(model, batch) if batch.mask else None
        self._accepted = inspect.signature(type(self.pipe).__call__).parameters
        self._known: KnownLatents | None = None

    def slots(self) -> Iterator[tuple[int, np.ndarray[Any, Any], Recipe, float]]:
        """The wanted slots as they are decoded.

        Yields slot, height × width × 3 of uint8, recipe, and seconds: its share of the
        denoising and its own decoding.

        Raises:
            StoppedError: the batch was cancelled.
            torch.OutOfMemoryError: and whatever else the pipeline raises.
        """
        begun = time.monotonic()
        output = self._run()
        share = (time.monotonic() - begun) / len(self.batch.wanted)
        for slot in self.batch.wanted:
            if self._stopped():
                raise StoppedError
            begun = time.monotonic()
            pixels = self._pixels(output, slot)
            if self.repaint is not None:
                pixels = self.repaint.stitched(pixels)
            yield slot, pixels, self._recipe(slot), share + time.monotonic() - begun

    def _run(self) -> Any:
        hooks = [
            module.register_forward_pre_hook(self._stop_check)
            for module in (self.model.denoiser,)
            if module is not None
        ]
        try:
            return self.pipe(**self._arguments()).images
        finally:
            for hook in hooks:
                hook.remove()
            self.pipe.maybe_free_model_hooks()

    def _arguments(self) -> dict[str, Any]:
        intent, count = self.batch.intent, len(self.batch.seeds)
        prompt, negative = intent.layers.prompt, intent.layers.negative_prompt
        arguments: dict[str, Any] = {
            "prompt": [prompt] * count,
            "num_inference_steps": intent.steps,
            # One CPU generator an image: the same noise on every device, in every slot.
            "generator": [torch.Generator().manual_seed(seed) for seed in self.batch.seeds],
            "output_type": "latent" if self._decodes_apart else "pil",
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
        if self._known is not None:
            values["latents"] = self._known.blended(values["latents"], timestep)
        self._on_step(step + 1, total)
        now = time.monotonic()
        if self.batch.previews and now - self._last_preview >= _PREVIEW_SECONDS:
            self._last_preview = now
            for slot, jpeg in enumerate(preview_jpegs(self.model, values["latents"])):
                self._on_preview(slot, step + 1, total, jpeg)
        return values

    @property
    def _decodes_apart(self) -> bool:
        """Whether latents can be decoded one image at a time: the first is shown sooner."""
        name = type(self.pipe).__name__
        return name in (
            "StableDiffusionPipeline",
            "StableDiffusionImg2ImgPipeline",
            "StableDiffusionInpaintPipeline",
        )

    def _pixels(self, output: Any, slot: int) -> np.ndarray[Any, Any]:
        if not self._decodes_apart:
            return np.asarray(output[slot].convert("RGB"))
        pipe = self.pipe
        with torch.no_grad():
            latent = output[slot : slot + 1] / pipe.vae.config.scaling_factor
            image = pipe.vae.decode(latent.to(pipe.vae.dtype), return_dict=False)[0]
            flagged = None
            if getattr(pipe, "safety_checker", None) is not None:
                image, flagged = pipe.run_safety_checker(image, pipe._execution_device, image.dtype)
            normal = [not (flagged and flagged[0])]
            picture = pipe.image_processor.postprocess(
                image, output_type="pil", do_denormalize=normal
            )[0]
        return np.asarray(picture.convert("RGB"))

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
