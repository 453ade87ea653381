"""Where a job's model is, and which of its images exist already."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from msgspec import UNSET

from tui.domain.intent import LARGEST_SIDE
from tui.domain.lineage import Origin
from tui.domain.text import clean
from tui.engine.chunks import chunks_needed, has_weights
from tui.engine.distillation import check_distilled
from tui.engine.families import reads_in_chunks, reads_weights
from tui.engine.hub import cached_model, downloaded_model
from tui.engine.jobs import JobRequest
from tui.engine.keeping import rerun_images, view
from tui.engine.messages import ImageView, JobView
from tui.engine.models import ModelError, check_size, is_hub_id, local_model
from tui.engine.parts import Parts, parts_of
from tui.engine.readers import open_readers
from tui.engine.step_caches import check_step_cache
from tui.engine.upscalers import upscaler_place
from tui.engine.worker_messages import ModelPlace
from tui.store.images import ImageRecord
from tui.store.jobs import Job
from tui.store.store import Store


def known_place(reference: str, revision: str = "") -> ModelPlace | None:
    """The model if it is on this machine; None for a hub id that must be downloaded.

    Args:
        reference: `starter`, an absolute folder or a hub id.
        revision: commit of a hub model that is taken if it is here, wherever the id points now.

    Raises:
        ModelError: it is here and cannot be used, or the name means nothing.
    """
    if is_hub_id(reference):
        pinned = f"{reference.partition('@')[0]}@{revision}"
        if revision and is_hub_id(pinned) and (place := cached_model(pinned)) is not None:
            return msgspec.structs.replace(place, reference=reference)
        return cached_model(reference)
    return upscaler_place(reference) or local_model(reference)


async def find_place(reference: str, says: Callable[[str], None], revision: str = "") -> ModelPlace:
    """The model, downloaded if it has to be; a `revision` that is here is taken (`known_place`).

    Raises:
        ModelError: it cannot be had or used.
    """
    place = await asyncio.to_thread(known_place, reference, revision)
    return place or await downloaded_model(reference, says)


def check_request(request: JobRequest) -> None:
    """Refuse at once what can be known to fail; a hub model's size is checked once it is here.

    Raises:
        ModelError: the model, or a size it cannot draw.
        InvalidIntentError: a setting nobody can draw.
    """
    intent = request.intent.checked()
    place = known_place(intent.model, request.revision)
    if place is not None and place.enlarges:
        _check_enlarging(request, place)
    # An inpainting is drawn at the model's own size, whatever the picture's is.
    if place is not None and intent.mask is None:
        check_size(place, intent.width, intent.height)
    check_step_cache(intent, place)
    check_distilled(intent, place)
    parts_of(intent, place, request.lora_hashes)


def _check_enlarging(request: JobRequest, place: ModelPlace) -> None:
    """Refuse to draw with a model that only makes larger."""
    intent, name = request.intent, clean(Path(place.reference).name, limit=80)
    if intent.layers.prompt or intent.init_image is None or intent.mask is not None:
        raise ModelError(
            f"{name} enlarges pictures and cannot draw any: choose another model, and enlarge the "
            "finished image with E in Edit"
        )
    if request.parent is None or request.origin is not Origin.EDITED or len(request.seeds) > 1:
        raise ModelError(f"{name} enlarges one image of a project at a time: choose one in Edit")
    if max(intent.width, intent.height) * place.enlarges > LARGEST_SIDE:
        raise ModelError(
            f"{intent.width} × {intent.height} enlarged {place.enlarges} times is more than "
            f"{LARGEST_SIDE} pixels a side: crop it first"
        )


def found_images(
    store: Store, project_id: str, request: JobRequest, place: ModelPlace
) -> dict[int, ImageView]:
    """Images of this wish that the project has already, by seed; none if wanted again."""
    if request.again or not request.keep:
        return {}
    try:
        parts = parts_of(request.intent, place)
    except ModelError:
        return {}  # what is gone cannot be compared
    found = {}
    fits = partial(_is_made_alike, request, place, parts)
    for seed in request.wanted_seeds:
        key = request.intent.with_seed(seed).key
        record = store.images.find(key, place.revision, project_id=project_id, fits=fits)
        if record is not None:
            found[seed] = view(store, record, found=True)
    return found


def _is_made_alike(
    request: JobRequest, place: ModelPlace, parts: Parts, record: ImageRecord
) -> bool:
    """Whether an image is what this request would make now."""
    recipe = record.recipe
    if recipe is not None and (recipe.lora_hashes, recipe.vae_revision) != parts.told:
        return False
    return _is_read_alike(request, place, record)


def _is_read_alike(request: JobRequest, place: ModelPlace, record: ImageRecord) -> bool:
    """Whether an image's words were read as far, and weighed, as this request would have them."""
    recipe = record.recipe
    if recipe is None:
        return True
    # Requests from before there was a choice leave it open.
    weighs = request.prompt_weights == "obey" and reads_weights(recipe.pipeline)
    weighed = weighs and has_weights(request.intent)
    if request.prompt_weights and weighed != (recipe.prompt_weights is not UNSET):
        return False
    if not request.long_prompts or not reads_in_chunks(recipe.pipeline):
        return True
    chunks = 1
    if request.long_prompts == "chunks":
        readers = open_readers(Path(place.folder), recipe.pipeline, place.revision)
        if not isinstance(readers, str):
            chunks = chunks_needed(request.intent, readers, weighs=weighs)
    return chunks == (1 if recipe.chunks is UNSET else recipe.chunks)


def made_images(store: Store, job_id: str) -> dict[int, ImageView]:
    """Images that this job has made so far, by seed."""
    return {record.seed or 0: view(store, record) for record in store.images.for_job(job_id)}


def job_view(store: Store, job: Job, request: JobRequest, place: ModelPlace | None) -> JobView:
    """A job as clients see it, with what it made and what it found."""
    if request.keep:
        made = made_images(store, job.id)
    else:
        made = {image.seed: image for image in rerun_images(store, job.id)}
    found = found_images(store, job.project_id, request, place) if place is not None else {}
    images = found | made
    return JobView(
        id=job.id,
        project=job.project_id,
        state=job.state,
        error=job.error,
        total=len(request.wanted_seeds),
        images=tuple(images[seed] for seed in request.wanted_seeds if seed in images),
    )
