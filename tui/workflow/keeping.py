"""A picture that nobody generated becomes an image of its project: file first, row second."""

import time
from pathlib import Path

from tui.domain.lineage import Origin
from tui.store.files import sha256_of
from tui.store.images import ImageRecord
from tui.store.projects import Project
from tui.store.store import Store


def keep_picture(
    store: Store,
    project: Project,
    image_id: str,
    file: Path,
    *,
    pixels: str,
    size: tuple[int, int],
    origin: Origin,
    parent: ImageRecord | None,
    seconds: float = 0.0,
) -> ImageRecord:
    """Make a picture known whose file is written.

    Args:
        store: where the project is.
        project: whose it becomes.
        image_id: a new one.
        file: in the data folder.
        pixels: the hash of its working copy.
        size: width and height in pixels.
        origin: edited or imported.
        parent: the image that it was made from, if there is one.
        seconds: how long it took to make.

    Raises:
        StoreError: the file is not there, or the disk refuses.
    """
    record = ImageRecord(
        id=image_id,
        project_id=project.id,
        parent_id=None if parent is None else parent.id,
        origin=origin,
        path=file.relative_to(store.home.data).as_posix(),
        sha256=sha256_of(file),
        pixels=pixels,
        width=size[0],
        height=size[1],
        seconds=seconds,
        created=time.time(),
    )
    store.images.add(record)
    store.write_sidecar(project.id)
    return record
