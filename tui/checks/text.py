"""Text in a picture, by rapidocr. Only a check's own process imports what is needed here."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tui.domain.found import Area, AreaKind, Box
from tui.imaging.pixels import to_array

MOST_THREADS = 4
"""Threads that help; beyond, many processors only wait for each other."""
_PARTS = {"Det": "*_det_*.onnx", "Rec": "*_rec_*.onnx"}
"""Its two models, as they lie in the package."""


def load() -> None:
    """Import what is needed; it raises where that cannot be done."""
    import onnxruntime  # noqa: F401
    import rapidocr  # noqa: F401


def find(picture: Image.Image) -> tuple[Area, ...]:
    """Every line that is read, in reading order.

    Args:
        picture: mode RGB.

    Raises:
        FileNotFoundError: the package came without its models.
    """
    # The package means colours as OpenCV has them.
    read = _reader()(np.ascontiguousarray(to_array(picture)[:, :, ::-1]))
    if read.boxes is None:
        return ()
    lines = zip(read.boxes, read.txts, read.scores, strict=True)
    return tuple(
        Area(AreaKind.TEXT, _around(corners), text, round(float(sure), 3))
        for corners, text, sure in lines
        # What has neither a letter nor a digit is a pattern that looked like text.
        if any(sign.isalnum() for sign in text)
    )


def _reader() -> Any:
    from rapidocr import RapidOCR

    given = {f"{part}.model_path": str(path) for part, path in _models()}
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    return RapidOCR(
        params={
            **given,
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        }
    )


def _models() -> Iterator[tuple[str, Path]]:
    """The models in the package: named here, none is ever looked for on the network."""
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    for part, pattern in _PARTS.items():
        found = next(iter(sorted(folder.glob(pattern))), None)
        if found is None:
            raise FileNotFoundError("rapidocr came without its models: install version 3.10")
        yield part, found


def _around(corners: Any) -> Box:
    """The upright box around four corners."""
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    return int(left), int(top), int(right), int(bottom)
