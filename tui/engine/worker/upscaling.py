"""A picture made larger by a super-resolution model, tile by tile."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from tui.domain.lora import SUFFIX
from tui.domain.text import clean
from tui.engine.upscalers import Upscaler
from tui.engine.worker.drawing import StoppedError
from tui.engine.worker.effort import NoMemoryError
from tui.engine.worker.esrgan import load_esrgan
from tui.engine.worker.loading import LoadingError
from tui.engine.worker.placement import Placement
from tui.engine.worker.running_out import give_back, ran_out
from tui.engine.worker_messages import BatchStep, Enlarged, RunBatch, SteppedDown
from tui.imaging.pixels import Levels, open_picture, to_array
from tui.imaging.upscale import Upscale

TILES = (256, 128, 64)
"""Pixels a side of a tile before it is enlarged; the smaller ones are for little memory."""
_MARGIN = 16
"""Pixels around a tile that the model sees and that are cut off: they are the neighbours'."""
_GRID = 16
"""Pixels; sides of what a model is given are a multiple of it, by repeating the border."""

Say = Callable[..., None]
Network = Callable[[Tensor], Tensor]


def enlarge(
    batch: RunBatch,
    placement: Placement,
    *,
    send: Say,
    stopped: Callable[[], bool],
    make_room: Callable[[], bool],
) -> None:
    """Enlarge the picture that a batch starts from, and send it.

    Args:
        batch: the model is one that enlarges.
        placement: where; always in float32, which shows no banding, and of which a newer GPU rounds
            the factors of its convolutions (TF32), as torch has it by itself.
        send: told of tiles as steps, of less memory, and of the picture.
        stopped: whether somebody cancelled it.
        make_room: gives up what else the worker has in memory; whether there was anything.

    Raises:
        StoppedError: it was cancelled.
        NoMemoryError: there is none even for small tiles.
        LoadingError: the model cannot be loaded.
        ImagingError: the picture cannot be read.
    """
    begun = time.monotonic()
    picture = to_array(open_picture(batch.init_image))
    tiles = list(TILES)
    while (larger := _tried(batch, placement, picture, tiles[0], send, stopped)) is None:
        # Not before: while the error lives its traceback holds what it ran out with.
        give_back()
        if make_room():
            said = "the model that draws was put away"
        else:
            del tiles[0]
            if not tiles:
                raise NoMemoryError(
                    f"there is no memory to enlarge a picture with {_name(batch)}: end what else "
                    "uses the device, or choose a smaller model"
                )
            said = f"going on in tiles of {tiles[0]} pixels"
        send(SteppedDown(batch.batch, f"memory ran out while enlarging: {said}"))
    operation = Upscale(
        _name(batch), batch.model.revision, batch.model.enlarges, tiles[0], placement.name
    )
    height, width = larger.shape[:2]
    seconds = time.monotonic() - begun
    send(Enlarged(batch.batch, operation, width, height, seconds), larger.tobytes())


def _name(batch: RunBatch) -> str:
    return Upscaler(batch.model.reference, batch.model.enlarges).name


def _tried(
    batch: RunBatch,
    placement: Placement,
    picture: Levels,
    tile: int,
    send: Say,
    stopped: Callable[[], bool],
) -> Levels | None:
    """The picture, larger; None where memory ran out."""

    def told(done: int, of: int) -> None:
        send(BatchStep(batch.batch, done, of))

    try:
        network = _loaded(batch, placement.device)
        scale = batch.model.enlarges
        return _in_tiles(network, picture, scale, tile, placement.device, told, stopped)
    except Exception as error:
        if ran_out(error):
            return None
        raise


def _loaded(batch: RunBatch, device: str) -> Network:
    path, shown = Path(batch.model.folder), clean(batch.model.reference, limit=300)
    try:
        if path.suffix.lower() == SUFFIX:
            return load_esrgan(path).eval().to(device)
        from transformers import Swin2SRForImageSuperResolution

        swin = Swin2SRForImageSuperResolution.from_pretrained(path, local_files_only=True)
        swin = swin.float().eval().to(device)
        return lambda picture: swin(picture).reconstruction
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if ran_out(error):
            raise
        said = clean(str(error), limit=300)
        raise LoadingError(
            f"the super-resolution model {shown} cannot be read: {said}; get it again"
        ) from error


def _in_tiles(
    network: Network,
    picture: Levels,
    scale: int,
    tile: int,
    device: str,
    on_tile: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> Levels:
    """The whole picture, so many times larger; uint8, height × width × 3."""
    height, width = picture.shape[:2]
    larger = np.empty((height * scale, width * scale, 3), np.uint8)
    places = list(_places(height, width, tile))
    for number, (top, left) in enumerate(places, 1):
        if stopped():
            raise StoppedError
        bottom, right = min(top + tile, height), min(left + tile, width)
        above, before = min(_MARGIN, top), min(_MARGIN, left)
        seen = picture[top - above : bottom + _MARGIN, left - before : right + _MARGIN]
        found = _enlarged(network, seen, scale, device)
        found = found[above * scale :, before * scale :]
        rows, columns = (bottom - top) * scale, (right - left) * scale
        larger[top * scale : bottom * scale, left * scale : right * scale] = found[:rows, :columns]
        on_tile(number, len(places))
    return larger


def _places(height: int, width: int, tile: int) -> Iterator[tuple[int, int]]:
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            yield top, left


@torch.inference_mode()
def _enlarged(network: Network, picture: Levels, scale: int, device: str) -> Levels:
    """One tile with its margin; uint8, height × width × 3."""
    height, width = picture.shape[:2]
    given = torch.from_numpy(picture.copy()).to(device).permute(2, 0, 1)[None].float() / 255
    padding = (0, -width % _GRID, 0, -height % _GRID)
    found = network(functional.pad(given, padding, mode="replicate"))
    found = found[0, :, : height * scale, : width * scale].clamp(0, 1) * 255
    levels: Levels = found.round().byte().permute(1, 2, 0).cpu().numpy()
    return levels
