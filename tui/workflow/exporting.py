"""Step 7: a signed-off image leaves as a file for others, and says what a model did in it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from tui.domain.check import SignOff
from tui.domain.lineage import Origin
from tui.domain.text import clean
from tui.imaging.source_type import COMPOSITE, GENERATED, source_type
from tui.store.errors import StoreError, explain
from tui.store.files import add_durably, sha256_of
from tui.store.ids import slug
from tui.store.images import ImageRecord
from tui.store.paths import shared_mode
from tui.store.store import Store
from tui.workflow.export_files import Form, Format, content_of, record_beside
from tui.workflow.export_packing import Said

_SUFFIXES: dict[Format, tuple[str, ...]] = {
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg"),
    "webp": (".webp",),
    "svg": (".svg",),
}
_PICTURES = frozenset(suffix for suffixes in _SUFFIXES.values() for suffix in suffixes)

_GENERATED = frozenset({Origin.GENERATED, Origin.ITERATED})
_BY_A_MODEL = _GENERATED | {Origin.INPAINTED}


class Exported(NamedTuple):
    """What was written for others."""

    path: Path
    sidecar: Path | None = None
    """The recipe beside it, as JSON, where that was wanted."""
    note: str = ""
    """A sentence on what to look at; empty where there is nothing to say."""


def export(
    store: Store,
    image: ImageRecord,
    sign_off: SignOff | None,
    *,
    target: Path,
    form: Form,
    waiver: str = "",
) -> Exported:
    """Write the image for others to use; nothing that is there already is replaced.

    The sign-off must be for the file as it is now, byte for byte. The recipe goes along (in a
    PNG as it is, elsewhere as A1111 writes it into EXIF, in an SVG as metadata), lies beside, or
    stays behind with all other metadata. Either way the file says what a model did, as the IPTC's
    digital source type in XMP: that is a disclosure, which others rely on, and no part of the
    recipe.

    Args:
        store: where the image is.
        image: what leaves.
        sign_off: the answers of the check; None where nothing was answered.
        target: a folder, in which the file is called after the project, or a file's own path.
        form: format, size and the rest.
        waiver: why the image leaves although items are open; kept with the sign-off.

    Returns:
        Where the file is, open to others as far as the user's umask lets it be.

    Raises:
        StoreError: it is not signed off, has changed since, or the target will not do.
        ImagingError: the file cannot be read, or does not fit into that form.
    """
    folder, name = _place(store, image, target, form.kind)
    with _taken(store, image) as taken:
        signed = _signed(image, sign_off, waiver, sha256_of(taken))
        stated = source_type(taken)
        said = Said(image.recipe, stated, stated or _disclosure(store, image))
        content = content_of(taken, form, said)
        beside = record_beside(taken) if form.recipe == "sidecar" else None
    if signed != sign_off:
        # The reason is on record before the image is out.
        store.sign_offs.update(image.id, signed)
    path = add_durably(folder, name, content.data, mode=shared_mode())
    if beside is None:
        return Exported(path, note=content.note)
    # Called after the whole name: the same picture as PNG and JPEG has two.
    sidecar = add_durably(folder, f"{path.name}.json", beside, mode=shared_mode())
    return Exported(path, sidecar, content.note)


def _signed(image: ImageRecord, sign_off: SignOff | None, waiver: str, digest: str) -> SignOff:
    """The sign-off that lets the file out, with the waiver if that is what does."""
    signed = SignOff(sha256=image.sha256, items=()) if sign_off is None else sign_off
    if not signed.complete and clean(waiver):
        signed = msgspec.structs.replace(signed, waiver=clean(waiver))
    if digest != signed.sha256:
        raise StoreError("the image's file is not the one that was checked: check it again")
    if not signed.allows_export(digest):
        left = sum(not item.settled for item in signed.items)
        what = (
            f"{left} of {len(signed.items)} points of the check are open"
            if left
            else "nothing of the check is answered"
        )
        raise StoreError(f"{what}: answer them, or say why the image leaves without")
    return signed


def _place(store: Store, image: ImageRecord, target: Path, kind: Format) -> tuple[Path, str]:
    """The folder and the name of the file to be."""
    try:
        target = target.expanduser().absolute()
    except (RuntimeError, OSError) as error:
        raise StoreError(f"{target} leads nowhere: give another folder") from error
    suffixes = _SUFFIXES[kind]
    if target.is_dir():
        folder, name = target, slug(store.projects.get(image.project_id).slug) + suffixes[0]
    else:
        folder, name = target.parent, target.name
        suffix = target.suffix.lower()
        if suffix not in suffixes and suffix in _PICTURES:
            raise StoreError(f"{name} does not fit a {kind} file: let it end in {suffixes[0]}")
        name = name if suffix in suffixes else name + suffixes[0]
    if clean(name) != name:
        raise StoreError(f"“{name}” is no name that can be shown: choose a plain one")
    if not folder.is_dir():
        raise StoreError(f"there is no folder {folder}: make it first, or choose another")
    if folder.resolve().is_relative_to(store.home.data.resolve()):
        raise StoreError(f"{folder} is where Keepers keeps its own files: choose another folder")
    return folder, name


@contextmanager
def _taken(store: Store, image: ImageRecord) -> Iterator[Path]:
    """A private copy of the file: what is hashed is then what leaves, whoever writes meanwhile."""
    source = store.images.file(image)
    try:
        with tempfile.TemporaryDirectory(dir=store.home.cache, prefix="export-") as folder:
            yield Path(shutil.copyfile(source, Path(folder, source.name)))
    except OSError as error:
        raise StoreError(explain(error, f"export {source}")) from error


def _disclosure(store: Store, image: ImageRecord) -> str | None:
    """The digital source type of a file that states none, from its lineage."""
    origins = {made.origin for made in store.images.line(image.id)}
    if not origins & _BY_A_MODEL:
        return None
    return GENERATED if origins <= _GENERATED else COMPOSITE
