"""Lists the models, LoRAs and VAEs of this machine, as far as they tell it unloaded. No torch."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tui.domain.text import clean, model_name
from tui.engine.families import UNKNOWN, family_of
from tui.engine.fit import Shape, fit, shape_of
from tui.engine.hub import whole_snapshot
from tui.engine.hub_cache import Snapshot, cache_folder, is_pipeline, snapshots
from tui.engine.hub_parts import cached_files, cached_vaes, class_in
from tui.engine.model_facts import STARTER_LICENCE, card_licence
from tui.engine.model_folders import models_in, trouble_with
from tui.engine.model_messages import ListedModel, Place, Role
from tui.engine.model_parts import index_of, part_of, parts_of, precision_words, variant_in
from tui.engine.models import (
    STARTER,
    ModelError,
    check_folder,
    check_weights_folder,
    native_side,
    starter_folder,
)
from tui.engine.room import Room
from tui.engine.safetensors_header import WeightsError
from tui.engine.single_files import single_file

_DEEPEST, _MOST_FILES = 3, 5_000
_LARGEST_SIDE = 16_384
_MOST_LISTED = 2_000

_Signature = tuple[tuple[str, int, int], ...]
"""Name, bytes and time of every file: what was read of them is known as long as it is the same."""


@dataclass(frozen=True)
class _Found:
    """A model that is there, not looked at yet."""

    model: str
    name: str
    place: Place
    path: Path
    revision: str = ""
    role: Role = Role.MODEL


@dataclass(frozen=True)
class _Known:
    """What was read of a model, and of which files."""

    signature: _Signature
    listed: ListedModel
    shape: Shape | None


class Shelf:
    """The models of this machine; of what it has read once only the files' times are looked at."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def listed(self, folders: Iterable[str], room: Room) -> tuple[ListedModel, ...]:
        """The built-in model, what the hub's cache has by name, then those of the folders.

        Args:
            folders: absolute; what cannot be looked into is left out (see `troubles`).
            room: where each of them would have to fit.
        """
        known: dict[str, _Known] = {}
        models = []
        for found in _all_of(folders):
            if found.model in known or len(known) >= _MOST_LISTED:
                continue
            known[found.model] = self._looked_at(found)
            models.append(_with_fit(known[found.model], room))
        self._known = known
        return tuple(models)

    def _looked_at(self, found: _Found) -> _Known:
        try:
            signature = _signature(found.path)
            before = self._known.get(found.model)
            if before is not None and before.signature == signature:
                return before
            size = sum(size for _name, size, _time in signature)
            return _read(found, signature, size)
        except OSError as error:
            why = f"it cannot be read ({error.strerror}): check the rights of its files"
            return _Known((), _bare(found, clean(why, limit=400)), None)


def troubles(folders: Iterable[str]) -> tuple[str, ...]:
    """Why some of the folders, or the hub's cache, could not be looked into; a sentence each."""
    return tuple(trouble for folder in folders if (trouble := trouble_with(folder)))


def _all_of(folders: Iterable[str]) -> Iterator[_Found]:
    yield _Found(STARTER, STARTER, Place.BUILT_IN, starter_folder())
    for cached in _cached():
        yield _Found(cached.model, cached.model, Place.HUB, cached.folder, cached.commit)
    for role, parts in ((Role.LORA, cached_files()), (Role.VAE, cached_vaes())):
        for part in parts:
            name = part.reference
            yield _Found(name, name, Place.HUB, part.path, part.commit, role)
    for folder in folders:
        try:
            for path in models_in(Path(folder)):
                place = Place.FOLDER if path.is_dir() else Place.FILE
                yield _Found(str(path), model_name(str(path)), place, path)
        except OSError:
            continue


def _cached() -> list[Snapshot]:
    try:
        return [each for each in snapshots(cache_folder()) if is_pipeline(each.folder)]
    except OSError:
        return []


def _read(found: _Found, signature: _Signature, size: int) -> _Known:
    if found.role is not Role.MODEL or found.place is Place.FILE:
        return _Known(signature, _part(found, size), None)
    index = index_of(found.path)
    kind = index.get("_class_name")
    kind = clean(kind, limit=80) if isinstance(kind, str) else ""
    family = family_of(kind)
    side = native_side(found.path) or (0 if family is UNKNOWN else family.side)
    listed = msgspec.structs.replace(
        _bare(found, _trouble(found)),
        kind=kind,
        family=_family_words(found, kind),
        side=side if 0 < side <= _LARGEST_SIDE else 0,
        size=size,
        licence=STARTER_LICENCE if found.model == STARTER else card_licence(found.path),
    )
    if listed.trouble:
        return _Known(signature, listed, None)
    try:
        parts = parts_of(found.path, index)
        variant = variant_in(found.path, parts)
    except WeightsError as error:
        bare = msgspec.structs.replace(listed, trouble=clean(str(error), limit=400))
        return _Known(signature, bare, None)
    listed = msgspec.structs.replace(
        listed, parts=parts, precision=precision_words(parts), variant=variant
    )
    drawn = listed.side or UNKNOWN.side
    return _Known(signature, listed, shape_of(found.path, drawn, drawn))


def _part(found: _Found, size: int) -> ListedModel:
    """A LoRA, a VAE, or a model in one file; what the hub's cache has is chosen by its id."""
    if found.role is Role.VAE:
        return _autoencoder(found, size)
    listed = single_file(found.path)
    if found.place is Place.FILE:
        return listed
    snapshot = found.path.parents[found.model.count("/") - 2]
    return msgspec.structs.replace(
        listed,
        model=clean(found.model),
        name=clean(found.name, limit=120),
        place=found.place,
        revision=found.revision,
        licence=card_licence(snapshot),
    )


def _autoencoder(found: _Found, size: int) -> ListedModel:
    listed = msgspec.structs.replace(
        _bare(found, ""),
        role=Role.VAE,
        family=Role.VAE.value,
        kind=clean(class_in(found.path), limit=80),
        size=size,
        licence=card_licence(found.path),
    )
    try:
        check_weights_folder(listed.model, found.path)
        part = part_of(found.path, Role.VAE.value, listed.kind)
    except (ModelError, WeightsError) as error:
        return msgspec.structs.replace(listed, trouble=clean(str(error), limit=400))
    return msgspec.structs.replace(listed, parts=(part,), precision=precision_words((part,)))


def _family_words(found: _Found, kind: str) -> str:
    if found.model == STARTER:
        return STARTER
    family = family_of(kind)
    return kind.removesuffix("Pipeline") or "unknown" if family is UNKNOWN else family.name


def _trouble(found: _Found) -> str:
    """Why it cannot be drawn with; empty if it can."""
    if found.place is Place.HUB and whole_snapshot(found.model) is None:
        return "its download is not complete: download it again, and what is here is used"
    try:
        check_folder(found.model, found.path)
    except ModelError as error:
        return clean(str(error), limit=400)
    if clean(found.model) != " ".join(found.model.split()):
        return "its name has characters that cannot be shown: rename the folder"
    return ""


def _bare(found: _Found, trouble: str) -> ListedModel:
    return ListedModel(
        model=clean(found.model),
        name=clean(found.name, limit=120),
        place=found.place,
        folder=clean(str(found.path)),
        revision=found.revision,
        trouble=trouble,
    )


def _with_fit(known: _Known, room: Room) -> ListedModel:
    if known.shape is None:
        return known.listed
    return msgspec.structs.replace(known.listed, fit=fit(known.listed.parts, known.shape, room))


def _signature(path: Path) -> _Signature:
    """Raises OSError where a folder cannot be read."""
    if path.is_symlink() and not path.exists():
        return ((path.name, 0, 0),)
    if path.is_file():
        stat = path.stat()
        return ((path.name, stat.st_size, stat.st_mtime_ns),)
    found: list[tuple[str, int, int]] = []
    _walk(path, "", 0, found)
    return tuple(sorted(found))


def _walk(folder: Path, prefix: str, depth: int, found: list[tuple[str, int, int]]) -> None:
    for entry in os.scandir(folder):
        if len(found) >= _MOST_FILES:
            return
        if entry.is_dir():
            if depth < _DEEPEST:
                _walk(Path(entry.path), f"{prefix}{entry.name}/", depth + 1, found)
            continue
        try:
            stat = entry.stat()
        except OSError:
            continue  # a link to nothing
        found.append((prefix + entry.name, stat.st_size, stat.st_mtime_ns))
