"""Whether a model will fit: an estimate from headers and configurations, before anything is loaded.

    needed = weights + max(denoiser × images, autoencoder × images that are decoded together)
             + what the libraries themselves hold

- Weights are those of every component, for a worker keeps all of them on the device. Numbers with
  a fraction are loaded in the worker's precision, whatever they are on disk; others stay.
- The denoiser's share is what is alive at the widest place of the network: for a U-Net some tens of
  maps as large as the latent and as deep as its first stage (skips, the wide half of its
  feed-forward layers, attention); for a transformer some tens of rows as long as its width, one for
  each token of the picture and of the text. Attention itself is computed without its square matrix
  by every kernel that torch has for these sizes. Guidance draws each image twice.
- The autoencoder's last stage is the widest: a few maps of the whole picture, as deep as its second
  stage. Most pipelines decode all images at once, and some in float32 what was drawn in float16.
  Denoiser and autoencoder do not run at once.
- The libraries hold half a gigabyte on a processor, and their convolutions a little more; CUDA's
  context and workspaces take about as much of a GPU.

Measured on a processor in float32, the peak of the worker in MB beside this estimate: the starter
547 (789); a Stable Diffusion of 420 million numbers 2611 (2717) at 256 × 256 and 3567 (3723) at
512 × 512, one image each, and 3762 (3723) with four.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.engine.components import (
    AUTOENCODERS,
    DECODED_APART,
    DENOISERS,
    autoencoder_folder,
    config_of,
)
from tui.engine.model_messages import Fit, ModelPart, Verdict
from tui.engine.model_parts import class_name_of, index_of, parts_of
from tui.engine.models import size_multiple, vae_factor
from tui.engine.room import Room
from tui.engine.safetensors_header import WeightsError

_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1}
"""Of a number in each type with a fraction, as safetensors names it."""
_LOADED = {"float32": 4, "bfloat16": 2, "float16": 2, "float8": 2}
_SMALL = "float8"
"""The precision in which the denoiser alone has a byte for a number."""
_U_NETS = ("unet", "decoder")
_MAPS = 40
"""Maps of the latent's size and the first stage's depth that a U-Net keeps at once."""
_ROWS = 30
"""Rows of the transformer's width that it keeps at once for each token."""
_TEXT_TOKENS = 512
_DECODED = 5
"""Maps of the whole picture, as deep as the second stage, that an autoencoder keeps at once."""
_LIBRARIES = 700 * 10**6
"""Bytes that the libraries hold beside any model."""
_USUAL_WIDTH, _USUAL_STAGES = 3072, (128, 256)
"""Of a network whose configuration does not say: those of the largest models that are usual."""
_SPARE = 0.95
"""Share of the free memory that may be planned with; allocators leave gaps."""


@dataclass(frozen=True)
class Shape:
    """What the estimate has to know of a model beside its weights, in numbers of values."""

    denoiser: int
    """Values that are alive for each image while it is denoised."""
    autoencoder: int
    """Values that are alive while one image is decoded."""
    decodes_together: bool = False
    """Whether all images are decoded at once."""
    decodes_precisely: bool = False
    """Whether that is done in float32 where the drawing is in float16."""


def fit(parts: tuple[ModelPart, ...], shape: Shape, room: Room) -> Fit:
    """Whether a model fits into the room, and how many images at once.

    On a GPU what does not fit as a whole may fit with its components on the GPU one after the other
    and the rest in the machine's memory (CPU offload).
    """
    width = _LOADED.get(room.precision, 4)
    weights = [_loaded_bytes(part, _width_of(part, room.precision, width)) for part in parts]
    free, all_of_it = int(room.free * _SPARE), sum(weights)

    def with_images(base: int, images: int) -> int:
        denoising = shape.denoiser * images * width
        decoded = images if shape.decodes_together else 1
        precise = shape.decodes_precisely and room.precision == "float16"
        decoding = shape.autoencoder * decoded * (_LOADED["float32"] if precise else width)
        return base + max(denoising, decoding) + _LIBRARIES

    def answer(verdict: Verdict, at_once: int, needed: int) -> Fit:
        return Fit(
            verdict=verdict, at_once=at_once, wanted=room.images, needed=needed, weights=all_of_it,
            free=room.free, device=room.device, precision=room.precision,
        )  # fmt: skip

    if not room.is_known:
        return answer(Verdict.UNKNOWN, 0, with_images(all_of_it, room.images))
    for images in range(room.images, 0, -1):
        if (needed := with_images(all_of_it, images)) <= free:
            return answer(Verdict.FITS, images, needed)
    least = with_images(all_of_it, 1)
    if room.on_gpu:
        offloaded = with_images(max(weights, default=0), 1)
        if offloaded <= free and all_of_it <= room.memory * _SPARE:
            return answer(Verdict.OFFLOAD, 1, offloaded)
    return answer(Verdict.TOO_LARGE, 0, least)


def weights_in(folder: Path, precision: str) -> tuple[int, ...]:
    """Bytes that each part of a model takes once it is loaded; none where they cannot be read.

    Args:
        folder: of the model.
        precision: `float32`, `bfloat16`, `float16` or `float8`.
    """
    width = _LOADED.get(precision, 4)
    try:
        parts = parts_of(folder, index_of(folder))
        return tuple(_loaded_bytes(part, _width_of(part, precision, width)) for part in parts)
    except (WeightsError, OSError):
        return ()


def shape_of(folder: Path, width: int, height: int) -> Shape:
    """The shape of a model for a size in pixels, from its configurations."""
    return Shape(
        _denoiser(folder, width * height),
        _autoencoder(folder, width * height),
        decodes_together=class_name_of(folder) not in DECODED_APART,
        decodes_precisely=config_of(folder, AUTOENCODERS).get("force_upcast") is True,
    )


def _width_of(part: ModelPart, precision: str, width: int) -> int:
    return 1 if precision == _SMALL and part.name in DENOISERS else width


def _loaded_bytes(part: ModelPart, width: int) -> int:
    """Bytes of a component on the device, with `width` bytes for a number with a fraction."""
    return sum(
        size // _BYTES[kind] * width if kind in _BYTES else size
        for kind, size in part.kinds.items()
    )


def _denoiser(folder: Path, pixels: int) -> int:
    network = config_of(folder, DENOISERS)
    if any((folder / name).is_dir() for name in _U_NETS):
        depth = _first(network.get("block_out_channels"), _USUAL_STAGES[0] * 3)
        patch = network.get("patch_size")
        cell = vae_factor(folder) * (patch if isinstance(patch, int) and 0 < patch < 2**6 else 1)
        return 2 * _MAPS * depth * pixels // cell**2
    tokens = pixels // size_multiple(folder) ** 2 + _TEXT_TOKENS
    return 2 * _ROWS * _width(network) * tokens


def _width(config: dict[str, Any]) -> int:
    """Of a transformer, by whichever words its configuration has for it."""
    for name in ("inner_dim", "hidden_size", "dim", "model_dim"):
        if isinstance(found := config.get(name), int) and 0 < found < 2**16:
            return found
    heads, each = config.get("num_attention_heads"), config.get("attention_head_dim")
    if isinstance(heads, int) and isinstance(each, int) and 0 < heads * each < 2**16:
        return heads * each
    return _USUAL_WIDTH


def _autoencoder(folder: Path, pixels: int) -> int:
    if autoencoder_folder(folder) is None:
        return 0
    config = config_of(folder, AUTOENCODERS)
    stages = config.get("decoder_block_out_channels") or config.get("block_out_channels")
    depth = _first(stages[1:] if isinstance(stages, list) else None, 0) or _first(
        stages, _USUAL_STAGES[1]
    )
    return _DECODED * depth * pixels


def _first(found: object, otherwise: int) -> int:
    """The first number of a list in a file of anybody's, if it can be a depth."""
    numbers: Iterable[Any] = found if isinstance(found, list) else ()
    first = next(iter(numbers), None)
    return first if isinstance(first, int) and 0 < first < 2**16 else otherwise
