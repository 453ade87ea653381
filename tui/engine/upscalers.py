"""Super-resolution models: what a file or a folder of one says of itself. Nothing imports torch.

Two kinds are known: ESRGAN's network in one safetensors file, whose tensors go by three sets of
names, and a folder of transformers' Swin2SR.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tui.domain.lora import SUFFIX
from tui.domain.text import clean
from tui.engine.json_file import json_table
from tui.engine.models import PICKLES, ModelError, check_weights_folder, folder_revision
from tui.engine.safetensors_header import WeightsError, read_weights
from tui.engine.worker_messages import ModelPlace
from tui.store.errors import StoreError
from tui.store.files import known_sha256

LARGEST_SCALE = 8

_HOLDERS = ("params_ema.", "params.", "module.")
"""What training programs put before every name."""
_ESRGAN = (
    (r"conv_first", "first"),
    (r"(?:body|RRDB_trunk)\.(\d+)\.(?:rdb|RDB)([123])\.conv([1-5])", "blocks.{0}.{1}.{2}"),
    (r"(?:conv_body|trunk_conv)", "trunk"),
    (r"(?:conv_up|upconv)([1-3])", "ups.{0}"),
    (r"(?:conv_hr|HRconv)", "wide"),
    (r"conv_last", "last"),
    (r"model\.0", "first"),
    (r"model\.1\.sub\.(\d+)\.RDB([123])\.conv([1-5])\.0", "blocks.{0}.{1}.{2}"),
    (r"model\.1\.sub\.\d+", "trunk"),
)
"""Tensors as the three programs name them that ESRGANs come from, and as `worker.esrgan` does."""
_NUMBERED = re.compile(r"model\.(\d+)\.(?:weight|bias)")

Shape = tuple[int, ...]


class Upscaler(msgspec.Struct, frozen=True):
    """One that is on this machine."""

    reference: str
    """Absolute path of its file or folder."""
    scale: int
    """How many times longer the sides of a picture become."""

    @property
    def name(self) -> str:
        """As a person calls it."""
        path = Path(self.reference)
        return clean(path.stem if path.suffix.lower() == SUFFIX else path.name, limit=80)


def upscaler_at(reference: str) -> Upscaler | None:
    """The super-resolution model of a path; None where there is something else, or nothing.

    Raises:
        ModelError: it is one, and cannot be used.
    """
    path = Path(reference)
    if not path.is_absolute():
        return None
    if path.is_file():
        return _esrgan(path) if path.suffix.lower() == SUFFIX else None
    config = json_table(path / "config.json")
    if config is None or config.get("model_type") != "swin2sr":
        return None
    check_weights_folder(clean(reference, limit=300), path)
    scale = config.get("upscale", 2)
    return Upscaler(reference, _checked_scale(path, scale))


def upscaler_place(reference: str) -> ModelPlace | None:
    """The same, as workers are told of it.

    Raises:
        ModelError: it is one, and cannot be used.
    """
    found = upscaler_at(reference)
    if found is None:
        return None
    path = Path(reference)
    try:
        revision = folder_revision(path) if path.is_dir() else f"file-{known_sha256(path)[:40]}"
    except (OSError, StoreError) as error:
        raise ModelError(
            f"{clean(reference, limit=300)} cannot be read: check its rights and the disk"
        ) from error
    return ModelPlace(reference, str(path.resolve()), revision, found.scale)


def upscalers_in(folders: Iterable[Path]) -> Iterator[Upscaler | str]:
    """All of them that lie directly in the folders, by name.

    Yields each, or a sentence on one that cannot be used; what is no upscaler is left out.
    """
    for folder in folders:
        try:
            paths = sorted(folder.iterdir())
        except OSError:
            continue
        for path in paths:
            if path.suffix.lower() in PICKLES:
                yield (
                    f"{clean(path.name, limit=80)} is a pickle file, which can run code when it is "
                    f"read: get it as {SUFFIX}"
                )
                continue
            try:
                found = upscaler_at(str(path.absolute()))
            except ModelError as error:
                yield str(error)
            else:
                if found is not None:
                    yield found


def named_as_ours(names: Iterable[str]) -> dict[str, str] | None:
    """The tensors of an ESRGAN by their names in `worker.esrgan`; None if one is of no ESRGAN.

    Returns:
        Our name to the file's.
    """
    theirs = list(names)
    numbers = [int(found[1]) for name in theirs if (found := _NUMBERED.search(name))]
    ours: dict[str, str] = {}
    for name in theirs:
        bare = name
        for holder in _HOLDERS:
            bare = bare.removeprefix(holder)
        layer, _dot, kind = bare.rpartition(".")
        our_layer = _our_layer(layer, max(numbers, default=0))
        if not our_layer or kind not in ("weight", "bias"):
            return None
        ours[f"{our_layer}.{kind}"] = name
    return ours if len(ours) == len(theirs) else None


def esrgan_sizes(shapes: dict[str, Shape]) -> dict[str, int] | None:
    """How large an ESRGAN is, by our names of its tensors; None if that cannot be.

    Returns:
        `features`, `growth`, `blocks`, `doublings` and `unshuffle`, the arguments of
        `worker.esrgan.Esrgan`.
    """
    first, dense = shapes.get("first.weight", ()), shapes.get("blocks.0.0.0.weight", ())
    last = shapes.get("last.weight", ())
    blocks = {int(name.split(".")[1]) for name in shapes if name.startswith("blocks.")}
    doublings = sum(name.startswith("ups.") and name.endswith(".weight") for name in shapes)
    unshuffle = {3: 1, 12: 2, 48: 4}.get(first[1]) if len(first) == 4 else None
    if unshuffle is None or len(dense) != 4 or last[:1] != (3,) or 2**doublings < unshuffle:
        return None
    return {
        "features": first[0],
        "growth": dense[0],
        "blocks": len(blocks),
        "doublings": doublings,
        "unshuffle": unshuffle,
    }


def _our_layer(layer: str, highest: int) -> str:
    """Our name of a layer; empty where it has none. The oldest files number their layers."""
    for pattern, ours in _ESRGAN:
        if matched := re.fullmatch(pattern, layer):
            first, *rest = matched.groups() or ("",)
            # Their blocks count from 0, all else from 1.
            numbers = [first if rest else _less(first), *map(_less, rest)]
            return ours.format(*numbers)
    if not (numbered := re.fullmatch(r"model\.(\d+)", layer)):
        return ""
    number = int(numbered[1])
    if number in (highest, highest - 2):
        return "last" if number == highest else "wide"
    return f"ups.{number // 3 - 1}" if number % 3 == 0 and number < highest - 2 else ""


def _less(number: str) -> str:
    return str(int(number) - 1) if number else ""


def _esrgan(path: Path) -> Upscaler | None:
    try:
        shapes = read_weights(path).shapes
    except WeightsError as error:
        raise ModelError(clean(str(error), limit=400)) from error
    ours = named_as_ours(shapes)
    sizes = esrgan_sizes({name: shapes[theirs] for name, theirs in ours.items()}) if ours else None
    if sizes is None:
        return None
    return Upscaler(str(path), _checked_scale(path, 2 ** sizes["doublings"] // sizes["unshuffle"]))


def _checked_scale(path: Path, scale: Any) -> int:
    if isinstance(scale, bool) or not isinstance(scale, int) or not 1 <= scale <= LARGEST_SCALE:
        raise ModelError(
            f"{clean(path.name, limit=80)} enlarges {clean(str(scale), limit=20)} times, which "
            f"cannot be: choose one for 1 to {LARGEST_SCALE} times"
        )
    return scale
