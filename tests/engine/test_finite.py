"""A model whose numbers overflow draws nothing, and the person hears what would do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tui.engine.worker.finite import NotFiniteError, check_finite, check_pixels
from tui.store.jobs import JobState
from tui.store.paths import Home

from .helpers import request, run
from .tiny_models import save_tiny_model


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
async def test_a_network_that_gives_no_numbers_fails_the_job_in_words(
    warm: Home, tmp_path: Path, value: float
) -> None:
    model = save_tiny_model(tmp_path / "model", channels=4)
    file = model / "unet" / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    weights["conv_out.bias"] = torch.full_like(weights["conv_out.bias"], value)
    save_file(weights, file)
    view, _ = await run(warm, request(model=str(model), width=64, height=64))
    assert (view.state, view.images) == (JobState.FAILED, ())
    assert view.error.startswith("the model gave no numbers in float32: its weights, a LoRA or")


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_finite(torch.tensor([1.0, float("inf")]), "float16"),
        lambda: check_pixels(np.zeros((4, 4, 3), np.uint8), "float16"),
    ],
)
def test_where_numbers_are_narrow_another_precision_is_advised(check: Callable[[], None]) -> None:
    with pytest.raises(NotFiniteError, match='set precision = "float32" in'):
        check()


def test_a_black_picture_may_be_meant_where_nothing_overflows() -> None:
    check_pixels(np.zeros((4, 4, 3), np.uint8), "bfloat16")
    check_pixels(np.eye(4, dtype=np.uint8), "float16")
    check_finite(torch.zeros(3), "float16")
