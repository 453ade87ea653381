"""Pictures from elsewhere: taken in as a start, or as what another program made of an image."""

from pathlib import Path

from tui.domain.lineage import Origin
from tui.imaging.compare import compare
from tui.imaging.errors import ImagingError
from tui.imaging.pixels import open_picture, pixel_hash, png_bytes, to_array
from tui.store.files import add_durably, copy_durably, make_private_folder
from tui.store.ids import new_id
from tui.store.images import ImageRecord
from tui.store.projects import Project, project_folder
from tui.store.store import Store
from tui.workflow.keeping import keep_picture

_ORIGINALS = "originals"
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def import_picture(
    store: Store, project: Project, path: Path, parent: ImageRecord | None = None
) -> ImageRecord:
    """Take a picture into a project; the file itself is kept beside, as it came.

    Args:
        store: where it goes.
        project: whose it becomes.
        path: of any picture that can be read; what is worked with is 8-bit sRGB.
        parent: the image that it was made from elsewhere.

    Raises:
        ImagingError: it cannot be read, or is the parent unchanged.
        StoreError: the disk refuses.
    """
    picture = to_array(open_picture(path))
    pixels = pixel_hash(picture)
    if parent is not None and pixels == parent.pixels:
        raise ImagingError(f"{path.name} is the image as it was: save the change there first")
    image_id, folder = new_id(), project_folder(store.home, project)
    make_private_folder(folder / _ORIGINALS)
    suffix = path.suffix.lower() if path.suffix.lower() in _SUFFIXES else ".picture"
    copy_durably(path, folder / _ORIGINALS, f"{image_id}{suffix}")
    file = add_durably(folder, f"{image_id}-imported.png", png_bytes(picture))
    return keep_picture(
        store,
        project,
        image_id,
        file,
        pixels=pixels,
        size=(picture.shape[1], picture.shape[0]),
        origin=Origin.IMPORTED,
        parent=parent,
    )


def what_came(store: Store, parent: ImageRecord, child: ImageRecord) -> str:
    """What differs between an image and what came back, in words.

    Raises:
        ImagingError: one of them cannot be read.
        StoreError: the stored path leads out of the data folder.
    """
    before, after = (to_array(open_picture(store.images.file(one))) for one in (parent, child))
    return compare(before, after).in_words()
