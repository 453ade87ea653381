"""The process that makes a diffusers folder of a model in one file; it tells as `telling` reads."""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers.loaders.single_file_utils import (
    SingleFileComponentError,
    fetch_diffusers_config,
    load_single_file_checkpoint,
)

from tui.domain.text import clean
from tui.engine.hub_cache import snapshot_of
from tui.engine.hub_download import hub_trouble
from tui.engine.hub_reference import HubReference
from tui.engine.model_parts import index_of, parts_of, variant_in
from tui.engine.models import LIBRARIES, ModelError
from tui.engine.safetensors_header import WeightsError, read_weights
from tui.engine.single_files import UNKNOWN, family_of_tensors
from tui.engine.telling import counting, tell
from tui.engine.worker.running_out import ran_out
from tui.store.deleting import disk_use
from tui.store.files import sha256_of

_CONFIGURATION = ["*.json", "**/*.json", "*.txt", "**/*.txt", "**/*.model"]
"""What of a repository says how a model is built and reads words."""
_TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_NAME_ONE = "name a whole model of its family that is on this machine, with --like"
_V_PREDICTION, _ZERO_SNR = "v_pred", "ztsnr"
"""Empty tensors by which some fine-tunes say how their scheduler has to work."""


def main(file: str, template: str, out: str) -> int:
    """Convert; 0, or 1 when the last line says why not.

    Args:
        file: the `.safetensors` file.
        template: a diffusers folder of the same family; empty to find its configuration.
        out: the folder to make.
    """
    name = clean(Path(file).name, limit=120)
    try:
        folder = Path(template or _configuration(file, name))
        tell(f"says reading {name}")
        pipe = _read(Path(file), folder, name)
        tell(f"says writing the folder of {name}")
        with counting(lambda: disk_use(Path(out)), read_weights(Path(file)).size):
            pipe.save_pretrained(out)
        _write_card(Path(file), Path(out))
    except (ModelError, WeightsError) as error:
        tell(str(error))
    except Exception as error:  # noqa: BLE001 - a foreign file can fail in any way
        tell(_sentence(name, error))
    else:
        return 0
    return 1


def _configuration(file: str, name: str) -> str:
    """The folder with the configuration of the model that diffusers takes a file's family from."""
    if family_of_tensors(read_weights(Path(file)).names) == UNKNOWN:
        raise ModelError(f"{name} does not tell of which family it is: {_NAME_ONE}")
    found = fetch_diffusers_config(load_single_file_checkpoint(file, local_files_only=True))
    model = found["pretrained_model_name_or_path"]
    reference = HubReference(model)
    folder = snapshot_of(reference)
    if folder is not None and (folder / "model_index.json").is_file():
        return str(folder)
    from huggingface_hub import snapshot_download

    tell(f"says fetching the configuration of {model}")
    try:
        return snapshot_download(model, allow_patterns=_CONFIGURATION)
    except Exception as error:
        why = hub_trouble(reference, error, _NAME_ONE)
        raise ModelError(f"{name} needs the configuration of {model}: {why}") from error


def _read(file: Path, folder: Path, name: str) -> Any:
    """The pipeline, with what the file lacks taken from the folder."""
    index = index_of(folder)
    kind = str(index.get("_class_name", ""))
    read = getattr(getattr(diffusers, kind, None), "from_single_file", None)
    if read is None:
        raise ModelError(
            f"{clean(kind, limit=80) or 'this'} is no pipeline that files such as {name} are made "
            f"for: {_NAME_ONE}"
        )
    weights, taken = read_weights(file), dict[str, Any]()
    dtype = _TYPES.get(max(weights.kinds, key=lambda of: weights.kinds[of]), torch.bfloat16)
    pipe = None
    while pipe is None:
        try:
            pipe = read(str(file), config=str(folder), dtype=dtype, local_files_only=True, **taken)
        except SingleFileComponentError as error:
            lacking = _lacking(index, str(error)) - taken.keys()
            if not lacking:
                raise
            for part in sorted(lacking):
                tell(f"says {name} has no {part}: it is taken from the other model")
            taken |= _taken(folder, index, lacking, dtype, name)
    if _V_PREDICTION in weights.names:
        pipe.scheduler = type(pipe.scheduler).from_config(
            pipe.scheduler.config,
            prediction_type="v_prediction",
            rescale_betas_zero_snr=_ZERO_SNR in weights.names,
        )
    return pipe


def _lacking(index: dict[str, Any], says: str) -> set[str]:
    """The components of the class that diffusers says a file has no weights for."""
    found = re.search(r"Failed to load (\w+)", says)
    kind = found[1] if found else ""
    return {part for part, value in index.items() if isinstance(value, list) and value[1] == kind}


def _taken(
    folder: Path, index: dict[str, Any], parts: set[str], dtype: torch.dtype, name: str
) -> dict[str, Any]:
    """Components of a folder that a file lacks."""
    there = parts_of(folder, index)
    if missing := sorted(parts - {part.name for part in there}):
        raise ModelError(
            f"{name} has no {' and no '.join(missing)}, and the configuration alone is no help: "
            f"{_NAME_ONE}"
        )
    variant = variant_in(folder, there) or None
    found = {}
    for part in parts:
        library, kind = index[part]
        if library not in LIBRARIES:
            raise ModelError(f"{name} lacks {part}, whose code Keepers does not run")
        cls = getattr(importlib.import_module(library), kind)
        found[part] = cls.from_pretrained(
            folder / part, dtype=dtype, variant=variant, use_safetensors=True, local_files_only=True
        )
    return found


def _write_card(file: Path, out: Path) -> None:
    """Where it is from: the licence is the file's, and nobody knows it here."""
    (out / "README.md").write_text(
        f"Made from `{clean(file.name, limit=200)}` (SHA-256 {sha256_of(file)}) with diffusers "
        f"{diffusers.__version__}. Its licence is the one that came with that file.\n",
        encoding="utf-8",
    )


def _sentence(name: str, error: Exception) -> str:
    if ran_out(error):
        return f"{name} does not fit into this machine's memory while it is converted: free some"
    return (
        f"{name} cannot be read as a model ({type(error).__name__}: {clean(str(error), limit=300)})"
        f": {_NAME_ONE}"
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
