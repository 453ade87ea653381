"""The folder that `--out` names, and the model that `--model` names."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tui.cli.errors import Sentence
from tui.domain.text import clean
from tui.engine.messages import ImageView
from tui.store.errors import StoreError
from tui.store.files import copy_durably


def model_reference(given: str | None, default: str) -> str:
    """A model as the engine wants it named: folders absolute, whatever the working directory.

    Raises:
        Sentence: it is empty, or no name at all.
    """
    reference = default if given is None else given
    if not reference.strip():
        raise Sentence("--model is empty: give starter, a diffusers folder, or a hub id")
    if clean(reference) != " ".join(reference.split()):
        raise Sentence("--model has characters that cannot be shown: rename the folder")
    if reference == "starter":
        return reference
    try:
        path = Path(reference).expanduser()
        if not reference.startswith((".", "/", "~")) and not path.exists():
            return reference
        return str(path.resolve() if ".." in path.parts else path.absolute())
    except (OSError, RuntimeError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        shown = clean(reference, limit=80)
        raise Sentence(f"there can be no model “{shown}” ({why}): check the path") from error


@contextmanager
def out_folder(given: str | None) -> Iterator[Path | None]:
    """The folder for copies, made now if it is missing, and gone again if nothing came of it.

    Raises:
        Sentence: it cannot be written; known before anything is drawn.
    """
    if given is None:
        yield None
        return
    made: list[Path] = []
    try:
        yield _usable_folder(given, made)
    finally:
        # What is in use is not empty, and stays.
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _usable_folder(given: str, made: list[Path]) -> Path:
    """The absolute folder; those on the way that had to be made are added to `made`."""
    if not given:
        raise Sentence("--out is empty: name a folder, or . for this one")
    out, shown = Path(given).absolute(), clean(given, limit=300)
    try:
        made += [folder for folder in (out, *out.parents) if not folder.exists()]
        out.mkdir(parents=True, exist_ok=True)
        usable = os.access(out, os.W_OK | os.X_OK)
    except FileExistsError as error:
        raise Sentence(f"--out {shown} is a file: choose a folder") from error
    except OSError as error:
        raise Sentence(
            f"--out {shown} cannot be made ({error.strerror}): choose another"
        ) from error
    if not usable:
        raise Sentence(f"--out {shown} cannot be written to: choose another folder")
    return out


def copies(images: tuple[ImageView, ...], out: Path | None) -> list[ImageView]:
    """The images, copied into `out` where it is given.

    Raises:
        Sentence: a copy could not be made; each that was made is whole.
    """
    if out is None:
        return list(images)
    placed = []
    for image in images:
        source = Path(image.path)
        try:
            target = copy_durably(source, out, source.name)
        except StoreError as error:
            raise Sentence(f"{error}; the images are kept in {source.parent}") from error
        placed.append(msgspec.structs.replace(image, path=str(target)))
    return placed
