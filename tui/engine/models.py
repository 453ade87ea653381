"""From the name of a model to a folder that is safe to load.

Nothing in here imports torch: a broken, foreign or dangerous model is refused before a worker
hears of it.
"""

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tui.domain.text import clean
from tui.engine.components import AUTOENCODERS, DENOISERS, PRIORS, config_of
from tui.engine.halves import half_in_words
from tui.engine.hub_reference import hub_reference
from tui.engine.json_file import json_table
from tui.engine.safetensors_header import WeightsError, check_weights
from tui.engine.worker_messages import ModelPlace

STARTER = "starter"

LIBRARIES = frozenset(("diffusers", "transformers"))
"""Whose classes a model's components may be, beside those that come with a pipeline."""
_WEIGHTS = (*DENOISERS, *PRIORS, *AUTOENCODERS, "text_encoder", "text_encoder_2",
            "text_encoder_3", "image_encoder", "prior_text_encoder")  # fmt: skip
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
"""How files are called that can run code when they are read."""
_COLOURS = 3
_CASCADED = 128
"""Pixels that both stages of a cascade make whole cells of: 42⅔ of them are one of the first."""
_SAMPLE = 2**20
"""Bytes hashed at the start and the end of a large file."""


class ModelError(ValueError):
    """A model that cannot be used; the message is one sentence for the person."""


def starter_folder() -> Path:
    """The folder of the built-in model."""
    import tui.starter

    return Path(tui.starter.__file__).parent / "model"


def usual_context(reference: str, side: int = 0) -> int:
    """Pixels around a mask that an inpainting usually sees.

    Args:
        reference: of the model.
        side: the shorter side of the picture, in pixels; more of a large one is seen.
    """
    # The starter fills whatever it is given to draw, and so would paint over the mask's edge.
    return 0 if reference == STARTER else max(16, side // 8)


def is_hub_id(reference: str) -> bool:
    """Whether it is `owner/name` on the hub, with `@revision` if wished; folders are absolute."""
    found = hub_reference(reference)
    return found is not None and not found.file


def local_model(reference: str) -> ModelPlace:
    """The model in a folder of this machine, checked.

    Args:
        reference: `starter` or an absolute folder.

    Raises:
        ModelError: not there, broken, truncated, or not safe to load.
    """
    if reference != STARTER and not Path(reference).is_absolute():
        # The engine's working directory is not the person's.
        raise ModelError(
            f"there is no model {clean(reference, limit=300)}: give `starter`, the whole path of "
            "a folder, or a hub id such as owner/name"
        )
    folder = starter_folder() if reference == STARTER else Path(reference)
    return checked_place(reference, folder)


def checked_place(reference: str, folder: Path, revision: str = "") -> ModelPlace:
    """A folder's place once it has passed every check; without a revision it is hashed."""
    check_folder(reference, folder)
    try:
        return ModelPlace(reference, str(folder.resolve()), revision or folder_revision(folder))
    except OSError as error:
        raise _unreadable(reference, error) from error


def check_folder(reference: str, folder: Path) -> None:
    """Refuse a folder that is broken, cut short, or not safe to load.

    Raises:
        ModelError: with what would do.
    """
    shown = clean(reference, limit=300)
    index = _model_index(shown, folder)
    class_name = index.get("_class_name")
    if not isinstance(class_name, str):
        raise ModelError(
            f"{shown} brings a pipeline with code of its own, which Keepers never runs: "
            "choose a model that diffusers knows"
        )
    if half := half_in_words(class_name):
        raise ModelError(f"{shown} {half}")
    for component, value in index.items():
        if not component.startswith("_"):
            _check_component(shown, folder, component, value)


def _unreadable(reference: str, error: OSError) -> ModelError:
    return ModelError(
        f"{clean(reference, limit=300)} cannot be read ({error.strerror}): "
        "check the rights of its files and the disk"
    )


def folder_revision(folder: Path) -> str:
    """A hash over names, sizes and content of a model folder's files.

    Of files above 4 MiB only the first and last MiB are read, so that 24 GB of weights take
    milliseconds; any retraining changes those too.

    Raises:
        OSError: one of them cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        with path.open("rb") as file:
            if size <= 4 * _SAMPLE:
                digest.update(file.read())
            else:
                digest.update(file.read(_SAMPLE))
                file.seek(-_SAMPLE, 2)
                digest.update(file.read())
    return f"folder-{digest.hexdigest()[:40]}"


def native_side(folder: Path) -> int | None:
    """Pixels a side that the model was trained on, where its configuration says so."""
    size = config_of(folder, DENOISERS).get("sample_size")
    return size * vae_factor(folder) if isinstance(size, int) else None


def size_multiple(folder: Path) -> int:
    """Pixels that both sides of a picture must be a multiple of."""
    # Pipelines insist on eight also where the autoencoder shrinks by less.
    factor = max(8, vae_factor(folder))
    if (folder / "movq").is_dir():
        return factor * 8  # what these draw is cut to eight cells of the latent
    if (folder / "vqgan").is_dir():
        return _CASCADED
    transformer = json_table(folder / "transformer" / "config.json")
    if transformer is None:
        return factor
    patch = transformer.get("patch_size")
    if _draws_pixels(folder):
        return max(factor, patch) if isinstance(patch, int) else factor
    # Most cut the latent into patches of two; where they read its cells as they are, they do not.
    read = transformer.get("in_channels")
    made = config_of(folder, AUTOENCODERS).get("latent_channels")
    whole = patch in (1, [1, 1]) and read is not None and read == made
    return factor if whole else 2 * factor


def check_size(place: ModelPlace, width: int, height: int) -> None:
    """Refuse sizes the model cannot draw.

    Raises:
        ModelError: not a multiple of what it needs, or far beyond what the model was trained on.
    """
    if place.enlarges:
        return  # whatever there is, it makes larger
    folder = Path(place.folder)
    factor = size_multiple(folder)
    if width % factor or height % factor:
        nearest = [max(factor, round(side / factor) * factor) for side in (width, height)]
        raise ModelError(
            f"{place.reference} draws sizes in multiples of {factor}, not {width} × {height}: "
            f"choose {nearest[0]} × {nearest[1]}"
        )
    native = native_side(folder)
    if native is not None and max(width, height) > 8 * native:
        raise ModelError(
            f"{place.reference} was trained on {native} × {native}, and {width} × {height} is "
            f"beyond 8 times a side: draw at most {8 * native} and enlarge the result"
        )


def vae_factor(folder: Path) -> int:
    """Pixels a side that become one cell of the latent."""
    if _draws_pixels(folder):
        return 1
    config = config_of(folder, AUTOENCODERS)
    blocks = config.get("encoder_block_out_channels") or config.get("block_out_channels")
    # Anybody may have written the file; no autoencoder has more than a handful of stages.
    if isinstance(blocks, list) and 0 < len(blocks) < 10:
        return int(2 ** (len(blocks) - 1))
    levels = config.get("levels")
    return int(2**levels) if isinstance(levels, int) and 0 < levels < 10 else 8


def _draws_pixels(folder: Path) -> bool:
    """Whether the network reads red, green and blue."""
    is_alone = not any((folder / name).is_dir() for name in AUTOENCODERS)
    return is_alone and config_of(folder, DENOISERS).get("in_channels") == _COLOURS


def _model_index(shown: str, folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        if folder.is_file() and folder.suffix in PICKLES:
            raise ModelError(
                f"{shown} is a pickle file, which can run code when it is read: "
                "get the model as a diffusers folder with safetensors"
            )
        if folder.is_file():
            raise ModelError(
                f"{shown} is a file: give the diffusers folder that holds the model, or make one "
                "with “keepers models convert”"
            )
        raise ModelError(f"there is no model folder {shown}: check the path, or give a hub id")
    file = folder / "model_index.json"
    if not file.is_file():
        raise ModelError(
            f"{shown} has no model_index.json, so it is not a diffusers folder: "
            "give the folder that holds one"
        )
    index = json_table(file)
    if index is None:
        raise ModelError(
            f"{shown} has a model_index.json that cannot be read: download or copy the model again"
        )
    return index


def _check_component(shown: str, folder: Path, component: str, value: object) -> None:
    if not isinstance(value, list) or len(value) != 2:
        return
    library = value[0]
    if library is None:
        return
    if not isinstance(library, str) or not (library in LIBRARIES or _is_in_diffusers(library)):
        raise ModelError(
            f"{shown} wants its {clean(component, limit=60)} from "
            f"“{clean(str(library), limit=60)}”, which is code that Keepers never runs: "
            "choose a model that diffusers knows"
        )
    part = folder / component
    if not _is_name(component) or not part.is_dir():
        raise ModelError(
            f"{shown} is incomplete, its folder {clean(component, limit=60)} is missing: "
            "download or copy the model again"
        )
    if component in _WEIGHTS or (library not in LIBRARIES and "tokenizer" not in component):
        check_weights_folder(shown, part)


@lru_cache(maxsize=64)
def _is_in_diffusers(library: str) -> bool:
    """Whether a library is a folder of diffusers' own pipelines, as that of safety checkers is."""
    found = find_spec("diffusers")
    if found is None or found.origin is None or not library.isidentifier():
        return False
    pipelines = Path(found.origin).parent / "pipelines"
    return any((each / library / "__init__.py").is_file() for each in _shelves(pipelines))


def _shelves(pipelines: Path) -> tuple[Path, Path]:
    """Where diffusers keeps its pipelines: old ones move."""
    return pipelines, pipelines / "deprecated"


def check_weights_folder(shown: str, part: Path) -> None:
    """Refuse a folder of weights that are missing, broken, cut short or pickles.

    Args:
        shown: what the model is called, harmless.
        part: the folder.

    Raises:
        ModelError: it says which.
    """
    weights = sorted(part.glob("*.safetensors"))
    if not weights:
        if any(True for suffix in PICKLES for _ in part.glob(f"*{suffix}")):
            raise ModelError(
                f"{shown} has its {part.name} only as a pickle file, which can run code when it "
                "is read: get the model with safetensors"
            )
        raise ModelError(
            f"{shown} is incomplete, {part.name} has no weights: download or copy the model again"
        )
    for index in part.glob("*.safetensors.index.json"):
        shards = (json_table(index) or {}).get("weight_map", {})
        names = {str(shard) for shard in shards.values()} if isinstance(shards, dict) else set()
        for shard in sorted(names):
            if not _is_name(shard) or not (part / shard).is_file():
                raise ModelError(
                    f"{shown} is incomplete, {part.name} lacks {clean(shard, limit=80)}: "
                    "download or copy the model again"
                )
    for path in weights:
        try:
            check_weights(path)
        except WeightsError as error:
            raise ModelError(str(error)) from error


def _is_name(text: str) -> bool:
    """Whether it names something inside a folder, and never the folder above."""
    return Path(text).name == text and text != ".."
