"""Pixels become images: file first, row second, and only then is anybody told."""

import hashlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from tui.domain.lineage import Origin
from tui.domain.versioned import to_json
from tui.engine.jobs import JobRequest
from tui.engine.messages import ImageView
from tui.engine.worker_messages import Enlarged, SlotPixels
from tui.imaging.errors import ImagingError
from tui.imaging.metadata import read_provenance, write_edited_png, write_png
from tui.imaging.operations import Edits
from tui.imaging.parameters import parameters
from tui.imaging.pixels import pixel_hash
from tui.imaging.source_type import COMPOSITE, source_type
from tui.store.errors import NotFoundError, StoreError
from tui.store.files import make_private_folder, sha256_of, write_durably
from tui.store.images import ImageRecord
from tui.store.projects import project_folder
from tui.store.store import Store


def keep_image(
    store: Store,
    job_id: str,
    project_id: str,
    request: JobRequest,
    made: SlotPixels,
    blob: bytes,
    created: float,
) -> ImageView:
    """Write one finished image durably and make it known.

    Args:
        store: where to.
        job_id: the job that made it.
        project_id: the project it belongs to.
        request: what was asked.
        made: the slot, with its recipe.
        blob: height × width × 3 bytes of RGB.
        created: when the pixels were there, in seconds since 1970.

    Raises:
        StoreError: the disk refuses; nothing is left of it.
        ImagingError: the recipe is too long for a file.
    """
    picture = Image.fromarray(np.frombuffer(blob, np.uint8).reshape(made.height, made.width, 3))
    image_id = _image_id(job_id, request, made.recipe.intent.seed)
    pixels = pixel_hash(picture)
    data = write_png(
        picture,
        recipe=made.recipe,
        image_id=image_id,
        parent=request.parent,
        origin=request.origin,
        pixels=pixels,
        edited=_starts_from_edited(store, request),
    )
    folder = _folder(store, job_id, project_id, request)
    path = folder / f"{image_id}-seed{made.recipe.intent.seed}.png"
    write_durably(path, data)
    recipe = made.recipe
    digest = hashlib.sha256(data).hexdigest()
    if request.keep:
        record = ImageRecord(
            id=image_id,
            project_id=project_id,
            job_id=job_id,
            parent_id=request.parent,
            origin=Origin(request.origin),
            path=path.relative_to(store.home.data).as_posix(),
            sha256=digest,
            pixels=pixels,
            intent_key=recipe.intent.key,
            model_revision=recipe.model_revision,
            recipe_json=to_json(recipe),
            recipe_hash=recipe.hash,
            seed=recipe.intent.seed,
            slot=recipe.slot,
            width=made.width,
            height=made.height,
            seconds=made.seconds,
            created=created,
        )
        return _known(store, record)
    return ImageView(
        id=image_id,
        path=str(path),
        seed=recipe.intent.seed,
        intent=recipe.intent.key,
        recipe=recipe.hash,
        sha256=digest,
        width=made.width,
        height=made.height,
        seconds=made.seconds,
    )


def keep_enlarged(
    store: Store,
    job_id: str,
    project_id: str,
    request: JobRequest,
    made: Enlarged,
    blob: bytes,
    created: float,
) -> ImageView:
    """Write an enlarged picture durably and make it known, as an edit of its parent.

    Args: see `keep_image`; the request has a parent.

    Raises:
        StoreError: the disk refuses, or the parent is gone; nothing is left of it.
        ImagingError: what was done is too long for a file.
    """
    assert request.parent is not None
    picture = Image.fromarray(np.frombuffer(blob, np.uint8).reshape(made.height, made.width, 3))
    seed = request.seeds[0]
    image_id, pixels = _image_id(job_id, request, seed), pixel_hash(picture)
    recipe = store.images.whole_recipe(request.parent)
    data = write_edited_png(
        picture,
        image_id=image_id,
        parent=request.parent,
        operations=Edits((made.operation,)),
        pixels=pixels,
        parameters=parameters(recipe) if recipe else None,
    )
    path = _folder(store, job_id, project_id, request) / f"{image_id}-enlarged.png"
    write_durably(path, data)
    record = ImageRecord(
        id=image_id,
        project_id=project_id,
        job_id=job_id,
        parent_id=request.parent,
        origin=Origin.EDITED,
        path=path.relative_to(store.home.data).as_posix(),
        sha256=hashlib.sha256(data).hexdigest(),
        pixels=pixels,
        intent_key=request.intent.with_seed(seed).key,
        model_revision=made.operation.revision,
        width=made.width,
        height=made.height,
        seconds=made.seconds,
        created=created,
    )
    return _known(store, record)


def view(store: Store, record: ImageRecord, *, found: bool = False) -> ImageView:
    """A stored image as clients see it."""
    return ImageView(
        id=record.id,
        path=str(store.images.file(record)),
        seed=record.seed or 0,
        intent=record.intent_key,
        recipe=record.recipe_hash,
        sha256=record.sha256,
        width=record.width,
        height=record.height,
        seconds=record.seconds,
        found=found,
    )


def _image_id(job_id: str, request: JobRequest, seed: int) -> str:
    """Always the same for a seed of a job.

    A file whose row was lost to a crash is so replaced when its seed is drawn again, instead of
    staying beside its twin. It sorts like the job's id, by time.
    """
    return f"{job_id}{request.seeds.index(seed):02x}"


def _known(store: Store, record: ImageRecord) -> ImageView:
    """The image, once its row is there; no file stays without one."""
    try:
        store.images.add(record)
    except StoreError:
        _remove_unknown(store, record)
        raise
    return view(store, record)


def _remove_unknown(store: Store, record: ImageRecord) -> None:
    """Remove the file of an image whose row could not be written, unless the row is there."""
    with suppress(StoreError, OSError):
        try:
            store.images.get(record.id)
        except NotFoundError:
            store.images.file(record).unlink()


def _folder(store: Store, job_id: str, project_id: str, request: JobRequest) -> Path:
    if request.keep:
        return project_folder(store.home, store.projects.get(project_id))
    folder = store.home.reruns / job_id
    make_private_folder(folder)
    return folder


def _starts_from_edited(store: Store, request: JobRequest) -> bool:
    """Whether pixels of an inpainted, edited or imported picture live on in this one."""
    if request.intent.init_image is None or request.parent is None:
        return False
    try:
        return source_type(store.images.file(store.images.get(request.parent))) == COMPOSITE
    except (StoreError, ImagingError):
        return False


def rerun_images(store: Store, job_id: str) -> list[ImageView]:
    """What a rerun has made: its files know themselves, the database does not know them."""
    folder = store.home.reruns / job_id
    found = []
    for path in sorted(folder.glob("*.png")) if folder.is_dir() else ():
        provenance = read_provenance(path)
        recipe = provenance.recipe
        found.append(
            ImageView(
                id=provenance.image,
                path=str(path),
                seed=recipe.intent.seed,
                intent=recipe.intent.key,
                recipe=provenance.recipe_hash,
                sha256=sha256_of(path),
                width=recipe.intent.width,
                height=recipe.intent.height,
                seconds=0.0,
            )
        )
    return found
