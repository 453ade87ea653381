"""What determined the pixels of an image that was just drawn."""

from typing import Any

import torch
from msgspec import UNSET

from tui.domain.recipe import Recipe, Route
from tui.engine.parts import Parts
from tui.engine.worker.loading import Model
from tui.engine.worker.means import taken_together
from tui.engine.worker.signatures import accepted_by
from tui.engine.worker.tiling import adjustments_of
from tui.engine.worker.versions import versions
from tui.engine.worker.weighting import WEIGHER
from tui.engine.worker.words import Words
from tui.engine.worker_messages import RunBatch


def recipe_of(
    model: Model,
    batch: RunBatch,
    pipe: Any,
    route: Route,
    words: Words,
    *,
    compiler: str,
    size: tuple[int, int],
    slot: int,
) -> Recipe:
    """The recipe of one image.

    Args:
        model: that drew it.
        batch: that it was drawn in.
        pipe: the pipeline, with the scheduler that ran.
        route: the pipeline's.
        words: the batch's.
        compiler: whose work the network's blocks were when it was drawn.
        size: width and height that were drawn, which is less than the image where a part of it
            was repaired.
        slot: place in the batch.
    """
    intent = batch.intent.with_seed(batch.seeds[slot])
    reads_negatives = "negative_prompt" in accepted_by(type(pipe))
    chunks, weighed = words.chunks(batch.intent), words.weigh(batch.intent)
    together = taken_together(pipe, route, len(batch.seeds))
    hashes, vae = Parts(batch.loras, batch.vae).told
    return Recipe(
        intent=intent,
        route=route,
        prompt=intent.layers.prompt,
        negative_prompt=intent.layers.negative_prompt if reads_negatives else "",
        pipeline=type(pipe).__name__,
        scheduler=type(pipe.scheduler).__name__,
        model_revision=model.place.revision,
        batch_size=len(batch.seeds),
        slot=slot,
        precision=model.placement.precision,
        device=model.placement.name,
        threads=torch.get_num_threads(),
        versions=versions(with_loras=bool(batch.loras), with_weights=weighed),
        adjustments=adjustments_of(model.vae, size, together),
        chunks=UNSET if chunks == 1 else chunks,
        lora_hashes=hashes,
        vae_revision=vae,
        compiled=compiler or UNSET,
        prompt_weights=WEIGHER if weighed else UNSET,
    ).in_oldest_version()
